import fc from 'fast-check';
import {
  type Contract,
  defineContract,
  operation,
  results,
} from '../../shared/contract/contract.ts';
import { message } from '../../shared/contract/message.ts';
import { isReference, SCALAR_KINDS } from '../../shared/contract/types/type-names.ts';
import * as t from '../../shared/contract/types/types.ts';

const VALUES: readonly t.ValueType[] = SCALAR_KINDS.map((kind) => ({ kind })).filter(
  (type) => !isReference(type),
);
const SIMPLE: readonly t.ValueType[] = [...VALUES, t.string, t.base64Binary, t.uri];
type Members = Record<string, t.ValueType | t.Member>;
type Pick = <T>(from: readonly T[]) => T;

/** Types of one namespace; each has a name of its own. */
function makePool(pick: Pick, namespace: string, other: string): t.ValueType[] {
  const simple = [
    ...SIMPLE,
    t.enumeration('E', ['a', 'b c'], namespace),
    t.flags('F', { None: 0, Read: 1, Write: 2, Other: 64 }, other),
  ];
  const pool: t.ValueType[] = [...simple, t.xml, t.any()];
  const attributes = (of: string): Members => ({
    a1: t.attribute(pick(simple)),
    [`a2${of}`]: t.attribute(
      t.optional(pick(simple)),
      pick([{}, { namespace: other }, { namespace }]),
    ),
    a3: t.attribute(t.array(pick(simple.slice(0, 12)))),
  });
  const text = t.object(
    'Text',
    { ...attributes('Text'), Value: t.text(pick(simple)) },
    { namespace },
  );
  const special = t.object(
    'Special',
    { own: t.attribute(t.int) },
    { base: text, namespace: other },
  );
  const plain = t.object('Plain', { z: pick(VALUES), a: t.nillable(pick(simple)) }, { namespace });
  const ring: t.ValueType = t.object(
    'Ring',
    { next: t.nillable(t.lazy(() => ring)), v: t.int },
    { namespace: other },
  );
  const base = t.object('Base', { ...attributes('Base'), b: t.nillable(t.string) }, { namespace });
  const derived = t.object('Derived', { c: pick(VALUES) }, { base, namespace: other });
  pool.push(t.known(text, [special]), plain, ring, t.known(base, [derived]));
  const refer = (): t.ValueType =>
    pick([t.string, plain, ring, t.array(t.int), t.known(base, [derived])]);
  const element = (): t.ValueType | t.Member =>
    pick<t.ValueType | t.Member>([
      pick(pool),
      t.nillable(pick(VALUES)),
      t.nillable(refer()),
      t.optional(pick(VALUES)),
      t.element(t.nillable(refer()), { nil: true }),
      t.element(pick(SIMPLE), { namespace: '' }),
      t.elements(pick(pool)),
      t.elements(t.nillable(t.string)),
      t.array(t.nillable(t.string)),
    ]);
  const many: Members = { z: element(), y: element(), b: element(), a: element() };
  pool.push(t.object('Many', { ...attributes('Many'), ...many }, { namespace }));
  return pool;
}

/** Contracts whose operations have the format `xmlSerializer`, with all that schemas can say of one. */
export const xmlContracts: fc.Arbitrary<Contract> = fc
  .tuple(fc.infiniteStream(fc.nat()), fc.constantFrom('urn:a', 'http://example.org/a'))
  .map(([numbers, namespace]) => {
    const pick: Pick = (from) => from[(numbers.next().value as number) % from.length] as never;
    const pool = makePool(pick, pick([namespace, 'urn:types']), 'urn:other');
    const one = (): t.ValueType => {
      const type = pick(pool);
      return type.kind === 'any' ? t.nillable(t.string) : pick([type, t.nillable(type)]);
    };
    const body = (of: string) =>
      message({
        name: `W${of}`,
        namespace: 'urn:wrapper',
        headers: { [`H${of}`]: t.nillable(pick(SIMPLE.slice(0, 16))) },
        body: {
          [`b${of}`]: t.element(pick(pool), { namespace: 'urn:wrapper' }),
          [`c${of}`]: t.elements(pick(pool), { namespace: 'urn:wrapper' }),
        },
      });
    return defineContract({
      name: 'I',
      namespace,
      format: 'xmlSerializer',
      operations: {
        One: operation([['p', one()]], one()),
        Two: operation(
          [
            ['z', one()],
            ['a', one()],
          ],
          results({ TwoResult: one(), out: one() }),
        ),
        All: operation(
          pool.map((type, index) => [`p${index}`, type] as const),
          t.int,
        ),
        Sent: operation(body('S'), body('A')),
        Up: operation([['data', t.stream]], one()),
        Down: operation([['p', one()]], t.stream),
        Bare: operation(
          message({
            wrapped: false,
            headers: { HB: t.nillable(t.string) },
            body: {
              data: pick([t.stream, { type: t.stream, namespace: 'urn:wrapper' }] as const),
            },
          }),
          one(),
        ),
      },
    });
  });
