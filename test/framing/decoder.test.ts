import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NetTcpError } from '../../shared/errors.ts';
import { RecordDecoder } from '../../shared/framing/decoder.ts';
import { DEFAULT_LIMITS, withLimits } from '../../shared/limits.ts';
import { hex, octets, pieces } from '../helpers/octets.ts';
import { outcome } from './fuzz-target.ts';

/** Records as the tests write them: payloads as hexadecimal digits. */
function decode(chunks: readonly Uint8Array[], limits = DEFAULT_LIMITS as never): unknown[] {
  const decoder = new RecordDecoder({ ...DEFAULT_LIMITS, ...(limits as object) });
  const records: unknown[] = [];
  for (const chunk of chunks) {
    // A copy that is overwritten afterwards, as a shared read buffer is.
    const lent = chunk.slice();
    decoder.push(lent);
    for (let record = decoder.next(); record !== undefined; record = decoder.next()) {
      if ('bytes' in record) {
        const { type, bytes, start, end } = record;
        records.push({ type, payload: hex(bytes.subarray(start, end)) });
      } else {
        records.push(record);
      }
    }
    lent.fill(0xee);
  }
  return records;
}

const via = 'net.tcp://localhost:9000/calculator/4381';
const viaHex = hex(new TextEncoder().encode(via));
const version = { type: 'version', major: 1, minor: 0 };
const end = { type: 'end' };

const STREAMS: readonly (readonly [name: string, wire: string, records: readonly unknown[]])[] = [
  ['a version', '00 01 00', [version]],
  ['another version', '00 02 07', [{ type: 'version', major: 2, minor: 7 }]],
  ['a mode', '01 02', [{ type: 'mode', mode: 2 }]],
  ['a mode that nobody knows', '01 ff', [{ type: 'mode', mode: 255 }]],
  ['a via', `02 28 ${viaHex}`, [{ type: 'via', via }]],
  ['an empty via', '02 00', [{ type: 'via', via: '' }]],
  ['a via with a size longer than needed', '02 81 00 61', [{ type: 'via', via: 'a' }]],
  ['a via beyond ASCII', '02 02 c3 a9', [{ type: 'via', via: 'é' }]],
  ['a known encoding', '03 08', [{ type: 'encoding', encoding: 8 }]],
  ['an extensible encoding', '04 03 61 2f 62', [{ type: 'encoding', encoding: 'a/b' }]],
  ['an upgrade request', '09 03 61 2f 62', [{ type: 'upgrade-request', upgrade: 'a/b' }]],
  ['an upgrade response', '0a', [{ type: 'upgrade-response' }]],
  ['an ack', '0b', [{ type: 'preamble-ack' }]],
  ['the end of a preamble', '0c', [{ type: 'preamble-end' }]],
  ['an end', '07', [end]],
  ['a fault', '08 01 78', [{ type: 'fault', fault: 'x' }]],
  ['an envelope', '06 03 aa bb cc', [{ type: 'sized-envelope', payload: 'aabbcc' }]],
  ['an empty envelope', '06 00', [{ type: 'sized-envelope', payload: '' }]],
  [
    'an envelope of 200 bytes',
    `06 c8 01 ${'5a'.repeat(200)}`,
    [{ type: 'sized-envelope', payload: '5a'.repeat(200) }],
  ],
  ['a streamed message', '05 02 aa bb 00', [{ type: 'unsized-envelope', payload: 'aabb' }]],
  [
    'a streamed message in chunks',
    '05 02 aa bb 01 cc 81 00 dd 00',
    [{ type: 'unsized-envelope', payload: 'aabbccdd' }],
  ],
  ['a streamed message without bytes', '05 00', [{ type: 'unsized-envelope', payload: '' }]],
  [
    'a whole session',
    `00 01 00 01 02 02 28 ${viaHex} 03 08 0c 06 01 aa 06 02 bb cc 07`,
    [
      version,
      { type: 'mode', mode: 2 },
      { type: 'via', via },
      { type: 'encoding', encoding: 8 },
      { type: 'preamble-end' },
      { type: 'sized-envelope', payload: 'aa' },
      { type: 'sized-envelope', payload: 'bbcc' },
      end,
    ],
  ],
];

describe('reads', () => {
  // Each stream must decode the same however the network cuts it.
  for (const size of [1, 2, 3, 7, Infinity]) {
    test.for(STREAMS)(`%s, in pieces of ${size}`, ([, wire, records]) => {
      const bytes = octets(wire);
      expect(decode(pieces(bytes, Math.min(size, bytes.length)))).toEqual(records);
    });
  }

  test('a session cut at every place', () => {
    const [, wire = '', records] = STREAMS.at(-1) ?? [];
    const bytes = octets(wire);
    for (let at = 1; at < bytes.length; at++) {
      expect(decode([bytes.slice(0, at), bytes.slice(at)]), `cut at ${at}`).toEqual(records);
    }
  });
});

describe('refuses', () => {
  test.for<[name: string, wire: string, code: string, fault: string | undefined]>([
    ['an unknown record', '0d', 'Protocol', 'InvalidRecordSequence'],
    ['HTTP', '47 45 54 20 2f', 'Protocol', 'InvalidRecordSequence'],
    ['a size of 2^31', '06 80 80 80 80 08', 'Protocol', 'InvalidRecordSequence'],
    ['a size of six bytes', '06 80 80 80 80 80 00', 'Protocol', 'InvalidRecordSequence'],
    ['a via that is no UTF-8', '02 01 ff', 'Protocol', 'InvalidRecordSequence'],
    ['an overlong UTF-8 sequence', '02 02 c0 80', 'Protocol', 'InvalidRecordSequence'],
    ['a via of 2049 bytes', '02 81 10', 'QuotaExceeded', 'ViaTooLong'],
    ['a content type of 257 bytes', '04 81 02', 'QuotaExceeded', 'ContentTypeTooLong'],
    ['an upgrade of 257 bytes', '09 81 02', 'QuotaExceeded', 'UpgradeInvalid'],
    ['a fault of 257 bytes', '08 81 02', 'QuotaExceeded', undefined],
    ['an envelope of 65537 bytes', '06 81 80 04', 'QuotaExceeded', 'MaxMessageSizeExceededFault'],
    ['a chunk of 65537 bytes', '05 81 80 04', 'QuotaExceeded', 'MaxMessageSizeExceededFault'],
  ])('%s, from its first bytes alone', ([, wire, code, framingFault]) => {
    expect(() => decode([octets(wire)])).toThrow(expect.objectContaining({ code, framingFault }));
    expect(() => decode(pieces(octets(wire), 1))).toThrow(expect.objectContaining({ code }));
  });

  test('chunks that are too much together', () => {
    const limits = withLimits({ maxReceivedMessageSize: 5 }) as never;
    expect(decode([octets('05 03 aaaaaa 02 bbbb 00')], limits)).toHaveLength(1);
    expect(() => decode([octets('05 03 aaaaaa 03')], limits)).toThrow('6 bytes');
  });

  test('nothing at its limit', () => {
    const text = '61'.repeat(2_048);
    expect(decode([octets(`02 80 10 ${text}`)])).toHaveLength(1);
    expect(decode([octets(`06 80 80 04 ${'00'.repeat(65_536)}`)])).toHaveLength(1);
    expect(decode([octets(`04 80 02 ${'61'.repeat(256)}`)])).toHaveLength(1);
  });
});

test('gives out the good records in front of a bad one', () => {
  const decoder = new RecordDecoder(DEFAULT_LIMITS);
  decoder.push(octets('07 0b 99'));
  expect(decoder.next()).toEqual(end);
  expect(decoder.next()).toEqual({ type: 'preamble-ack' });
  expect(() => decoder.next()).toThrow(NetTcpError);
});

test('knows when it is between records', () => {
  const decoder = new RecordDecoder(DEFAULT_LIMITS);
  for (const [wire, isBoundary] of [
    ['', true],
    ['06', false],
    ['02 aa', false],
    ['bb', true],
    ['05 01', false],
    ['aa', false],
    ['00', true],
  ] as const) {
    decoder.push(octets(wire));
    while (decoder.next() !== undefined);
    expect(decoder.atBoundary, wire).toBe(isBoundary);
  }
});

test('returns what it has not used', () => {
  const decoder = new RecordDecoder(DEFAULT_LIMITS);
  decoder.push(octets('07 06 05 aa bb'));
  decoder.next();
  expect(hex(decoder.pending())).toBe('0605aabb');
});

test('what is pending is a copy, of a Buffer too', () => {
  const decoder = new RecordDecoder(DEFAULT_LIMITS);
  const chunk = Buffer.from('0605aabb', 'hex');
  decoder.push(chunk);
  const pending = decoder.pending();
  chunk.fill(0);
  expect(hex(pending)).toBe('0605aabb');
});

test('answers any bytes, in any cuts, with records, more or a typed error, and always the same', () => {
  const record = fc.oneof(
    fc.uint8Array({ maxLength: 24 }),
    fc.constantFrom(...STREAMS.map(([, wire]) => octets(wire))),
  );
  fc.assert(
    fc.property(
      fc.array(record, { maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 }),
      (parts, cuts) => {
        const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
        const chunks: Uint8Array[] = [];
        for (let at = 0, cut = 0; at < bytes.length; cut++) {
          const size = cuts[cut % cuts.length] ?? 1;
          chunks.push(bytes.slice(at, at + size));
          at += size;
        }
        expect(outcome(chunks)).toEqual(outcome([bytes]));
      },
    ),
    { numRuns: 100_000 },
  );
});
