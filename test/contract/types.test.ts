// What a contract holds in TypeScript is what a person would have written; `npm run types` checks it.
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { DateTimeOffset } from '../../shared/contract/types/text/date-time.ts';
import * as t from '../../shared/contract/types/types.ts';
import { NetTcpError } from '../../shared/errors.ts';

const Status = t.enumeration('Status', ['New', 'Paid', 'On its way']);
const Order = t.object('Order', {
  Id: t.int,
  Note: t.optional(t.string),
  Status,
  Stock: t.dictionary(t.string, t.int),
  Shipped: t.nillable(t.dateTimeOffset),
  Total: t.required(t.decimal),
});

interface WrittenByHand {
  Id: number;
  Note?: string;
  Status: 'New' | 'Paid' | 'On its way';
  Stock: Map<string, number>;
  Shipped: DateTimeOffset | null;
  Total: string;
}

test('an object is what one would write by hand', () => {
  expectTypeOf<t.TypeOf<typeof Order>>().toEqualTypeOf<WrittenByHand>();
});

test('an enumeration is a union of its texts', () => {
  expectTypeOf<t.TypeOf<typeof Status>>().toEqualTypeOf<'New' | 'Paid' | 'On its way'>();
});

const Shape = t.object('Shape', { Label: t.string }, { abstract: true });
const Circle = t.object(
  'Circle',
  { Radius: t.double, Note: t.optional(t.string) },
  { base: Shape },
);
const Square = t.object('Square', { Side: t.double }, { base: Shape });

test('a derived class has the members of its base', () => {
  expectTypeOf<t.TypeOf<typeof Circle>>().toEqualTypeOf<{
    Label: string;
    Radius: number;
    Note?: string;
  }>();
});

test('known types are a union that $type tells apart; an abstract base is none of them', () => {
  const AnyShape = t.known(Shape, [Circle, Square]);
  type AnyShape = t.TypeOf<typeof AnyShape>;
  expectTypeOf<AnyShape>().toEqualTypeOf<
    | { $type: 'Circle'; Label: string; Radius: number; Note?: string }
    | { $type: 'Square'; Label: string; Side: number }
  >();
  const area = (shape: AnyShape): number =>
    shape.$type === 'Circle' ? Math.PI * shape.Radius ** 2 : shape.Side ** 2;
  expect(area({ $type: 'Square', Label: '', Side: 2 })).toBe(4);
});

test('flags are a number', () => {
  const Rights = t.flags('Rights', { Read: 1, Write: 2 });
  expectTypeOf<t.TypeOf<typeof Rights>>().toEqualTypeOf<number>();
});

describe('what no type can be is said where it is written', () => {
  test.for<[string, () => unknown, string]>([
    [
      'bits over 2^32',
      () => t.flags('F', { A: 2 ** 32 }),
      'F.A must be 0 to 4294967295, not 4294967296',
    ],
    ['half a bit', () => t.flags('F', { A: 0.5 }), 'F.A must be 0 to 4294967295, not 0.5'],
    [
      'a known type of another base',
      () => t.known(Shape, [t.object('Other', {})]),
      'Other does not derive from Shape',
    ],
    [
      'two known types of one name',
      () =>
        t.known(Shape, [Circle, t.object('Circle', {}, { base: Shape, namespace: 'urn:other' })]),
      'Shape knows two types named Circle',
    ],
    [
      'a member that the base has',
      () => t.object('Odd', { Label: t.int }, { base: Shape }),
      'a member of Odd cannot be named as one of its base: "Label"',
    ],
    [
      'a typo in the names of a collection',
      () => t.array(t.int, { itm: 'x' } as object),
      'types.array has no option "itm". Did you mean "item"?',
    ],
  ])('%s', ([, define, message]) => {
    expect(define).toThrow(new NetTcpError('Usage', message));
  });
});
