import { writeMark, writePreamble } from '../../../shared/framing/encoder.ts';
import { RecordType } from '../../../shared/framing/records.ts';
import { OctetWriter } from '../../../shared/octets.ts';

/** Bytes that are no preamble, or more than one. */
export interface Garbage {
  readonly name: string;
  /** The bytes of the n-th client of this kind. */
  readonly octets: (index: number, random: () => number) => Uint8Array;
  /** The framing faults that may answer it; none where [MC-NMF] has none. */
  readonly faults: readonly string[];
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const same = (octets: Uint8Array) => (): Uint8Array => octets;

/** Ten kinds of what an open port gets to see. */
export function kinds(port: number): readonly Garbage[] {
  const good = preamble(`net.tcp://localhost:${port}/calculator/1`);
  const nobody = preamble(`net.tcp://localhost:${port}/nobody`);
  return [
    {
      name: 'HTTP',
      octets: same(text('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')),
      faults: ['InvalidRecordSequence'],
    },
    {
      name: 'TLS',
      octets: same(Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, ...Array(32).fill(7))),
      faults: ['InvalidRecordSequence'],
    },
    {
      name: 'SSH',
      octets: same(text('SSH-2.0-OpenSSH_9.7\r\n')),
      faults: ['InvalidRecordSequence'],
    },
    {
      name: 'PROXY',
      octets: same(text('PROXY TCP4 192.0.2.1 192.0.2.2 1234 9000\r\n')),
      faults: ['InvalidRecordSequence'],
    },
    { name: 'zeros', octets: same(new Uint8Array(4_096)), faults: ['UnsupportedVersion'] },
    {
      name: 'random',
      octets: (_, random) => Uint8Array.from({ length: 512 }, () => 13 + random() * 240),
      faults: ['InvalidRecordSequence'],
    },
    { name: 'over-long via', octets: same(preamble('x'.repeat(60_000))), faults: ['ViaTooLong'] },
    {
      name: 'bad UTF-8',
      octets: same(Uint8Array.of(0, 1, 0, 1, 2, 2, 4, 0xff, 0xfe, 0xc0, 0x80, 3, 8, 12)),
      faults: ['InvalidRecordSequence'],
    },
    {
      name: 'truncated',
      octets: (index) => good.subarray(0, index % good.length),
      faults: [],
    },
    {
      name: 'two preambles',
      octets: same(Uint8Array.of(...nobody, ...good, ...new Uint8Array(30_000))),
      faults: ['EndpointNotFound'],
    },
  ];
}

function preamble(via: string): Uint8Array {
  const out = new OctetWriter();
  writePreamble(out, { via, mode: 2, encoding: 'application/x-msgpack-rpc' });
  writeMark(out, RecordType.PreambleEnd);
  return out.toBytes();
}
