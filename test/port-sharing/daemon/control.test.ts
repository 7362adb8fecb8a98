// Messages on the control socket that no real service would send.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NetTcpError } from '../../../shared/errors.ts';
import {
  decodeMessage,
  encodeMessage,
  LENGTH_BYTES,
} from '../../../shared/port-sharing/handshake/codec.ts';
import { PROTOCOL_VERSION } from '../../../shared/port-sharing/handshake/messages.ts';
import {
  checkDaemonMessage,
  checkServiceMessage,
} from '../../../shared/port-sharing/handshake/shapes.ts';
import { Command, PORT_SHARING, privateDirectory } from '../../helpers/command.ts';
import { Control, HELLO } from '../../helpers/control.ts';
import { eventually } from '../../helpers/eventually.ts';
import { statusOf } from '../../helpers/status.ts';

async function daemon(limits: string[] = []): Promise<{ directory: string; dial: () => Control }> {
  const directory = privateDirectory();
  const args = limits.flatMap((limit) => ['--limit', limit]);
  const command = new Command(PORT_SHARING, ['run', ...args], { directory });
  await command.said(' started ');
  return { directory, dial: () => new Control(directory) };
}

describe('closes a connection that', () => {
  test.for<[what: string, messages: (object | string)[]]>([
    ['says nonsense', ['nonsense\n']],
    ['says HTTP', ['GET / HTTP/1.1\r\n\r\n']],
    ['says no hello first', [{ type: 'status' }]],
    ['leaves members out', [{ type: 'hello' }]],
    ['has members of other types', [{ ...HELLO, pid: 'x' }]],
    ['says what a service cannot', [HELLO, { type: 'status' }]],
    ['attaches with a token that nobody has', [{ type: 'attach', token: 'x' }]],
    ['says an endless message', [HELLO, Uint8Array.of(0x7f, 0xff, 0xff, 0xff)]],
    ['says an endless line', ['{'.repeat(200_000)]],
    ['says a line that is no hello', ['{"type":"status"}\n']],
    ['has a role that nobody has', [{ ...HELLO, role: 'x' }]],
    ['asks for the next page of nothing', [{ ...HELLO, role: 'tool' }, { type: 'more' }]],
    ['names the prototype', [HELLO, { type: '__proto__' }]],
    [
      'announces a connection that does not come',
      [HELLO, { type: 'redispatch', descriptor: 1, octets: new Uint8Array(0) }],
    ],
    [
      'announces a listening socket that does not come',
      [HELLO, { type: 'listener', descriptor: 1, host: '127.0.0.1', port: 1 }],
    ],
  ])('%s', async ([, messages]) => {
    const { directory, dial } = await daemon();
    await dial()
      .say(...messages)
      .closed();
    expect(await statusOf(directory)).toMatchObject({ running: true, registrations: [] });
  });

  test('says nothing', async () => {
    const { dial } = await daemon(['helloTimeoutMs=50']);
    expect(await dial().closed()).toEqual([]);
  });
});

test('a connection that speaks another version is told so', async () => {
  const { dial } = await daemon();
  const said = await dial()
    .say({ ...HELLO, protocol: PROTOCOL_VERSION + 1 })
    .closed();
  expect(said).toMatchObject([{ type: 'version-unsupported', protocol: PROTOCOL_VERSION }]);
});

test('ignores answers to what it never asked', async () => {
  const { directory, dial } = await daemon();
  const control = dial().say(
    HELLO,
    { type: 'accepted', dispatch: 7 },
    { type: 'rejected', dispatch: 7, reason: 'x' },
    { type: 'register', request: 1, address: 'x', hosts: [], queueLength: 1 },
  );
  await control.heard('refused');
  expect(await statusOf(directory)).toMatchObject({ running: true });
});

test.for<[address: string, hosts: string[], status: string]>([
  ['net.tcp://localhost:0/x', [], 'invalid-argument'],
  ['nonsense', ['127.0.0.1'], 'invalid-argument'],
  [`net.tcp://localhost:0/${'x'.repeat(2_048)}`, ['127.0.0.1'], 'path-too-long'],
  ['net.tcp://localhost:0/x', ['192.0.2.254'], 'cannot-listen'],
  ['net.tcp://localhost:0/x', ['localhost'], 'invalid-argument'],
  ['net.tcp://localhost:0/x', Array(65).fill('127.0.0.1'), 'invalid-argument'],
])('refuses to register %s at %o', async ([address, hosts, status]) => {
  const { dial } = await daemon();
  const control = dial().say(HELLO, {
    type: 'register',
    request: 1,
    address,
    hosts,
    queueLength: 1,
  });
  expect(await control.heard('refused')).toMatchObject({ status });
});

describe('what a registration says of its security', () => {
  const registration = (security?: unknown): object => ({
    type: 'register',
    request: 1,
    address: 'net.tcp://localhost:0/x',
    hosts: ['127.0.0.1'],
    queueLength: 1,
    security,
  });

  test.for<[what: string, security: string | undefined]>([
    ['nothing, as services of before did', undefined],
    ['words', 'tls, client certificate'],
    ['as many characters as there may be', 'x'.repeat(64)],
  ])('%s: status has it as it was said', async ([, security]) => {
    const { directory, dial } = await daemon();
    await dial().say(HELLO, registration(security)).heard('registered');
    const [registered] = (await statusOf(directory)).registrations;
    expect(registered?.security).toBe(security);
  });

  test.for<[what: string, security: string]>([
    ['one character more', 'x'.repeat(65)],
    ['what a terminal obeys', 'tls\u001b[2J'],
    ['two lines', 'tls\nnone'],
  ])('%s: it is refused', async ([, security]) => {
    const { dial } = await daemon();
    const refused = await dial().say(HELLO, registration(security)).heard('refused');
    expect(refused).toMatchObject({
      status: 'invalid-argument',
      message: expect.stringContaining('64 characters, or not printable'),
    });
  });

  test('no text: the connection ends', async () => {
    const { dial } = await daemon();
    await dial()
      .say(HELLO, registration(['tls']))
      .closed();
  });
});

test('status shows every registration, in pages, and nobody waits for who does not read them', async () => {
  const count = 3_000;
  const { directory, dial } = await daemon();
  const register = (request: number, port: unknown): object => ({
    type: 'register',
    request,
    address: `net.tcp://localhost:${String(port)}/${'x'.repeat(100)}/${request}`,
    hosts: ['127.0.0.1'],
    queueLength: 1,
  });
  const service = dial().say(HELLO, register(0, 0));
  const [, port] = /:(\d+)\//.exec(String((await service.heard('registered'))['address'])) ?? [];
  service.say(...Array.from({ length: count - 1 }, (_, index) => register(index + 1, port)));
  // One tool asks, and stops in the middle of the answer.
  const reluctant = dial().say({ ...HELLO, role: 'tool' }, { type: 'status' }, { type: 'more' });
  await reluctant.heard('status-page');
  await eventually(async () =>
    expect((await statusOf(directory)).registrations).toHaveLength(count),
  );
  const { registrations } = await statusOf(directory);
  expect(new Set(registrations.map(({ address }) => address)).size).toBe(count);
});

/** What a message is without its length. */
function encoded(message: object): Uint8Array {
  return new Uint8Array(encodeMessage(message)).subarray(LENGTH_BYTES);
}

test.for<[what: string, value: unknown]>([
  ['texts', { type: 'x', text: 'grüße, 世界, \u{1f600}', empty: '' }],
  ['numbers', { zero: 0, large: Number.MAX_SAFE_INTEGER, negative: -(2 ** 31), byte: 255 }],
  ['flags', { yes: true, no: false }],
  ['bytes', { octets: Uint8Array.from({ length: 300 }, (_, index) => index & 0xff) }],
  ['lists', { hosts: Array.from({ length: 100_00 }, (_, index) => `${index}`) }],
  ['pages', { registrations: [{ listensOn: ['127.0.0.1'] }] }],
])('%s arrive as they were sent', ([, value]) => {
  expect(decodeMessage(encoded(value as object))).toEqual(value);
});

test('a member that is undefined is left out', () => {
  expect(encoded({ a: undefined, b: 1 })).toEqual(Uint8Array.of(0x81, 0xa1, 0x62, 0x01));
});

test('bytes that were read do not keep the memory that they were read into', () => {
  const { octets } = decodeMessage(encoded({ octets: Uint8Array.of(1, 2, 3) })) as {
    readonly octets: Uint8Array;
  };
  expect([octets.constructor, octets.buffer.byteLength]).toEqual([Uint8Array, 3]);
});

test.for<[what: string, bytes: readonly number[], why: RegExp]>([
  ['nothing', [], /ends early/],
  ['half a text', [0xa5, 0x61], /ends early/],
  ['half a length', [0xda, 0x00], /ends early/],
  ['half a number', [0xcf, 0, 0, 0], /ends early/],
  ['two values', [0x01, 0x02], /bytes after its end/],
  ['an array with more items than bytes', [0xdd, 0xff, 0xff, 0xff, 0xff, 0xc0], /ends early/],
  ['a map with more members than bytes', [0xdf, 0x7f, 0xff, 0xff, 0xff, 0xc0], /ends early/],
  ['the byte that means nothing', [0xc1], /a type that no message has/],
  ['an extension', [0xd4, 0x00, 0x00], /a type that no message has/],
  ['a long extension', [0xc7, 0x01, 0x65, 0x90], /a type that no message has/],
  ['a timestamp', [0xd6, 0xff, 0, 0, 0, 0], /a type that no message has/],
  ['a record of msgpackr', [0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 0x01], /a type that no message/],
  ['five levels', [0x91, 0x91, 0x91, 0x91, 0x91, 0xc0], /nested too deeply/],
  ['130,000 levels', Array<number>(130_000).fill(0x91), /nested too deeply/],
  ['a map with a map as a name', [0x81, 0x80, 0x01], /not a message/],
])('%s is no message', ([, bytes, why]) => {
  expect(() => decodeMessage(Uint8Array.from(bytes))).toThrow(why);
});

const LOG = { pid: 1, version: '', since: '', transfer: 'relay', log: '', activated: [] };
const SUMMARY = { ...LOG, pending: 0, notFound: 0, dropped: 0, relaying: 0 };

test.for<[what: string, message: object]>([
  ['a list', [1]],
  ['no type', {}],
  ['a type that nobody has', { type: 'x' }],
  ['a type that is no text', { type: { toString: 1 } }],
  ['a number with a fraction', { type: 'taken', descriptor: 1.5 }],
  ['NaN', { type: 'taken', descriptor: NaN }],
  ['a negative number', { type: 'taken', descriptor: -1 }],
  ['a number that no double is', { type: 'taken', descriptor: 2n ** 53n }],
  ['a text for bytes', { type: 'dispatch', dispatch: 1, via: '', octets: '' }],
  ['a host that is a name', { type: 'listener-closed', host: 'localhost', port: 1 }],
  ['a port beyond all', { type: 'listener-closed', host: '::1', port: 65_536 }],
  ['a status without members', { type: 'status', status: {} }],
  ['a status with another', { type: 'status', status: { ...SUMMARY, dropped: 'x' } }],
  ['a page of nothing', { type: 'status-page', listeners: [], registrations: [{}], isLast: true }],
  ['a problem without a code', { type: 'routes', problems: [{ message: 'x' }], isLast: true }],
])('%s is no message of the daemon', ([, message]) => {
  expect(() => checkDaemonMessage(decodeMessage(encoded(message)))).toThrow(/^not a message: /);
});

test('a number that comes as 64 bits is a number', () => {
  const bytes = [0x82, 0xa4, ...Buffer.from('type'), 0xa5, ...Buffer.from('taken')];
  const number = [0xaa, ...Buffer.from('descriptor'), 0xcf, 0, 0, 0, 0, 0, 0, 0, 7];
  const message = decodeMessage(Uint8Array.from([...bytes, ...number]));
  expect(checkDaemonMessage(message)).toEqual({ type: 'taken', descriptor: 7 });
});

test('any bytes are a message or a NetTcpError, nothing else', () => {
  const noise = fc.uint8Array({ maxLength: 60 });
  const nearly = fc
    .record({
      type: fc.constantFrom('hello', 'register', 'dispatch', 'status', 'status-page'),
      protocol: fc.anything({ maxDepth: 3 }),
      hosts: fc.anything({ maxDepth: 3 }),
      octets: fc.uint8Array(),
    })
    .map((value) => {
      try {
        return encoded(value);
      } catch {
        return new Uint8Array(0);
      }
    });
  const changed = fc
    .tuple(nearly, fc.nat(), fc.nat({ max: 255 }))
    .map(([bytes, at, byte]) => bytes.map((old, index) => (index === at % 60 ? byte : old)));
  fc.assert(
    fc.property(fc.oneof(noise, nearly, changed), (bytes) => {
      for (const check of [checkServiceMessage, checkDaemonMessage]) {
        try {
          expect(typeof check(decodeMessage(bytes)).type).toBe('string');
        } catch (error) {
          expect(error).toBeInstanceOf(NetTcpError);
        }
      }
    }),
    { numRuns: 10_000 },
  );
});
