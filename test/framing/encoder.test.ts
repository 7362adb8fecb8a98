import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  beginEnvelope,
  dropEnvelope,
  endEnvelope,
  writeFault,
  writeMark,
  writePreamble,
} from '../../shared/framing/encoder.ts';
import {
  FRAMING_FAULTS,
  type FramingFault,
  faultOf,
  faultUri,
} from '../../shared/framing/faults.ts';
import { RecordType } from '../../shared/framing/records.ts';
import { readSize, sizeLength, writeSize } from '../../shared/framing/size.ts';
import { OctetWriter } from '../../shared/octets.ts';
import { hex, octets } from '../helpers/octets.ts';
import { untrusted } from '../../shared/printable.ts';

const via = 'net.tcp://localhost:9000/calculator/4381';
const viaHex = hex(new TextEncoder().encode(via));

function written(write: (out: OctetWriter) => void): string {
  const out = new OctetWriter(1);
  write(out);
  return hex(out.toBytes());
}

// The preambles that a WCF client was seen to send.
test.for<[mode: number, encoding: number | string, wire: string]>([
  [2, 8, `000100 0102 0228${viaHex} 0308 0c`],
  [1, 7, `000100 0101 0228${viaHex} 0307 0c`],
  [2, 'a/b', `000100 0102 0228${viaHex} 0403612f62 0c`],
])('writes the preamble of mode %i, encoding %s', ([mode, encoding, wire]) => {
  const preamble = written((out) => {
    writePreamble(out, { via, mode, encoding });
    writeMark(out, RecordType.PreambleEnd);
  });
  expect(preamble).toBe(hex(octets(wire)));
});

test.for<[FramingFault, string]>([
  ['UnsupportedVersion', '0849'],
  ['EndpointNotFound', '0847'],
])('writes the fault %s', ([fault, head]) => {
  const text = hex(
    new TextEncoder().encode(`http://schemas.microsoft.com/ws/2006/05/framing/faults/${fault}`),
  );
  expect(written((out) => writeFault(out, fault))).toBe(head + text);
});

test('every fault can be told by its URI, and stays within what a client reads', () => {
  for (const fault of Object.keys(FRAMING_FAULTS) as FramingFault[]) {
    expect(faultOf(untrusted(faultUri(fault)))).toBe(fault);
    expect(faultUri(fault).length).toBeLessThanOrEqual(256);
    expect(FRAMING_FAULTS[fault].text(via)).toContain(via);
  }
  expect(faultOf(untrusted('urn:other'))).toBeUndefined();
  expect(faultOf(untrusted(faultUri('toString' as FramingFault)))).toBeUndefined();
});

test.for<[length: number, head: string]>([
  [0, '0600'],
  [1, '0601'],
  [127, '067f'],
  [128, '068001'],
  [300, '06ac02'],
  [16_383, '06ff7f'],
  [16_384, '06808001'],
])('writes an envelope of %i bytes', ([length, head]) => {
  const payload = new Uint8Array(length).fill(0x5a);
  const wire = written((out) => {
    out.u8(0x07); // something in front, that must stay
    beginEnvelope(out);
    out.append(payload);
    endEnvelope(out);
  });
  expect(wire).toBe(`07${head}${hex(payload)}`);
});

test('writes a streamed message as one chunk and an empty one', () => {
  const wire = written((out) => {
    beginEnvelope(out, RecordType.UnsizedEnvelope);
    out.append(octets('aabb'));
    endEnvelope(out);
  });
  expect(wire).toBe('0502aabb00');
});

test.for([RecordType.SizedEnvelope, RecordType.UnsizedEnvelope])(
  'takes back an envelope of type %i that cannot be finished, and nothing else',
  (type) => {
    const wire = written((out) => {
      out.u8(0x07);
      beginEnvelope(out, type);
      out.append(octets('aabb'));
      dropEnvelope(out);
    });
    expect(wire).toBe('07');
  },
);

test.for<[value: number, wire: string]>([
  [0, '00'],
  [127, '7f'],
  [128, '8001'],
  [300, 'ac02'],
  [16_384, '808001'],
  [65_536, '808004'],
  [2_147_483_647, 'ffffffff07'],
])('writes and reads the size %i', ([value, wire]) => {
  const bytes = new Uint8Array(5);
  const end = writeSize(bytes, 0, value);
  expect(hex(bytes.subarray(0, end))).toBe(wire);
  expect(sizeLength(value)).toBe(end);
  expect(readSize(bytes, 0, end)).toEqual([value, end]);
  for (let cut = 0; cut < end; cut++) expect(readSize(bytes, 0, cut)).toBe('more');
});

test('reads back every size it writes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0x7fff_ffff }), (value) => {
      const bytes = new Uint8Array(8);
      const end = writeSize(bytes, 2, value);
      expect(readSize(bytes, 2, end)).toEqual([value, end]);
    }),
  );
});

test('a gap before what is written changes no byte, however long messages are', () => {
  const lengths = [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152];
  const write = (out: OctetWriter, ...sent: readonly number[]): Uint8Array => {
    for (const length of sent) {
      beginEnvelope(out);
      out.append(new Uint8Array(length).fill(length % 251));
      endEnvelope(out);
    }
    expect(out.size).toBe(out.toBytes().length);
    return out.toBytes();
  };
  const out = new OctetWriter(16, 4);
  for (const first of lengths) {
    for (const second of lengths) {
      const wanted = write(new OctetWriter(16), first, second, 200);
      expect(Buffer.compare(write(out, first, second, 200), wanted)).toBe(0);
      out.clear();
      expect(out.size).toBe(0);
    }
  }
});

test('what follows a gap is moved instead of a long message behind it', () => {
  const out = new OctetWriter(16, 4);
  writeMark(out, RecordType.PreambleAck);
  beginEnvelope(out);
  const at = out.length;
  out.append(new Uint8Array(100_000).fill(7));
  endEnvelope(out);
  expect([out.length - at, out.start, hex(out.toBytes().subarray(0, 6))]).toEqual([
    100_000,
    2,
    hex(octets('0b 06 a08d06 07')),
  ]);
});
