// Two ends whose contracts differ: what a peer sends and the contract here cannot hold is refused by name, in every
// encoding.
import { expect, test } from 'vitest';
import { defineContract, operation } from '../../shared/contract/contract.ts';
import * as t from '../../shared/contract/types/types.ts';
import { msgpack } from '../../shared/encoding/msgpack/msgpack.ts';
import { soapBuffered } from '../../shared/encoding/soap/soap.ts';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import { OctetWriter } from '../../shared/octets.ts';

const DECIMAL = 'a decimal (text such as "-15.99": under 2^96, at most 28 digits after the point)';

const Shape = t.object('Shape', { Label: t.string });
const Circle = t.object('Circle', { Radius: t.double }, { base: Shape });
const Square = t.object('Square', { Side: t.double }, { base: Shape });
const Ring = t.object('Ring', { Name: t.string }, { reference: true });
const Plain = t.object('Ring', { Name: t.string });
const ONE = { Name: 'one' };

// What the peer has and sends, what was expected, and what the peer is told.
// prettier-ignore
const TOLD: readonly (readonly [string, t.ValueType, unknown, t.ValueType, string | RegExp])[] = [
  ['no required member',
    t.object('O', { A: t.int }), { A: 1 }, t.object('O', { A: t.int, B: t.required(t.string) }), '.B is missing'],
  ['null for a required member',
    t.object('O', { B: t.nillable(t.decimal) }), { B: null }, t.object('O', { B: t.required(t.decimal) }), `.B must be ${DECIMAL}, not null`],
  ['a value that the enumeration has not',
    t.enumeration('E', ['a', 'b']), 'b', t.enumeration('E', ['a']), ' must be one of E (a), not "b"'],
  ['flags that the contract has not',
    t.flags('F', { A: 1, B: 2 }), 3, t.flags('F', { A: 1 }), ' must be flags of F (A = 1), not '],
  ['a class that the contract does not know',
    t.known(Shape, [Circle, Square]), { $type: 'Square', Label: '', Side: 1 }, t.known(Shape, [Circle]), /Shape.*Circle.*, not .*Square/],
  ['a derived class where the contract has but the base',
    t.known(Shape, [Circle]), { $type: 'Circle', Label: '', Radius: 1 }, Shape, / must be an object \(Shape\), not one of the type .*Circle/],
  ['a reference where the contract has none',
    t.array(Ring), [ONE, ONE], t.array(Plain), /\[1\] must be an object \(Ring\), not a reference to an object elsewhere in the message/],
  ['a reference to an object of another class',
    t.object('O', { a: Ring, b: Ring }), { a: ONE, b: ONE }, t.object('O', { a: Ring, b: t.object('Other', { Name: t.string }, { reference: true }) }), /\.b must be an object \(Other\), not a reference/],
  ['a key of a dictionary that comes twice',
    t.dictionary(t.decimal, t.int), new Map([['1.50', 1], ['+1.50', 2]]), t.dictionary(t.decimal, t.int), '[1].Key must come only once: "1.50"'],
];

for (const encoding of [msgpack, soapBuffered]) {
  test.for(TOLD)(`${encoding.name}: %s`, ([, sent, value, due, sentence]) => {
    const [peer, ours] = [sent, due].map((type) => {
      const contract = defineContract({ name: 'I', operations: { Op: operation([['v', type]]) } });
      return { contract, limits: DEFAULT_LIMITS, address: 'net.tcp://localhost:9000/x' };
    });
    const called = peer?.contract.operations.get('Op');
    if (peer === undefined || ours === undefined || called === undefined) throw new Error('no Op');
    const out = new OctetWriter();
    encoding.client(peer).writeRequest(out, 1, called, [value]);
    const request = encoding.service(ours).readRequest(out.bytes, 0, out.length);
    if (request.kind !== 'refused') throw new Error('it was taken');
    expect(request.fault).toMatchObject({
      faultCode: { subcode: { name: 'DeserializationFailed' } },
    });
    const [, said = ''] = request.fault.message.split('Parameter "v"');
    if (typeof sentence === 'string') expect(said.slice(0, sentence.length)).toBe(sentence);
    else expect(said).toMatch(sentence);
  });
}
