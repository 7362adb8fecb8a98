import fc from 'fast-check';
import { formatDecimal } from '../../../shared/contract/types/text/number-text.ts';
import * as t from '../../../shared/contract/types/types.ts';

/** A type and one value of it. */
export interface Typed {
  readonly type: t.ValueType;
  readonly value: unknown;
}

const whole = (bits: number, signed: boolean) =>
  signed
    ? fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 })
    : fc.integer({ min: 0, max: 2 ** bits - 1 });

// Plain integers are what other libraries write short, so they must be frequent among the doubles.
const doubles = fc.oneof(fc.double(), fc.integer(), fc.maxSafeInteger(), fc.constant(-0));

/** Text without lone surrogates, of every script. */
export const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary-ascii', maxLength: 300, size: 'large' }),
);

const decimals = fc
  .record({
    isNegative: fc.boolean(),
    digits: fc.bigInt({ min: 0n, max: 2n ** 96n - 1n }),
    scale: fc.integer({ min: 0, max: 28 }),
  })
  .map(formatDecimal);

const SCALARS: readonly (readonly [t.ValueType, fc.Arbitrary<unknown>])[] = [
  [t.double, doubles],
  [t.float, fc.float()],
  [t.boolean, fc.boolean()],
  [t.string, text],
  [t.byte, whole(8, true)],
  [t.short, whole(16, true)],
  [t.int, whole(32, true)],
  [t.unsignedByte, whole(8, false)],
  [t.unsignedShort, whole(16, false)],
  [t.unsignedInt, whole(32, false)],
  [t.long, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  [t.unsignedLong, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })],
  [t.decimal, decimals],
  [
    t.dateTime,
    fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    }),
  ],
  [
    t.duration,
    fc
      .double({ min: -922_337_203_685_477.6, max: 922_337_203_685_477.6, noNaN: true })
      .map((ms) => ms + 0), // no −0
  ],
  [t.guid, fc.uuid()],
  [t.base64Binary, fc.uint8Array({ maxLength: 300 })],
  [
    t.char,
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter(({ length }) => length === 1),
  ],
  [t.uri, text],
  [
    t.version,
    fc.array(fc.nat(), { minLength: 2, maxLength: 4 }).map((numbers) => numbers.join('.')),
  ],
  [t.enumeration('Status', ['New', 'On its way']), fc.constantFrom('New', 'On its way')],
  [
    t.flags('Rights', { Read: 1, Write: 2, Last: 0x8000_0000 }),
    fc.constantFrom(0, 1, 3, 0x8000_0001),
  ],
];

/** Member names that JavaScript or C# give a meaning, among others. */
const memberName = fc.oneof(
  fc.constantFrom('constructor', 'toString', 'then', 'length', 'x', 'Größe', 'prototype', ''),
  fc.string().filter((name) => name !== '__proto__'),
);

/** Any type, with a function that makes values of it. */
const { type: typeWithValues } = fc.letrec<{
  type: { type: t.ValueType; values: fc.Arbitrary<unknown> };
}>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.constantFrom(...SCALARS).map(([type, values]) => ({ type, values })),
    tie('type').map(({ type, values }) => ({
      type: t.array(type),
      values: fc.array(values, { maxLength: 20 }),
    })),
    tie('type').map(({ type, values }) => ({
      type: t.nillable(type),
      values: fc.option(values, { nil: null }),
    })),
    tie('type').map(({ type, values }) => ({
      type: t.dictionary(t.string, type),
      values: fc
        .uniqueArray(fc.tuple(memberName, values), { maxLength: 20, selector: ([key]) => key })
        .map((entries) => new Map(entries)),
    })),
    fc
      .uniqueArray(fc.tuple(memberName, tie('type'), fc.constantFrom('', 'required', 'optional')), {
        maxLength: 20,
        selector: ([name]) => name,
      })
      .map((members) => ({
        type: t.object(
          'Data',
          Object.fromEntries(
            members.map(([name, { type }, presence]) => [name, withPresence(type, presence)]),
          ),
        ),
        values: fc
          .tuple(
            ...members.map(([, { values }, presence]) =>
              presence === 'optional' ? fc.option(values, { nil: undefined }) : values,
            ),
          )
          .map((values) =>
            Object.fromEntries(
              members
                .map(([name], index) => [name, values[index]] as const)
                .filter(([, value]) => value !== undefined),
            ),
          ),
      })),
  ),
}));

function withPresence(type: t.ValueType, presence: string): t.ValueType | t.Member {
  if (presence === 'optional') return t.optional(type);
  return presence === 'required' ? t.required(type) : type;
}

/** A type of any kind and depth, and a value of it. */
export const typed: fc.Arbitrary<Typed> = typeWithValues.chain(({ type, values }) =>
  values.map((value) => ({ type, value })),
);

/** What a general MessagePack library holds for a value: what MessagePack itself has a type for. */
export function plain(type: t.ValueType, value: unknown): unknown {
  switch (type.kind) {
    case 'long':
    case 'unsignedLong': {
      const isShort = (value as bigint) >= -(2n ** 31n) && (value as bigint) < 2n ** 32n;
      return isShort ? Number(value) : value;
    }
    case 'dateTime':
      return (value as Date).toISOString();
    case 'nillable':
      return value === null ? null : plain(type.of, value);
    case 'array':
      return (value as unknown[]).map((element) => plain(type.of, element));
    case 'dictionary':
      return Object.fromEntries(
        [...(value as Map<string, unknown>)].map(([key, one]) => [key, plain(type.value, one)]),
      );
    case 'object':
      return Object.fromEntries(
        type.fields
          .filter(({ name }) => Object.hasOwn(value as object, name))
          .map(({ name, type: of }) => [name, plain(of, (value as Record<string, unknown>)[name])]),
      );
    default:
      return value;
  }
}
