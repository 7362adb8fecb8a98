// The control socket against what no service would say.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  parseDaemonMessage,
  parseServiceMessage,
  PROTOCOL_VERSION,
} from '../../shared/port-sharing/handshake/messages.ts';
import { Command, PORT_SHARING, privateDirectory } from '../helpers/command.ts';
import { statusOf } from '../helpers/status.ts';

const HELLO = {
  type: 'hello',
  protocol: PROTOCOL_VERSION,
  version: '0',
  pid: 1,
  role: 'service',
  handOver: true,
};

async function daemon(limits: string[] = []): Promise<{ directory: string; dial: () => Control }> {
  const directory = privateDirectory();
  const args = limits.flatMap((limit) => ['--limit', limit]);
  const command = new Command(PORT_SHARING, ['run', ...args], { directory });
  await command.said(' started ');
  return { directory, dial: () => new Control(path.join(directory, 'control.sock')) };
}

class Control {
  readonly socket: Socket;
  #text = '';
  constructor(file: string) {
    this.socket = connect(file);
    this.socket.on('error', () => {}).setEncoding('utf8');
    this.socket.on('data', (text: string) => (this.#text += text));
    onTestFinished(() => {
      this.socket.destroy();
    });
  }
  say(...messages: unknown[]): this {
    for (const message of messages) {
      this.socket.write(typeof message === 'string' ? message : `${JSON.stringify(message)}\n`);
    }
    return this;
  }
  /** Everything the daemon said, once it has closed the connection. */
  async closed(): Promise<string> {
    if (!this.socket.closed) await once(this.socket, 'close');
    return this.#text;
  }
  async heard(type: string): Promise<void> {
    while (!this.#text.includes(`"type":"${type}"`)) await once(this.socket, 'data');
  }
}

describe('closes a connection that', () => {
  test.for<[what: string, messages: unknown[]]>([
    ['says nonsense', ['nonsense\n']],
    ['says HTTP', ['GET / HTTP/1.1\r\n\r\n']],
    ['says no hello first', [{ type: 'status' }]],
    ['leaves members out', [{ type: 'hello' }]],
    ['has members of other types', [{ ...HELLO, pid: 'x' }]],
    ['says what a service cannot', [HELLO, { type: 'status' }]],
    ['attaches with a token that nobody has', [{ type: 'attach', token: 'x' }]],
    ['says an endless line', [HELLO, 'x'.repeat(200_000)]],
    ['names the prototype', [HELLO, { type: '__proto__' }]],
  ])('%s', async ([, messages]) => {
    const { directory, dial } = await daemon();
    await dial()
      .say(...messages)
      .closed();
    expect(await statusOf(directory)).toMatchObject({ running: true, registrations: [] });
  });

  test('says nothing', async () => {
    const { dial } = await daemon(['helloTimeoutMs=50']);
    expect(await dial().closed()).toBe('');
  });
});

test('tells another version so', async () => {
  const { dial } = await daemon();
  const text = await dial()
    .say({ ...HELLO, protocol: PROTOCOL_VERSION + 1 })
    .closed();
  expect(JSON.parse(text)).toMatchObject({
    type: 'version-unsupported',
    protocol: PROTOCOL_VERSION,
  });
});

test('ignores answers to what it never asked', async () => {
  const { directory, dial } = await daemon();
  const control = dial().say(
    HELLO,
    { type: 'accepted', dispatch: 7 },
    { type: 'rejected', dispatch: 7, reason: 'x' },
    { type: 'redispatch', descriptor: 1, octets: '' },
    { type: 'listener', descriptor: 2, host: 'x', port: 1 },
    { type: 'unregister', address: 'x' },
  );
  await control.heard('taken');
  expect(await statusOf(directory)).toMatchObject({ running: true });
});

test.for<[address: string, hosts: string[], status: string]>([
  ['net.tcp://localhost:0/x', [], 'invalid-argument'],
  ['nonsense', ['127.0.0.1'], 'invalid-argument'],
  [`net.tcp://localhost:0/${'x'.repeat(2_048)}`, ['127.0.0.1'], 'path-too-long'],
  ['net.tcp://localhost:0/x', ['192.0.2.254'], 'cannot-listen'],
])('refuses to register %s at %o', async ([address, hosts, status]) => {
  const { dial } = await daemon();
  const control = dial().say(HELLO, {
    type: 'register',
    request: 1,
    address,
    hosts,
    queueLength: 1,
  });
  await control.heard('refused');
  control.socket.end();
  expect(await control.closed()).toContain(`"status":"${status}"`);
});

test('any line is a message or none, never an error', () => {
  const value = fc.oneof(
    fc.string(),
    fc.jsonValue().map((json) => JSON.stringify(json)),
    fc
      .record({
        type: fc.constantFrom('hello', 'register', 'dispatch', 'status'),
        protocol: fc.anything(),
        hosts: fc.anything(),
      })
      .map((json) => {
        try {
          return JSON.stringify(json);
        } catch {
          return '';
        }
      }),
  );
  fc.assert(
    fc.property(value, (line) => {
      for (const parse of [parseServiceMessage, parseDaemonMessage]) {
        const message = parse(line);
        if (message !== undefined) expect(typeof message.type).toBe('string');
      }
    }),
    { numRuns: 10_000 },
  );
});
