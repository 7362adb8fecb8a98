import { type Contract, defineContract } from '../../../shared/contract/contract.ts';
import { message } from '../../../shared/contract/message.ts';
import {
  oneWay,
  operation,
  type OperationDefinition,
  results,
} from '../../../shared/contract/operation.ts';
import * as t from '../../../shared/contract/types/types.ts';

const namespace = 'http://example.org/large';
const CLASSES = 100;
const OPERATIONS = 300;

/** Classes that hold each other: written out, the last of them would be without end. @param prefix of their names */
function classes(prefix: string): t.ObjectType[] {
  const made: t.ObjectType[] = [];
  const before = (index: number): t.ValueType => t.nillable(made[index] ?? t.string);
  for (let index = 0; index < CLASSES; index++) {
    const held = Object.fromEntries([7, 14, 21].map((of) => [`Ref${of}`, before(index - of)]));
    made.push(
      t.object(
        `${prefix}${index}`,
        {
          Id: t.int,
          Name: t.nillable(t.string),
          Total: t.optional(t.decimal),
          At: t.dateTimeOffset,
          Kind: t.enumeration(`${prefix}Kind${index % 10}`, ['New', 'Paid'], namespace),
          Counts: t.dictionary(t.string, t.int),
          List: t.nillable(t.array(before(index - 3))),
          ...held,
        },
        namespace,
      ),
    );
  }
  return made;
}

/** A contract of 300 operations and 100 classes, with all kinds of operations and types. */
export function largeContract(prefix = 'Class'): Contract {
  const all = classes(prefix);
  const one = (index: number): t.ValueType => t.nillable(all[index % CLASSES] ?? t.string);
  const Shape = t.object(`${prefix}Shape`, { Label: t.nillable(t.string) }, namespace);
  const Circle = t.object(`${prefix}Circle`, { Radius: t.double }, { base: Shape, namespace });
  const Shapes = t.known(Shape, [Circle]);
  const Node: t.ValueType = t.object(
    `${prefix}Node`,
    { Next: t.nillable(t.lazy(() => Node)), Of: one(CLASSES - 1) },
    { namespace, reference: true },
  );
  const kinds: readonly ((name: string, index: number) => OperationDefinition)[] = [
    (name, at) => operation([], results({ [`${name}Result`]: t.boolean, out: one(at) })),
    (_, at) => oneWay([['a', one(at)]]),
    (name, at) => operation(message({ headers: { [`H${name}`]: t.int }, body: { B: one(at) } })),
    () =>
      operation(
        [
          ['s', Shapes],
          ['n', t.nillable(Node)],
          ['x', t.any()],
        ],
        t.array(Shapes),
      ),
    () => operation([['data', t.stream]], t.stream),
    (_, at) => operation([['a', one(at)]], one(at + 1), { faults: [Circle] }),
  ];
  const plain = (at: number): OperationDefinition =>
    operation(
      [
        ['a', one(at)],
        ['b', t.int],
        ['list', t.nillable(t.array(one(at + 5)))],
      ],
      one(at * 7),
    );
  const operations = Object.fromEntries(
    Array.from({ length: OPERATIONS }, (_, index) => {
      const name = `Operation${index}`;
      const kind = index % 10 === 0 ? kinds[(index / 10) % kinds.length] : undefined;
      return [name, kind?.(name, index) ?? plain(index)];
    }),
  );
  return defineContract({ name: `I${prefix}Large`, namespace, operations });
}
