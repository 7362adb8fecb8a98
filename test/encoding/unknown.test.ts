// What a peer sends and the contract here has no place for is passed over, as in WCF, and reported.
import { expect, test } from 'vitest';
import {
  defineContract,
  type Operation,
  operation,
  results,
} from '../../shared/contract/contract.ts';
import type { Results } from '../../shared/contract/operation.ts';
import * as t from '../../shared/contract/types/types.ts';
import type { CodecOptions, RequestId, ServiceCodec } from '../../shared/encoding/encoding.ts';
import { msgpack } from '../../shared/encoding/msgpack/msgpack.ts';
import { soapBuffered, soapStreamed } from '../../shared/encoding/soap/soap.ts';
import type { OnUnknown, UnknownPart } from '../../shared/encoding/unknown.ts';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import { OctetWriter } from '../../shared/octets.ts';
import { rawText } from '../../shared/printable.ts';

type Type = t.ValueType | Results;
type Told = readonly string[];

const namespace = 'urn:unknown';
const A = { A: t.int };
const AB = { A: t.int, B: t.string };
const More = t.object('O', AB);
const Less = t.object('O', A);
const more = { A: 1, B: 'lost' };
const less = { A: 1 };
const OF_O = ['member B of O'];
const Base = t.object('Base', A);
const Ring = t.object('R', AB, { reference: true });
const LessRing = t.object('R', A, { reference: true });

// What the peer has and sends, what the contract here has and gets, and what is reported to whom.
// prettier-ignore
const VALUES: readonly (readonly [string, t.ValueType, unknown, t.ValueType, unknown, Told])[] = [
  ['nothing', More, more, More, more, []],
  ['a member', More, more, Less, less, OF_O],
  ['a nested one', t.object('W', { o: More }), { o: more }, t.object('W', { o: Less }), { o: less }, OF_O],
  ['in each item of an array: once', t.array(More), [more, more], t.array(Less), [less, less], OF_O],
  ['in a value of a dictionary', t.dictionary(t.int, More), new Map([[1, more]]), t.dictionary(t.int, Less), new Map([[1, less]]), OF_O],
  ['an object', t.object('W', { A: t.int, B: More }), { A: 1, B: more }, t.object('W', A), less, ['member B of W']],
  ['of a known type', t.known(Base, [t.object('D', { C: t.int, Z: t.int }, { base: Base })]), { $type: 'D', A: 1, C: 2, Z: 3 },
    t.known(Base, [t.object('D', { C: t.int }, { base: Base })]), { $type: 'D', A: 1, C: 2 }, ['member Z of D']],
  ['of an object with references', Ring, more, LessRing, less, ['member B of R']],
  ['twelve members: ten', t.object('M', many(12)), numbers(12), t.object('M', {}), {}, 'abcdefghij'.split('').map((name) => `member ${name} of M`)],
];

// prettier-ignore
const RESULTS: readonly (readonly [string, Type, unknown, Type, unknown, string, string])[] = [
  ['one of several results', results({ A: t.int, B: t.int }), { A: 1, B: 2 }, results(A), less, 'member B of GetResponse', 'result B'],
  ['a result where none is due', t.int, 1, t.nothing, undefined, 'result', 'result GetResult'],
];

for (const encoding of [msgpack, soapBuffered, soapStreamed]) {
  const name = `${encoding.name} ${encoding.mode}`;
  const isMsgpack = encoding === msgpack;

  test.for(VALUES)(`${name}: %s, in a request`, ([, theirs, sent, ours, due, told]) => {
    const one = exchange(Put([['v', theirs]]), Put([['v', ours]]));
    expect(one.request(sent)).toMatchObject({ kind: 'call', args: [due] });
    expect(one.told).toEqual(told.map((what) => `request of Put: ${what}`));
  });

  test.for(VALUES)(`${name}: %s, in an answer`, ([, theirs, sent, ours, due, told]) => {
    const one = exchange(Get(theirs), Get(ours));
    expect(one.answer(sent)).toEqual({ kind: 'result', id: 1, value: due });
    expect(one.told).toEqual(told.map((what) => `answer of Get: ${what}`));
  });

  test.for(RESULTS)(`${name}: %s`, ([, theirs, sent, ours, due, inMsgpack, inSoap]) => {
    const one = exchange(Get(theirs), Get(ours));
    expect(one.answer(sent)).toEqual({ kind: 'result', id: 1, value: due });
    expect(one.told).toEqual([`answer of Get: ${isMsgpack ? inMsgpack : inSoap}`]);
  });

  test(`${name}: in the detail of a fault`, () => {
    const one = exchange(Get(t.int, [More]), Get(t.int, [Less]));
    expect(one.fault(More, more)).toMatchObject({ fault: { typed: { value: less } } });
    expect(one.told).toEqual(['answer of Get: member B of O']);
  });

  test(`${name}: a detail that the operation does not declare`, () => {
    const Other = t.object('Other', A, namespace);
    const one = exchange(Get(t.int, [Other]), Get(t.int, [Less]));
    const answer = one.fault(Other, less);
    expect(answer).toMatchObject({ kind: 'fault', fault: { message: 'no' } });
    expect(answer).not.toHaveProperty('fault.typed');
    expect(one.told).toEqual([`answer of Get: detail ${isMsgpack ? `{${namespace}}` : ''}Other`]);
  });

  test(`${name}: a message that is refused leaves nothing to be reported with the next one`, () => {
    const Some = t.object('O', { A: t.int, B: t.optional(t.string) });
    const [good, both] = [['good'], ['good', 'bad']].map((all) => t.enumeration('E', all));
    if (good === undefined || both === undefined) throw new Error('no types');
    const theirs = Put([['v', t.object('W', { A: Some, B: both })]]);
    const one = exchange(theirs, Put([['v', t.object('W', { A: Less, B: good })]]));
    expect(one.request({ A: more, B: 'bad' })).toMatchObject({ kind: 'refused' });
    expect(one.request({ A: less, B: 'good' })).toMatchObject({ kind: 'call' });
    expect(one.told).toEqual([]);
  });

  if (isMsgpack) continue; // it has no names for them, and refuses another number

  test(`${name}: a parameter`, () => {
    const theirs = Put([
      ['v', t.int],
      ['w', t.int],
    ]);
    const one = exchange(theirs, Put([['w', t.int]]));
    expect(one.request(1, 2)).toMatchObject({ kind: 'call', args: [2] });
    expect(one.told).toEqual(['request of Put: parameter v']);
  });

  test(`${name}: one that is out of order`, () => {
    const [v, w] = [['v', t.int] as const, ['w', t.int] as const];
    const one = exchange(Put([v, w]), Put([w, v]));
    expect(one.request(1, 2)).toMatchObject({ kind: 'call', args: [0, 1] });
    expect(one.told).toEqual(['request of Put: parameter w misplaced']);
  });

  /** What one end sends by its contract and the other reads by its own, and what the reader is told. */
  function exchange(theirs: Operations, ours: Operations) {
    const told: string[] = [];
    const onUnknown: OnUnknown = (message, of, parts) =>
      void told.push(...parts.map((part) => `${message} of ${of}: ${described(part)}`));
    const [peer, here] = [theirs, ours].map((operations) => {
      const contract = defineContract({ name: 'I', namespace, operations });
      const [called] = contract.operations.values();
      if (called === undefined) throw new Error('no operation');
      const address = 'net.tcp://localhost:9000/x';
      return { called, options: { contract, limits: DEFAULT_LIMITS, address } };
    }) as [Side, Side];
    const out = new OctetWriter();
    const options = { ...here.options, onUnknown };
    const [sender, reader] = [encoding.client(peer.options), encoding.service(options)];

    function answered(write: (service: ServiceCodec, id: RequestId) => void) {
      const [client, service] = [encoding.client(options), encoding.service(peer.options)];
      client.writeRequest(out, 1, here.called, []);
      const { id } = service.readRequest(out.bytes, 0, out.length);
      out.clear();
      write(service, id ?? '');
      return client.readReply(out.bytes, 0, out.length, () => here.called);
    }
    return {
      told,
      request(...args: readonly unknown[]) {
        out.clear();
        sender.writeRequest(out, 1, peer.called, args);
        return reader.readRequest(out.bytes, 0, out.length);
      },
      answer: (value: unknown) =>
        answered((service, id) => service.writeResult(out, id, peer.called, value)),
      fault: (type: t.ValueType, value: unknown) =>
        answered((service, id) => {
          const fault = { code: 'Fault', message: 'no', typed: { type, value } } as const;
          service.writeFault(out, id, fault, peer.called);
        }),
    };
  }
}

interface Side {
  readonly called: Operation;
  readonly options: CodecOptions;
}

type Operations = Parameters<typeof defineContract>[0]['operations'];

function Put(parameters: readonly (readonly [string, t.ValueType])[]): Operations {
  return { Put: operation(parameters) };
}

function Get(type: Type, faults: readonly t.ObjectType<object>[] = []): Operations {
  return { Get: operation([], type as t.ValueType, { faults }) };
}

function described({ what, name, of, isMisplaced }: UnknownPart): string {
  const ofType = of === undefined ? '' : ` of ${of}`;
  return `${what} ${name === undefined ? '' : rawText(name)}${ofType}${isMisplaced ? ' misplaced' : ''}`.trimEnd();
}

function many(count: number): Record<string, t.ValueType<number>> {
  return Object.fromEntries(Object.keys(numbers(count)).map((name) => [name, t.int]));
}

function numbers(count: number): Record<string, number> {
  return Object.fromEntries(
    'abcdefghijkl'
      .split('')
      .slice(0, count)
      .map((name) => [name, 1]),
  );
}
