// A daemon that says anything: what its services and tools show of it.
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  decodeMessage,
  encodeMessage,
  LENGTH_BYTES,
} from '../../../shared/port-sharing/handshake/codec.ts';
import { PROTOCOL_VERSION } from '../../../shared/port-sharing/handshake/messages.ts';
import { PORT_SHARING, privateDirectory, runCommand, SERVICE } from '../../helpers/command.ts';
import { expectHarmless, HOSTILE } from '../../helpers/hostile-text.ts';

/** `CLOSE` ends the connection. */
type Answers = Readonly<Record<string, object | typeof CLOSE>>;
const CLOSE = 'close';

const WELCOME = {
  type: 'welcome',
  protocol: PROTOCOL_VERSION,
  version: HOSTILE,
  pid: 1,
  transfer: 'relay',
  token: HOSTILE,
};

/** Listens as a daemon does. @param answers by the type of the message that each answers */
async function daemonThatSays(answers: Answers): Promise<string> {
  const directory = privateDirectory();
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const server = createServer((socket) => {
    let read = Buffer.alloc(0);
    socket
      .on('error', () => {})
      .on('data', (chunk) => {
        read = Buffer.concat([read, chunk]);
        while (read.length >= LENGTH_BYTES) {
          const end = LENGTH_BYTES + read.readUInt32BE();
          if (read.length < end) return;
          const { type, request } = decodeMessage(read.subarray(LENGTH_BYTES, end)) as {
            type: string;
            request?: number;
          };
          read = read.subarray(end);
          const answer = answers[type];
          if (answer === CLOSE) socket.destroy();
          else if (answer !== undefined) socket.write(encodeMessage({ ...answer, request }));
        }
      });
  }).listen(path.join(directory, 'control.sock'));
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return directory;
}

const REFUSED = { type: 'refused', message: HOSTILE };

describe.for([[], ['--json']])('%o', (flags) => {
  test.for<[what: string, answers: Answers]>([
    ['its version', { hello: { type: 'version-unsupported', protocol: 9, version: HOSTILE } }],
    ['why there are too many', { hello: { type: 'too-many', message: HOSTILE } }],
    ...['conflicting-registration', 'failed-to-listen', 'quota-exceeded', 'cannot-listen'].map(
      (status): [string, Answers] => [status, { hello: WELCOME, register: { ...REFUSED, status } }],
    ),
    ['a status that is none', { hello: WELCOME, register: { ...REFUSED, status: HOSTILE } }],
    ['the address', { hello: WELCOME, register: { type: 'registered', address: HOSTILE } }],
  ])('%s, to a service', async ([, answers]) => {
    const directory = await daemonThatSays(answers);
    const { stdout, stderr } = await runCommand(
      SERVICE,
      [...flags, '--port', '9000', '--salt', '1'],
      {
        directory,
      },
    );
    expectHarmless(stdout, stderr);
    expect(`${stdout}${stderr}`).toContain('Forged');
  });
});

test('problems with routes, to the tool', async () => {
  const problems = [{ address: HOSTILE, code: 'Communication', message: HOSTILE }];
  const routes = { type: 'routes', problems, isLast: true };
  const directory = await daemonThatSays({ hello: WELCOME, routes });
  const { stdout, stderr } = await runCommand(
    PORT_SHARING,
    ['route', 'add', '/orders', '127.0.0.1:9101'],
    { directory },
  );
  expectHarmless(stdout, stderr);
  expect(`${stdout}${stderr}`).toContain('Forged');
});

test('a daemon that closes the connection of the tool again and again is not taken for none', async () => {
  const directory = await daemonThatSays({ hello: WELCOME, status: CLOSE });
  const { status, stdout, stderr } = await runCommand(PORT_SHARING, ['status'], { directory });
  expect(`${stdout}${stderr}`).not.toContain('No port-sharing daemon is running');
  expect(stderr).toContain('the port-sharing daemon is gone');
  expect(status).toBe(74);
});
