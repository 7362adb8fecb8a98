// Names of operations, parameters and members as programmers of other languages have them.
import { expect, test } from 'vitest';
import { defineContract, operation } from '../../shared/contract/contract.ts';
import * as t from '../../shared/contract/types/types.ts';
import { msgpack } from '../../shared/encoding/msgpack/msgpack.ts';
import { soapBuffered } from '../../shared/encoding/soap/soap.ts';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import { OctetWriter } from '../../shared/octets.ts';

test.for([msgpack, soapBuffered])('$name carries names beyond ASCII', (encoding) => {
  const Maß = t.object('Maß', { Größe: t.int }, 'urn:größe');
  const contract = defineContract({
    name: 'IMaß',
    operations: { Prüfe: operation([['größe', Maß]], t.int) },
  });
  const options = { contract, limits: DEFAULT_LIMITS, address: 'net.tcp://localhost:9000/x' };
  const [prüfe] = contract.operations.values();
  if (prüfe === undefined) throw new Error('no operation');
  const out = new OctetWriter();
  encoding.client(options).writeRequest(out, 1, prüfe, [{ Größe: 5 }]);
  const request = encoding.service(options).readRequest(out.bytes, 0, out.length);
  expect(request).toMatchObject({ kind: 'call', operation: prüfe, args: [{ Größe: 5 }] });
});

test.for(['a b', '', '1a', 'a:b', '-a', 'a×b', '\u0301a', 'a\u0000', '\ud800a'])(
  'no XML name: %j',
  (name) => {
    const define = () => defineContract({ name: 'I', operations: { [name]: operation([]) } });
    expect(define).toThrow('cannot be a name in a contract: it is not an XML name');
  },
);

test.for(['Größe', 'año', '名前', 'имя', '\u{10400}', 'a-b.c_1', 'e\u0301'])(
  'an XML name: %j',
  (name) => {
    defineContract({ name: 'I', operations: { [name]: operation([]) } });
  },
);
