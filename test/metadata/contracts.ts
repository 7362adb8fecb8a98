import fc from 'fast-check';
import {
  callbacksOf,
  type Contract,
  defineContract,
  type Operation,
  oneWay,
  operation,
  results,
} from '../../shared/contract/contract.ts';
import { header } from '../../shared/contract/header.ts';
import { message, type MessageShape } from '../../shared/contract/message.ts';
import { itemName, typeName } from '../../shared/contract/types/type-names.ts';
import * as t from '../../shared/contract/types/types.ts';

const NAMESPACES = ['http://example.org/a', 'urn:b', 'http://schemas.datacontract.org/2004/07/'];
const SCALARS: readonly t.ValueType[] = [
  t.double,
  t.float,
  t.boolean,
  t.string,
  t.byte,
  t.short,
  t.int,
  t.long,
  t.unsignedByte,
  t.unsignedShort,
  t.unsignedInt,
  t.unsignedLong,
  t.decimal,
  t.dateTime,
  t.duration,
  t.guid,
  t.base64Binary,
  t.char,
  t.uri,
  t.dateTimeOffset,
  t.version,
  t.any(),
  t.xml,
  t.tuple(t.int, t.nillable(t.string)),
  t.keyValuePair(t.string, t.guid),
];

const namespaces = fc.constantFrom(...NAMESPACES);
const names = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,11}$/);
const texts = fc.string({
  unit: fc.constantFrom('a', 'B', ' ', '<', '&', '"', "'", 'é', '→', '𝄞'),
  minLength: 1,
});

/** Types that messages can name; each has a name of its own. */
const pools: fc.Arbitrary<readonly t.ValueType[]> = fc
  .tuple(
    fc.uniqueArray(names, { minLength: 8, maxLength: 16 }),
    fc.infiniteStream(fc.nat()),
    namespaces,
  )
  .map(([own, numbers, namespace]) =>
    makePool(own, () => numbers.next().value as number, namespace),
  );

function makePool(own: readonly string[], next: () => number, namespace: string): t.ValueType[] {
  const pool = [...SCALARS];
  const pick = (): t.ValueType => pool[next() % pool.length] as t.ValueType;
  for (const name of own) pool.push(makeType(`T${name}`, next, pick, namespace));
  return pool;
}

function makeType(
  name: string,
  next: () => number,
  pick: () => t.ValueType,
  namespace: string,
): t.ValueType {
  switch (next() % 7) {
    case 0:
      return t.enumeration(name, [`a${next()}`, 'b c'], namespace);
    case 1:
      return t.flags(name, { None: 0, Read: 1, Write: 2, Other: next() % 2 ** 31 }, namespace);
    case 2:
      return t.array(orNull(pick(), true), { name, namespace, item: 'Item' });
    case 3:
      return t.dictionary(t.int, orNull(pick(), true), {
        name,
        namespace,
        item: 'Entry',
        key: 'k',
      });
    case 4: {
      const ring: t.ValueType = t.object(
        name,
        { next: t.nillable(t.lazy(() => ring)) },
        { namespace, reference: true },
      );
      return ring;
    }
    case 5: {
      const base = t.object(name, members(next, pick), { namespace });
      const one = t.object(`${name}1`, { own: pick() }, { base, namespace: 'urn:other' });
      const two = t.object(`${name}2`, {}, { base, namespace });
      return t.known(base, [one, two]);
    }
    default:
      return t.object(name, members(next, pick), { namespace });
  }
}

function members(
  next: () => number,
  pick: () => t.ValueType,
): Record<string, t.ValueType | t.Member> {
  const all: Record<string, t.ValueType | t.Member> = {};
  for (let index = 0; index <= next() % 4; index++) {
    const type = pick();
    const made = [
      orNull(type, next() % 2 === 0),
      t.optional(type),
      t.required(type),
      t.array(orNull(type, true)),
    ];
    all[`m${index}`] = made[next() % made.length] as t.ValueType | t.Member;
  }
  return all;
}

/** WSDL has one name for all arrays of a class, whether null may be among their items or not: here it always may. */
function orNull(type: t.ValueType, isWanted: boolean): t.ValueType {
  return isWanted && type.kind !== 'any' ? t.nillable(type) : type;
}

/** A message with elements of its own, or a wrapper of its own, so that WSDL can tell it from parameters. */
function makeMessage(
  of: string,
  next: () => number,
  pick: () => t.ValueType,
  mayStream: boolean,
): ReturnType<typeof message> {
  const wrapped = next() % 3 > 0;
  const headers = {
    [`${of}H1`]: pick(),
    [`${of}H2`]: header(`${of}H2`, pick(), { namespace: 'urn:headers' }),
  };
  const streams = [t.stream, { type: t.stream, namespace: 'urn:body' }] as const;
  const stream = { [`${of}S`]: streams[next() % 2] ?? t.stream };
  const several = {
    [`${of}B1`]: pick(),
    [`${of}B2`]: { type: pick(), namespace: 'urn:body' },
    ...(wrapped && { [`${of}B3`]: t.required(t.int) }),
  };
  const body = mayStream && next() % 4 === 0 ? stream : several;
  return message({
    wrapped,
    ...(wrapped && next() % 2 === 0 && { name: `W${of}`, namespace: 'urn:wrapper' }),
    ...(next() % 2 === 0 ? { headers } : { headers: { [`${of}H1`]: t.int } }),
    ...(next() % 4 > 0 && { body }),
  });
}

const SESSION = [{}, {}, {}, {}, { isInitiating: false }, { isTerminating: true }];

/** Contracts with all that WSDL can say of one. */
export const contracts: fc.Arbitrary<Contract> = fc
  .tuple(
    names,
    namespaces,
    fc.uniqueArray(names, { maxLength: 6 }),
    pools,
    fc.infiniteStream(fc.nat()),
    texts,
  )
  .map(([name, namespace, operations, pool, numbers, text]) => {
    const next = (): number => numbers.next().value as number;
    const pick = (): t.ValueType =>
      orNull(pool[next() % pool.length] as t.ValueType, next() % 3 === 0);
    const parameters = (): (readonly [string, t.ValueType])[] =>
      Array.from({ length: next() % 4 }, (_, index) => [`p${index}`, pick()] as const);
    const make = (of: string, isCallback = false) => {
      const session = SESSION[isCallback ? 0 : next() % SESSION.length] ?? {};
      if (next() % 4 === 0) {
        const [asked, answered] = [of, `${of}A`].map((each) =>
          makeMessage(each, next, pick, !isCallback),
        ) as [ReturnType<typeof message>, ReturnType<typeof message>];
        if (next() % 3 === 0) return oneWay(asked, session);
        return operation(asked, next() % 2 === 0 ? answered : pick(), session);
      }
      if (next() % 5 === 0) return oneWay(parameters(), session);
      if (next() % 8 === 0 && !isCallback) return operation([['data', t.stream]], t.stream);
      const several = results({ [`${of}Result`]: pick(), out: pick() });
      const result = [t.nothing, pick(), pick(), several][next() % 4];
      const fault = pool.find(({ kind }) => kind === 'object');
      const options = [
        {},
        { action: `urn:${encodeURIComponent(text)}:${of}`, replyAction: 'urn:reply' },
        ...(fault === undefined
          ? []
          : [{ faults: [fault] }, { faults: [{ type: fault, name: 'Bad', action: 'urn:bad' }] }]),
      ];
      return operation(parameters(), result, { ...options[next() % options.length], ...session });
    };
    const entries = operations.map((of) => [`O${of}`, make(`O${of}`)] as const);
    const called = operations
      .slice(next() % 8)
      .map((of) => [`C${of}`, make(`C${of}`, true)] as const);
    const callback = defineContract({ name: 'ICallback', operations: Object.fromEntries(called) });
    return defineContract({
      name: `I${name}`,
      namespace,
      ...(called.length > 0 && { callback }),
      ...(next() % 4 === 0 && { sessionMode: 'required' }),
      operations: Object.fromEntries(entries),
    });
  });

/** A contract as plain data, types by their names where they come again. */
export function plain(contract: Contract): unknown {
  const { name, namespace, sessionMode } = contract;
  const seen = new Map<string, unknown>();
  const [operations, callbacks] = [contract, callbacksOf(contract)].map((of) =>
    [...of.operations.values()].map((one) => plainOperation(one, seen)),
  );
  return { name, namespace, sessionMode, operations, callbacks, types: Object.fromEntries(seen) };
}

function plainOperation(operation: Operation, seen: Map<string, unknown>): unknown {
  const { parameters, results: parts, faults, result: _, request, reply, ...rest } = operation;
  return {
    ...rest,
    parameters: parameters.map((field) => ({ ...field, type: plainType(field.type, seen) })),
    results: parts.map(({ presence: _presence, ...field }) => ({
      ...field,
      type: plainType(field.type, seen),
    })),
    request: request && plainMessage(request, seen),
    reply: reply && plainMessage(reply, seen),
    faults: faults.map((fault) => ({ ...fault, type: plainType(fault.type, seen) })),
  };
}

function plainMessage(shape: MessageShape, seen: Map<string, unknown>): unknown {
  return {
    ...shape,
    headers: shape.headers.map(({ header: { name, namespace, type }, ...part }) => ({
      ...part,
      header: { name, namespace, type: plainType(type, seen) },
    })),
    body: shape.body.map(({ type, ...part }) => ({ ...part, type: plainType(type, seen) })),
  };
}

function plainType(type: t.ValueType, seen: Map<string, unknown>): unknown {
  if (type === t.stream) return 'stream';
  switch (type.kind) {
    case 'lazy':
      return plainType(type.of, seen);
    case 'nillable':
      return ['nillable', plainType(type.of, seen)];
    case 'known':
      return [
        'known',
        plainType(type.of, seen),
        type.types.map((one) => String(plainType(one, seen))).toSorted((a, b) => (a < b ? -1 : 1)),
      ];
    default: {
      const { name, namespace } = typeName(type);
      const key = `${type.kind} {${namespace}}${name}`;
      if (!seen.has(key)) {
        seen.set(key, undefined);
        seen.set(key, content(type, seen));
      }
      return key;
    }
  }
}

function content(type: t.ValueType, seen: Map<string, unknown>): unknown {
  if (type.kind === 'array') return [itemName(type).name, plainType(type.of, seen)];
  if (type.kind === 'dictionary') {
    const { key = 'Key', value = 'Value' } = type.names;
    return [key, plainType(type.key, seen), value, plainType(type.value, seen)];
  }
  if (type.kind === 'object') {
    const fields = type.fields.map((field) => ({ ...field, type: plainType(field.type, seen) }));
    return [fields, type.base && plainType(type.base, seen), type.isReference];
  }
  return 'values' in type ? type.values : undefined;
}
