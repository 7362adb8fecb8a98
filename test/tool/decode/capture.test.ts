import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NetTcpError } from '../../../shared/errors.ts';
import { type Frame, framesOf, isCapture } from '../../../shared/tool/decode/capture.ts';
import { decodeCapture, formatCapturedStream } from '../../../shared/tool/decode/decode-capture.ts';
import { segmentOf } from '../../../shared/tool/decode/segments.ts';
import { eventually } from '../../helpers/eventually.ts';
import {
  CLIENT,
  PORT_SHARING,
  privateDirectory,
  program,
  runCommand,
  startService,
} from '../../helpers/command.ts';
import { scratchDirectory } from '../../helpers/directory.ts';

const file = (name: string): string => `test/tool/decode/captures/${name}`;
const read = (name: string): Uint8Array => readFileSync(file(name));
const linesOf = (octets: Uint8Array): string[] =>
  decodeCapture(octets).streams.flatMap(formatCapturedStream);

const MSGPACK_SESSION = [
  '127.0.0.1:57700 → 127.0.0.1:9777',
  '→ Version 1.0',
  '→ Mode 2 duplex (buffered)',
  '→ Via net.tcp://127.0.0.1:9777/calculator/4381',
  '→ ExtensibleEncoding application/x-msgpack-rpc',
  '→ PreambleEnd',
  '← PreambleAck',
  '→ SizedEnvelope 26 bytes',
  '      [0, 1, "Add", [100, 15.99]]',
  '← SizedEnvelope 13 bytes',
  '      [1, 1, nil, 115.99]',
];

/** A capture in pcap, as it is on a machine of either byte order. */
function pcapOf(frames: readonly Frame[], isLittle = true, magic = 0xa1b2c3d4): Uint8Array {
  const linkType = frames[0]?.linkType ?? 1;
  const parts = [header(24, [magic, 0x0004_0002, 0, 0, 262_144, linkType])];
  for (const { octets } of frames) {
    parts.push(header(16, [0, 0, octets.length, octets.length]), octets);
  }
  return Buffer.concat(parts);

  function header(size: number, values: readonly number[]): Uint8Array {
    const view = new DataView(new ArrayBuffer(size));
    for (const [index, value] of values.entries()) view.setUint32(index * 4, value, isLittle);
    return new Uint8Array(view.buffer);
  }
}

/** A capture in pcapng, of one section and one interface, with simple or enhanced packets. */
function pcapngOf(frames: readonly Frame[], isLittle: boolean, isSimple: boolean): Uint8Array {
  const block = (type: number, ...body: readonly (number | Uint8Array)[]): Uint8Array => {
    const octets = Buffer.concat(
      body.map((each) => (typeof each === 'number' ? word(each) : each)),
    );
    const padded = Buffer.concat([octets, new Uint8Array(-octets.length & 3)]);
    const length = word(padded.length + 12);
    return Buffer.concat([word(type), length, padded, length]);
  };
  const linkType = frames[0]?.linkType ?? 1;
  return Buffer.concat([
    block(0x0a0d0d0a, 0x1a2b3c4d, 1, -1, -1),
    block(1, half(linkType), 0),
    block(5, 0, 0, 0), // statistics, which say nothing here
    ...frames.map(({ octets }) => {
      const { length } = octets;
      return isSimple ? block(3, length, octets) : block(6, 0, 0, 0, length, length, octets);
    }),
  ]);

  function word(value: number): Uint8Array {
    const view = new DataView(new ArrayBuffer(4));
    view.setUint32(0, value >>> 0, isLittle);
    return new Uint8Array(view.buffer);
  }
  function half(value: number): Uint8Array {
    const view = new DataView(new ArrayBuffer(4));
    view.setUint16(0, value, isLittle);
    return new Uint8Array(view.buffer);
  }
}

test('shows both directions of a stream, in the order of their records', () => {
  const lines = linesOf(read('ipv4.pcap'));
  expect(lines.slice(0, MSGPACK_SESSION.length)).toEqual(MSGPACK_SESSION);
  expect(lines.slice(-2)).toEqual(['→ End', '← End']);
});

test('finds what came out of order and what came again in its place', () => {
  const sorted = (name: string): string[] => linesOf(read(name)).toSorted();
  expect(sorted('disordered.pcap')).toEqual(sorted('ipv4.pcap'));
});

test('shows SOAP over IPv6 out of pcapng, and a fault', () => {
  const { streams, others } = decodeCapture(read('ipv6.pcapng'));
  expect(others).toBe(0);
  const [calls = [], refused = []] = streams.map(formatCapturedStream);
  expect(calls[0]).toMatch(/^\[::1\]:\d+ → \[::1\]:9777$/);
  const text = calls.join('\n');
  expect(text).toContain('<n2>15.99</n2>');
  expect(text.match(/<AddResult>115.99</g)).toHaveLength(1);
  expect(text).toContain('<DivideResult>3.142857142857143<');
  expect(refused).toContain('← Fault EndpointNotFound');
  expect(text).not.toContain('✗');
});

describe('whatever a capture is written in', () => {
  const frames = [...framesOf(read('ipv4.pcap'))];
  test.for<[what: string, octets: Uint8Array]>([
    ['pcap, little-endian', pcapOf(frames)],
    ['pcap, big-endian', pcapOf(frames, false)],
    ['pcap with nanoseconds', pcapOf(frames, true, 0xa1b23c4d)],
    ['pcapng, little-endian', pcapngOf(frames, true, false)],
    ['pcapng, big-endian', pcapngOf(frames, false, false)],
    ['pcapng, simple packets', pcapngOf(frames, true, true)],
    [
      'two sections of pcapng',
      Buffer.concat([0, 1].map((at) => pcapngOf(at === 0 ? [] : frames, at === 0, false))),
    ],
  ])('%s', ([, octets]) => {
    expect(isCapture(octets)).toBe(true);
    expect(linesOf(octets).slice(0, MSGPACK_SESSION.length)).toEqual(MSGPACK_SESSION);
  });

  // The same packets, on other links.
  const ip = frames.map(({ octets }) => octets.subarray(14));
  const vlan = (octets: Uint8Array): Uint8Array =>
    Buffer.concat([new Uint8Array(12), Uint8Array.of(0x81, 0, 0, 7, 8, 0), octets]);
  test.for<[what: string, linkType: number, wrap: (octets: Uint8Array) => Uint8Array]>([
    ['raw IP', 101, (octets) => octets],
    ["BSD's loopback", 0, (octets) => Buffer.concat([Uint8Array.of(2, 0, 0, 0), octets])],
    ['Ethernet with a VLAN', 1, vlan],
    [
      'Ethernet, filled up',
      1,
      (octets) =>
        Buffer.concat([new Uint8Array(12), Uint8Array.of(8, 0), octets, new Uint8Array(9)]),
    ],
    ['Linux, any interface', 113, (octets) => Buffer.concat([new Uint8Array(16), octets])],
    ['the same, second version', 276, (octets) => Buffer.concat([new Uint8Array(20), octets])],
  ])('%s', ([, linkType, wrap]) => {
    const octets = pcapOf(ip.map((packet) => ({ linkType, octets: wrap(packet) })));
    expect(linesOf(octets).slice(0, MSGPACK_SESSION.length)).toEqual(MSGPACK_SESSION);
  });
});

test('any order and any number of copies of segments makes the same streams', () => {
  const frames = [...framesOf(read('ipv4.pcap'))];
  // The first segment of a connection stays first: by it the capture tells who is the client.
  const [first, second, ...rest] = frames;
  if (first === undefined || second === undefined) throw new Error('the capture is empty');
  const expected = linesOf(read('ipv4.pcap')).toSorted();
  fc.assert(
    fc.property(
      fc.shuffledSubarray([...rest, ...rest], { minLength: rest.length * 2 }),
      (shuffled) => {
        expect(linesOf(pcapOf([first, second, ...shuffled])).toSorted()).toEqual(expected);
      },
    ),
    { numRuns: 100 },
  );
});

test('sequence numbers begin again after 2^32', () => {
  const frames = [...framesOf(read('ipv4.pcap'))].map((frame) => {
    const octets = Uint8Array.from(frame.octets);
    const view = new DataView(octets.buffer);
    const { sequence = 0, from } = segmentOf(frame) ?? {};
    const isClient = from === '127.0.0.1:57700';
    const start = isClient ? 35_927_283 : 3_624_306_211;
    view.setUint32(14 + 20 + 4, (sequence - start + 0xffff_fff0) >>> 0);
    return { ...frame, octets };
  });
  expect(linesOf(pcapOf(frames))).toEqual(linesOf(read('ipv4.pcap')));
});

test('says what is missing, and shows what came before it', () => {
  const frames = [...framesOf(read('ipv4.pcap'))];
  const lost = frames.findIndex((frame) => (segmentOf(frame)?.payload.length ?? 0) === 28);
  const lines = linesOf(pcapOf(frames.filter((_, index) => index !== lost)));
  expect(lines).toContain('→ PreambleEnd');
  expect(lines).toContain(
    '→ ✗ 28 bytes are missing in the capture; what came after them is not shown',
  );
  expect(lines).toContain('      [1, 1, nil, 115.99]');
});

test('a port that is used again is another stream; other protocols are counted', async () => {
  const frames = [...framesOf(read('ipv4.pcap'))];
  const foreign = frames.map((frame) => {
    const octets = Uint8Array.from(frame.octets);
    octets[29] = 9; // an address of its own
    octets[33] = 9;
    return { ...frame, octets: octets.map((octet, at) => (at >= 66 ? octet ^ 0xff : octet)) };
  });
  const both = pcapOf([...frames, ...frames, ...foreign]);
  expect(decodeCapture(both)).toMatchObject({ streams: [{}, {}], others: 1 });
  const ran = await runCommand(PORT_SHARING, ['decode', '-'], { input: both });
  expect(ran.status).toBe(0);
  expect(ran.stderr).toContain('1 TCP stream of the capture did not begin as net.tcp does');
  const alone = await runCommand(PORT_SHARING, ['decode', '-'], { input: pcapOf(foreign) });
  expect(alone).toMatchObject({ status: 76, stdout: '' });
  expect(alone.stderr).toContain('no net.tcp stream from its beginning');
});

test('in JSON every record says whose it is', async () => {
  const ran = await runCommand(PORT_SHARING, ['--json', 'decode', file('ipv4.pcap')]);
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  const [first] = ran.stdout.split('\n', 1).map((line): unknown => JSON.parse(line));
  expect(first).toEqual({
    stream: 1,
    client: '127.0.0.1:57700',
    service: '127.0.0.1:9777',
    side: 'client',
    record: 'Version',
    value: '1.0',
  });
});

describe('damaged captures', () => {
  test.for(['ipv4.pcap', 'ipv6.pcapng'])('%s, cut anywhere', (name) => {
    const whole = read(name);
    for (let length = 4; length < whole.length; length += 7) expectReadable(whole.slice(0, length));
  });

  test.for(['ipv4.pcap', 'disordered.pcap', 'ipv6.pcapng'])('%s, bytes changed', (name) => {
    const whole = read(name);
    const change = fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const octets = Uint8Array.from(whole);
        for (const [at, octet] of changes) octets[at] = octet;
        if (isCapture(octets)) expectReadable(octets);
      }),
      { numRuns: 500 },
    );
  });

  /** It is shown, or refused with a sentence. */
  function expectReadable(octets: Uint8Array): void {
    try {
      decodeCapture(octets);
    } catch (error) {
      expect(error).toBeInstanceOf(NetTcpError);
      expect(error).toMatchObject({ code: 'Usage' });
    }
  }
});

const TCPDUMP = '/usr/bin/tcpdump';

test('reads what tcpdump captures of a call, over every kind of loopback', async ({ skip }) => {
  if (!existsSync(TCPDUMP)) skip(`there is no ${TCPDUMP}`);
  const directory = scratchDirectory();
  const { number, port } = await startService(privateDirectory());
  const captures = ['lo', 'any'].map((device) => {
    const to = path.join(directory, device);
    const words = [
      '-i',
      device,
      '-U',
      '-w',
      to,
      ...(process.getuid?.() === 0 ? ['-Z', 'root'] : []),
    ];
    return { to, capture: program([TCPDUMP, ...words, `tcp port ${port}`]) };
  });
  for (const { capture } of captures) {
    const end = capture.finished.then(({ stderr }) => stderr);
    const begun = capture.said('listening on').then(() => undefined);
    const failure = await Promise.race([begun, end]).catch((error: unknown) => String(error));
    if (failure !== undefined) skip(`tcpdump may not capture here: ${failure}`);
  }
  await runCommand(CLIENT, [number, '--port', port, 'add', '1', '2']);
  for (const { to, capture } of captures) {
    // It writes with a delay of up to a second.
    await eventually(() => expect(linesOf(readFileSync(to)).at(-1)).toBe('← End'));
    capture.kill('SIGTERM');
    await capture.finished;
    const lines = linesOf(readFileSync(to));
    expect(lines).toContain('      [0, 1, "Add", [1, 2]]');
    expect(lines).toContain('      [1, 1, nil, 3]');
  }
});
