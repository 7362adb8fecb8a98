// What a peer sends is told, wherever in a message it is: in a header's value, in a callback, in a fault's detail that
// cannot be read. And what cannot be passed over, because .NET does not, is refused.
import { expect, test } from 'vitest';
import {
  callbacksOf,
  type Contract,
  defineContract,
  oneWay,
  operation,
} from '../../shared/contract/contract.ts';
import { header } from '../../shared/contract/header.ts';
import { message } from '../../shared/contract/message.ts';
import * as t from '../../shared/contract/types/types.ts';
import { msgpack } from '../../shared/encoding/msgpack/msgpack.ts';
import { soapBuffered, soapStreamed } from '../../shared/encoding/soap/soap.ts';
import type { OnUnknown } from '../../shared/encoding/unknown.ts';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import { OctetWriter } from '../../shared/octets.ts';
import { rawText } from '../../shared/printable.ts';

const namespace = 'urn:unknown';
const More = t.object('O', { A: t.int, B: t.string });
const Less = t.object('O', { A: t.int });
const more = { A: 1, B: 'lost' };
const less = { A: 1 };
const [SentHeader, DueHeader] = [header('H', More), header('H', Less)];

/** One encoding between a client with one contract and a service with another; all that either is told. */
function between(encoding: typeof msgpack, theirs: Contract, ours: Contract) {
  const told: string[] = [];
  const onUnknown: OnUnknown = (of, name, parts) => {
    for (const { what, name: part, of: type, mismatch } of parts) {
      const [named, ofType] = [part && ` ${rawText(part)}`, type && ` of ${type}`];
      told.push(`${of} of ${name}: ${what}${named ?? ''}${ofType ?? ''}${mismatch ?? ''}`);
    }
  };
  const options = { limits: DEFAULT_LIMITS, address: 'net.tcp://localhost:9000/x', onUnknown };
  const [client, service] = [
    encoding.client({ ...options, contract: theirs }),
    encoding.service({ ...options, contract: ours }),
  ];
  const out = new OctetWriter();
  const bytes = (write: () => void): readonly [Uint8Array, number, number] => {
    out.clear();
    write();
    return [out.toBytes(), 0, out.length];
  };
  return { told, client, service, out, bytes };
}

function contract(operations: Parameters<typeof defineContract>[0]['operations']): Contract {
  return defineContract({ name: 'I', namespace, operations }) as unknown as Contract;
}

function only(of: Contract) {
  const [operationOf] = of.operations.values();
  if (operationOf === undefined) throw new Error('no operation');
  return operationOf;
}

for (const encoding of [msgpack, soapBuffered, soapStreamed]) {
  const name = `${encoding.name} ${encoding.mode}`;

  test(`${name}: in the value of a header, of a request and of an answer`, () => {
    const both = contract({ Op: operation([], t.int) });
    const { told, client, service, out, bytes } = between(encoding, both, both);
    const op = only(both);
    const headers = [SentHeader.of(more)];
    const request = service.readRequest(
      ...bytes(() => client.writeRequest(out, 1, op, [], headers)),
    );
    if (request.kind !== 'call') throw new Error('refused');
    expect(told).toEqual([]); // its type is known only where somebody asks for it
    expect(request.headers?.get(DueHeader)).toEqual(less);
    expect(told.splice(0)).toEqual(['request of Op: member B of O']);
    const wire = bytes(() => service.writeResult(out, request.id ?? '', op, 5, headers));
    const answer = client.readReply(...wire, () => op);
    if (answer?.kind !== 'result') throw new Error('no result');
    expect(answer.headers?.get(DueHeader)).toEqual(less);
    expect(told).toEqual(['answer of Op: member B of O']);
  });

  test(`${name}: a declared detail that is not what the contract says`, () => {
    const Other = t.object('O', { A: t.required(t.int), C: t.required(t.int) });
    const [theirs, ours] = [Other, More].map((type) =>
      contract({ Op: operation([], t.int, { faults: [type] }) }),
    ) as [Contract, Contract];
    const { told, client, service, out, bytes } = between(encoding, theirs, ours);
    const request = service.readRequest(
      ...bytes(() => client.writeRequest(out, 1, only(theirs), [])),
    );
    const fault = { code: 'Fault', message: 'no', typed: { type: More, value: more } } as const;
    const wire = bytes(() => service.writeFault(out, request.id ?? '', fault, only(ours)));
    const answer = client.readReply(...wire, () => only(theirs));
    expect(answer).toMatchObject({ kind: 'fault', fault: { message: 'no' } });
    expect(answer).not.toHaveProperty('fault.typed');
    const element = encoding === msgpack ? `{${Other.namespace}}O` : 'O';
    expect(told.filter((one) => !one.includes('member B'))).toEqual([
      `answer of Op: detail ${element}.C is missing`,
    ]);
  });
}

for (const encoding of [msgpack, soapBuffered]) {
  test(`${encoding.name}: in what a callback gets`, () => {
    const [theirs, ours] = [Less, More].map((type) => {
      const callback = defineContract({ name: 'C', operations: { Hear: oneWay([['v', type]]) } });
      return defineContract({ name: 'I', namespace, callback, operations: {} });
    }) as unknown as [Contract, Contract];
    const { told, client, service, out, bytes } = between(encoding, theirs, ours);
    const hear = only(callbacksOf(ours));
    const wire = bytes(() => service.calls.writeRequest(out, 1, hear, [more]));
    const heard = client.readReply(...wire, () => undefined);
    expect(heard).toMatchObject({ kind: 'callback', request: { kind: 'call', args: [less] } });
    expect(told).toEqual(['request of Hear: member B of O']);
  });
}

test('in a header of a message contract', () => {
  const [theirs, ours] = [More, Less].map((type) => {
    const Asked = message({ headers: { H: type }, body: { N: t.int } });
    return contract({ Op: operation(Asked, message({ headers: { H: type } })) });
  }) as [Contract, Contract];
  const { told, client, service, out, bytes } = between(soapBuffered, theirs, ours);
  const asked = { H: more, N: 1 };
  const wire = bytes(() => client.writeRequest(out, 1, only(theirs), [asked]));
  expect(service.readRequest(...wire)).toMatchObject({ kind: 'call', args: [{ H: less, N: 1 }] });
  expect(told).toEqual(['request of Op: member B of O']);
});

// .NET: "Expecting state 'Element'. Encountered 'Text' …"
test.for([
  ['an object', Less, 'an object (O)'],
  ['an array', t.array(t.int), 'an array'],
  ['a dictionary', t.dictionary(t.int, t.int), 'a dictionary (a Map)'],
] as const)('text where %s is due is refused: it would be lost', ([, due, expected]) => {
  const [theirs, ours] = [t.string, due].map((type) =>
    contract({ Op: operation([['v', type as t.ValueType]]) }),
  ) as [Contract, Contract];
  const { client, service, out, bytes } = between(soapBuffered, theirs, ours);
  const sent = (text: string) =>
    service.readRequest(...bytes(() => client.writeRequest(out, 1, only(theirs), [text])));
  expect(sent('hello')).toMatchObject({
    kind: 'refused',
    fault: { message: expect.stringContaining(`Parameter "v" must be ${expected}, not text`) },
  });
  expect(sent(' \n')).toMatchObject({ kind: 'call' });
});
