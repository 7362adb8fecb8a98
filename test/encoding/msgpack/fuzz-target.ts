import { header, type ReceivedHeaders } from '../../../shared/contract/header.ts';
import * as t from '../../../shared/contract/types/types.ts';
import { defineContract, oneWay, operation } from '../../../shared/contract/contract.ts';
import { msgpack } from '../../../shared/encoding/msgpack/msgpack.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { OctetWriter } from '../../../shared/octets.ts';
import { NetTcpError } from '../../../shared/errors.ts';
import { expectTyped } from '../../helpers/expect-typed.ts';
import { echo, hex, reply, request } from './codecs.ts';

const Shape = t.object('Shape', { a: t.int });
const Node: t.ValueType = t.object(
  'Node',
  { n: t.nillable(t.lazy(() => Node)) },
  { reference: true },
);

// One member of each kind, so that any bytes can reach every reader.
// prettier-ignore
const everythingType = t.object('Everything', {
  a: t.double, b: t.float, c: t.boolean, d: t.string, e: t.byte, f: t.short, g: t.int, h: t.long,
  i: t.unsignedByte, j: t.unsignedShort, k: t.unsignedInt, l: t.unsignedLong, m: t.decimal,
  n: t.dateTime, o: t.duration, p: t.guid, q: t.base64Binary, r: t.nillable(t.int),
  s: t.array(t.array(t.int)), t: t.object('Inner', { a: t.double }), u: t.boolean,
  v: t.dictionary(t.string, t.int), w: t.enumeration('E', ['x', 'y']), x: t.flags('F', { A: 1, B: 2 }), y: t.char, z: t.uri,
  A: t.dateTimeOffset, B: t.version, C: t.optional(t.int), D: t.array(t.object('Item', { a: t.required(t.int) })),
  E: t.known(Shape, [t.object('Ring', { b: t.int }, { base: Shape })]), F: Node,
  G: t.any([Shape]), H: t.xml,
});
export const everything = echo(everythingType);

/** Messages that are right. */
export const RIGHT = [
  ['94 00 01 a4 "Echo" 91', ''],
  ['94 01 01 c0', ''],
  ['93 02 a4 "Tell" 91', ''],
  ['95 00 01 a4 "Echo" 91', '81 a8 "{urn:h}H" 92 01 a1 "x"'],
  ['95 01 01 c0', '81 a8 "{urn:h}H" 90'],
].map(([start, headers]) =>
  hex(
    `${start} 8b a1 "H" a4 "<a/>" a1 "G" 82 a5 "$type" a5 "Shape" a1 "a" 01 a1 "s" 92 92 01 02 91 03 a1 "d" a1 "x" a1 "v" 81 a1 "k" 01 a1 "w" a1 "y" a1 "x" 03 a1 "C" c0 a1 "D" 91 81 a1 "a" 01 a1 "E" 83 a5 "$type" a4 "Ring" a1 "a" 01 a1 "b" 02 a1 "F" 82 a3 "$id" 01 a1 "n" 81 a4 "$ref" 01 ${headers}`,
  ),
);

const H = header('H', t.array(t.any()), { namespace: 'urn:h' });

interface Outcome {
  readonly kind: string;
  readonly headers?: ReceivedHeaders | undefined;
}

/** What reading gave; throws on when it is an error that no peer may cause. */
export function outcome(read: () => Outcome | undefined): Outcome {
  try {
    return read() ?? { kind: 'nothing' };
  } catch (caught) {
    if (!(caught instanceof NetTcpError) || caught.code !== 'Protocol') throw caught;
    return { kind: 'Protocol' };
  }
}

/** Reads any bytes as a request and as an answer, with a header. */
export function readMessage(payload: Uint8Array): void {
  const called = outcome(() => request(everything, payload));
  const answered = outcome(() => reply(everything, payload));
  for (const { headers } of [called, answered]) {
    expectTyped(() => headers?.get(H), ['Fault']);
  }
  outcome(() => callback(payload));
  const service = msgpack.service(duplex);
  outcome(() => service.readDuplex(payload, 0, payload.length, () => told));
}

const IDuplex = defineContract({
  name: 'IDuplex',
  operations: {},
  callback: defineContract({
    name: 'ICallback',
    operations: {
      Echo: operation([['value', everythingType]], everythingType),
      Tell: oneWay([['value', everythingType]]),
    },
  }),
});
const duplex = { contract: IDuplex, limits: DEFAULT_LIMITS, address: 'net.tcp://localhost/x' };
const told = IDuplex.callback?.operations.get('Echo');

/** Reads any bytes as a callback, and refuses what cannot be called. */
function callback(payload: Uint8Array): Outcome | undefined {
  const client = msgpack.client(duplex);
  const read = client.readReply(payload, 0, payload.length, () => told);
  if (read?.kind !== 'callback') return read;
  const { request: call } = read;
  if (call.kind === 'refused' && call.id !== undefined) {
    client.answers.writeFault(new OctetWriter(), call.id, call.fault);
  }
  return call;
}
