// Text from elsewhere, by every way in: a terminal gets letters of it, no control characters.
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Finished } from '../scripts/process.ts';
import { ICalculator } from '../shared/contract/calculator.ts';
import { FaultException } from '../shared/contract/fault-exception.ts';
import { NetTcpError } from '../shared/errors.ts';
import { NetTcpBinding } from '../shared/net-tcp-binding.ts';
import { jsonLine, received } from '../shared/printable.ts';
import { ChannelFactory } from '../shared/rpc/client/channel-factory.ts';
import { ServiceHost } from '../shared/rpc/service/service-host.ts';
import { decodeStream, formatRecord } from '../shared/tool/decode/decode.ts';
import { formatStatus } from '../shared/tool/status.ts';
import {
  CLIENT,
  Command,
  PORT_SHARING,
  privateDirectory,
  runCommand,
  SERVICE,
  startService,
} from './helpers/command.ts';
import { expectHarmless, HOSTILE } from './helpers/hostile-text.ts';
import { request } from './helpers/msgpack.ts';
import { preamble, RawClient } from './helpers/network/raw-client.ts';

function expectSaid({ stdout, stderr }: Finished): void {
  expectHarmless(stdout, stderr);
  expect(`${stdout}${stderr}`).toContain('Forged');
}

async function serverThatAnswers(octets: Uint8Array): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {}).on('data', () => socket.write(octets));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** A text record: its type, its length in one or two bytes of seven bits, its text. */
function textRecord(type: number, text: string): Buffer {
  const octets = Buffer.from(text);
  return Buffer.concat([
    Uint8Array.of(type, (octets.length & 0x7f) | 0x80, octets.length >> 7),
    octets,
  ]);
}

describe.for([[], ['--json']])('%o', (flags) => {
  test('the URI of a fault', async () => {
    const port = await serverThatAnswers(textRecord(8, HOSTILE));
    expectSaid(await runCommand(CLIENT, [...flags, '--port', `${port}`, '1', 'add', '1', '2']));
  });

  test.for(['msgpack', 'soap'] as const)('message and detail of a fault (%s)', async (encoding) => {
    const host = new ServiceHost(new NetTcpBinding({ includeExceptionDetailInFaults: true }));
    const calculator = {
      Add: (): number => {
        throw new FaultException(HOSTILE, { faultCode: { name: 'Sender' } });
      },
      Subtract: (): number => {
        throw Object.assign(new Error(HOSTILE), { stack: `Error: ${HOSTILE}\n    at ${HOSTILE}` });
      },
      Multiply: () => 0,
      Divide: () => 0,
    };
    host.addEndpoint(ICalculator, calculator, 'net.tcp://localhost:0/calculator/1');
    await host.open();
    onTestFinished(() => host.abort());
    const where = ['--address', host.addresses[0] ?? '', '--encoding', encoding];
    for (const operation of ['add', 'subtract']) {
      expectSaid(await runCommand(CLIENT, [...flags, ...where, operation, '1', '2']));
    }
  });

  test('words of the command line', async () => {
    const directory = privateDirectory();
    const quoting: readonly (readonly [entry: string, args: readonly string[]])[] = [
      [CLIENT, [HOSTILE]],
      [CLIENT, ['1', HOSTILE]],
      [CLIENT, ['1', 'add', '1', HOSTILE]],
      [PORT_SHARING, [HOSTILE]],
      [PORT_SHARING, ['decode', HOSTILE]],
      [PORT_SHARING, ['route', HOSTILE]],
    ];
    const others: typeof quoting = [
      ...['--host', '--address', '--via', '--encoding', '--port', `--${HOSTILE}`].map(
        (option) => [CLIENT, [option, HOSTILE, '1']] as const,
      ),
      [SERVICE, ['--bind', HOSTILE]],
      [SERVICE, [HOSTILE]],
      [SERVICE, ['--salt', HOSTILE]],
    ];
    const run = ([entry, args]: (typeof quoting)[number]): ReturnType<typeof runCommand> =>
      runCommand(entry, [...flags, ...args], { directory });
    // Run one after the other they would take a minute on a busy machine.
    for (const ran of await Promise.all(quoting.map(run))) expectSaid(ran);
    for (const { status, stdout, stderr } of await Promise.all(others.map(run))) {
      expectHarmless(stdout, stderr);
      expect(status).not.toBe(0);
    }
  });

  test('a directory, its routes, and limits of the environment', async () => {
    const directory = path.join(privateDirectory(), HOSTILE);
    mkdirSync(directory, { mode: 0o700 });
    const status = await runCommand(PORT_SHARING, [...flags, 'status'], { directory });
    expectHarmless(status.stdout, status.stderr);
    expect(status.status).toBe(0);
    const route = { address: `net.tcp://localhost/${HOSTILE}`, hosts: ['*4'], host: HOSTILE };
    const routes = JSON.stringify([{ ...route, port: 1 }]);
    writeFileSync(path.join(directory, 'routes.json'), routes);
    expectSaid(await runCommand(PORT_SHARING, [...flags, 'route', 'list'], { directory }));
    writeFileSync(path.join(directory, 'routes.json'), '[');
    expectSaid(await runCommand(PORT_SHARING, [...flags, 'route', 'list'], { directory }));
    const env = { NET_TCP_PORT_SHARING_LIMITS: `${HOSTILE}=1` };
    expectSaid(await runCommand(PORT_SHARING, [...flags, 'start'], { directory, env }));
  });

  test('a capture', async () => {
    const call = request(1, HOSTILE, HOSTILE);
    const input = Buffer.concat([
      preamble(`net.tcp://h/${HOSTILE}`),
      Uint8Array.of(6, (call.length & 0x7f) | 0x80, call.length >> 7),
      call,
      Uint8Array.of(7),
      preamble('net.tcp://h/', HOSTILE),
      Uint8Array.of(7),
      textRecord(9, HOSTILE),
      textRecord(8, HOSTILE),
    ]);
    const ran = await runCommand(PORT_SHARING, [...flags, 'decode', '-'], { input });
    expectSaid(ran);
    expect(`${ran.stdout}`.match(/Forged/g)?.length).toBeGreaterThanOrEqual(6);
  });
});

test('what a client sends is in the log in one line', async () => {
  const directory = privateDirectory();
  const { port } = await startService(directory);
  const client = new RawClient(port);
  client.send(preamble(`net.tcp://localhost:${port}/${HOSTILE}`));
  await client.expect('fault');
  const foreground = new Command(PORT_SHARING, ['run'], { directory: privateDirectory() });
  await foreground.said('started');
  const log = readFileSync(path.join(directory, 'daemon.log'), 'utf8');
  expect(log).toContain('Forged');
  expectHarmless(log, foreground.stderr);
});

test('status, of a daemon that says anything', () => {
  const status = {
    pid: 1,
    version: HOSTILE,
    since: HOSTILE,
    transfer: 'relay' as const,
    log: HOSTILE,
    listeners: [HOSTILE],
    activated: [HOSTILE],
    registrations: [
      {
        address: HOSTILE,
        target: HOSTILE,
        security: HOSTILE,
        pid: 1,
        since: HOSTILE,
        listensOn: [HOSTILE],
        handedOver: 0,
        relayed: 0,
        queued: 0,
        refused: 0,
      },
    ],
    pending: 0,
    notFound: 0,
    dropped: 0,
    relaying: 0,
  };
  for (const width of [undefined, 80, 50]) {
    expectHarmless(
      ...formatStatus(received(status), 'demand', HOSTILE, { now: Date.now(), width }),
    );
  }
  expectHarmless(jsonLine(status));
  expect(JSON.parse(jsonLine(status))).toEqual(status);
});

test('the URI of a fault, to a caller in this process', async () => {
  const port = await serverThatAnswers(textRecord(8, HOSTILE));
  const factory = new ChannelFactory(ICalculator, new NetTcpBinding());
  onTestFinished(() => factory.close());
  const call = factory.createChannel(`net.tcp://127.0.0.1:${port}/calculator/1`).Add(1, 2);
  const { message } = await call.then(
    () => expect.fail('there is no such service'),
    (error: unknown) => NetTcpError.from(error),
  );
  expectHarmless(message);
  expect(message).toContain('Forged');
});

test('records that are decoded in this process', () => {
  expectHarmless(...decodeStream(textRecord(8, HOSTILE)).flatMap(formatRecord));
});
