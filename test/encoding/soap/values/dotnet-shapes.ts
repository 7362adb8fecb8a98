import {
  DateTimeOffset,
  MAX_DATE_TICKS,
} from '../../../../shared/contract/types/text/date-time.ts';
import * as t from '../../../../shared/contract/types/types.ts';
import { counted } from '../../binary-xml/octets.ts';

const SHOP_NAME = 'http://example.org/shop';
const SYSTEM_NAME = 'http://schemas.datacontract.org/2004/07/System';
const SHOP = counted(SHOP_NAME);
const SYSTEM = counted(SYSTEM_NAME);
const XSI = counted('http://www.w3.org/2001/XMLSchema-instance');
const SERIALIZATION = counted('http://schemas.microsoft.com/2003/10/Serialization/');
const ARRAYS = counted('http://schemas.microsoft.com/2003/10/Serialization/Arrays');

const Customer = t.object('Customer', { Id: t.int, Name: t.nillable(t.string) }, SHOP_NAME);
export const Note = t.object(
  'Note',
  {
    Id: t.int,
    Text: t.optional(t.string),
    Priority: t.optional(t.int),
    Total: t.required(t.decimal),
  },
  SHOP_NAME,
);
export const Status = t.enumeration('Status', ['New', 'Paid', 'On its way'], SHOP_NAME);
export const Rights = t.flags('Rights', { None: 0, Read: 1, Write: 2, Admin: 4 }, SHOP_NAME);
const NoZero = t.flags('NoZero', { A: 1, B: 2, AB: 3 }, SHOP_NAME);
export const Tags = t.array(t.string, { name: 'Tags', item: 'Tag', namespace: SHOP_NAME });
const Counts = t.array(t.int, { name: 'Counts', item: 'Count', namespace: SHOP_NAME });
const Words = t.dictionary(t.string, t.int, {
  name: 'Words',
  namespace: SHOP_NAME,
  item: 'Word',
  key: 'Text',
  value: 'Times',
});
const Shape = t.object('Shape', { Label: t.nillable(t.string) }, SHOP_NAME);
const Circle = t.object('Circle', { Radius: t.double }, { namespace: SHOP_NAME, base: Shape });
const Square = t.object('Square', { Side: t.double }, { namespace: 'urn:base', base: Shape });
const AnyShape = t.known(Shape, [Circle, Square]);
const Box = t.object(
  'Box',
  { Nq: t.nillable(Square), Shapes: t.array(AnyShape), Sq: Square },
  'urn:box',
);
interface Tree {
  Kids: Tree[] | null;
  Name: string;
}
const Tree: t.ValueType<Tree> = t.object(
  'Tree',
  { Kids: t.nillable(t.array(t.lazy(() => Tree))), Name: t.string },
  SHOP_NAME,
);
interface Node {
  Name: string;
  Next: Node | null;
}
const Node: t.ValueType<Node> = t.object(
  'Node',
  { Name: t.string, Next: t.nillable(t.lazy(() => Node)) },
  { namespace: SHOP_NAME, reference: true },
);
const SELF: Node = { Name: 'n', Next: null };
SELF.Next = SELF;
const MIDDLE: Node = { Name: 'm', Next: null };
interface Pet {
  Friend: AnyPet | null;
  Name: string;
}
type AnyPet = Pet & ({ $type: 'Pet' } | { $type: 'Cat'; Lives: number });
const Pet: t.ObjectType<Pet, 'Pet'> = t.object(
  'Pet',
  { Friend: t.nillable(t.lazy(() => AnyPet)), Name: t.string },
  { namespace: SHOP_NAME, reference: true },
);
const Cat = t.object('Cat', { Lives: t.int }, { namespace: SHOP_NAME, base: Pet });
const AnyPet: t.ValueType<AnyPet> = t.known(Pet, [Cat]);
const CAT: AnyPet = { $type: 'Cat', Friend: null, Name: 'c', Lives: 9 };
CAT.Friend = CAT;
const NOON = new DateTimeOffset(new Date('2026-11-28T11:00:00Z'), 60);

/**
 * What .NET 10's DataContractSerializer writes after the name of an element in the default namespace, where
 * the prefixes `a` and `s` are taken, as in an envelope. Written and read the same.
 */
// prettier-ignore
export const SHAPES: readonly (readonly [string, t.ValueType, unknown, string])[] = [
  ['note-empty', Note, { Id: 1, Total: '2.5' },
    `09 01 "b" ${SHOP} 09 01 "i" ${XSI} 5f 02 "Id" 83 5f 05 "Total" 95 00 00 01 00 00 00 00 00 19 00 00 00 00 00 00 00 01`],
  ['note-full', Note, { Id: 1, Text: 't', Priority: 3, Total: '2.5' },
    `09 01 "b" ${SHOP} 09 01 "i" ${XSI} 5f 02 "Id" 83 5f 04 "Text" 99 01 "t" 5f 08 "Priority" 89 03 5f 05 "Total" 95 00 00 01 00 00 00 00 00 19 00 00 00 00 00 00 00 01`],
  ['enum', Status, 'Paid',
    `99 04 "Paid"`],
  ['enum-value', Status, 'On its way',
    `99 0a "On its way"`],
  ['enum-array', t.array(Status), ['New', 'On its way'],
    `09 01 "b" ${SHOP} 09 01 "i" ${XSI} 5f 06 "Status" 99 03 "New" 5f 06 "Status" 99 0a "On its way" 01`],
  ['enum-nil', t.nillable(Status), null,
    `2e 03 "nil" 86 09 01 "i" ${XSI} 01`],
  ['enum-nullable', t.nillable(Status), 'New',
    `99 03 "New"`],
  ['enum-nullable-array', t.array(t.nillable(Status)), ['New', null],
    `09 01 "b" ${SYSTEM} 09 01 "i" ${XSI} 5f 06 "Status" 99 03 "New" 5f 06 "Status" 2e 03 "nil" 86 01 01`],
  ['flags-none', Rights, 0,
    `99 04 "None"`],
  ['flags-one', Rights, 2,
    `99 05 "Write"`],
  ['flags-two', Rights, 5,
    `98 04 "Read" 98 01 " " 99 05 "Admin"`],
  ['flags-all', Rights, 7,
    `98 04 "Read" 98 01 " " 98 05 "Write" 98 01 " " 99 05 "Admin"`],
  ['flags-nozero-0', NoZero, 0,
    `01`],
  ['flags-combined', NoZero, 3,
    `99 02 "AB"`],
  ['flags-array', t.array(Rights), [0, 5],
    `09 01 "b" ${SHOP} 09 01 "i" ${XSI} 5f 06 "Rights" 99 04 "None" 5f 06 "Rights" 98 04 "Read" 98 01 " " 99 05 "Admin" 01`],
  ['dict', t.dictionary(t.string, t.int), new Map([['a', 1], ['b', 2]]),
    `09 01 "b" ${ARRAYS} 09 01 "i" ${XSI} 5f 13 "KeyValueOfstringint" 5f 03 "Key" 99 01 "a" 5f 05 "Value" 83 01 5f 13 "KeyValueOfstringint" 5f 03 "Key" 99 01 "b" 5f 05 "Value" 89 02 01 01`],
  ['dict-empty', t.dictionary(t.string, t.int), new Map(),
    `09 01 "b" ${ARRAYS} 09 01 "i" ${XSI} 01`],
  ['dict-customer', t.dictionary(t.int, Customer), new Map([[1, { Id: 1, Name: 'Ann' }]]),
    `09 01 "b" ${ARRAYS} 09 01 "i" ${XSI} 5f 1d "KeyValueOfintCustomertu2aRhfc" 5f 03 "Key" 83 5f 05 "Value" 09 01 "c" ${SHOP} 60 02 "Id" 83 60 04 "Name" 99 03 "Ann" 01 01 01`],
  ['dict-null-value', t.dictionary(t.string, t.nillable(t.string)), new Map([['a', null]]),
    `09 01 "b" ${ARRAYS} 09 01 "i" ${XSI} 5f 16 "KeyValueOfstringstring" 5f 03 "Key" 99 01 "a" 5f 05 "Value" 2e 03 "nil" 86 01 01 01`],
  ['dict-ints', t.dictionary(t.string, t.array(t.int)), new Map([['a', [1, 2]]]),
    `09 01 "b" ${ARRAYS} 09 01 "i" ${XSI} 5f 22 "KeyValueOfstringArrayOfintty7Ep6D1" 5f 03 "Key" 99 01 "a" 5f 05 "Value" 03 5f 03 "int" 01 8d 02 01 00 00 00 02 00 00 00 01 01 01`],
  ['dict-nullable', t.dictionary(t.int, t.nillable(t.int)), new Map([[1, null], [2, 3]]),
    `09 01 "b" ${ARRAYS} 09 01 "i" ${XSI} 5f 22 "KeyValueOfintNullableOfintU6ho3Bhd" 5f 03 "Key" 83 5f 05 "Value" 2e 03 "nil" 86 01 01 5f 22 "KeyValueOfintNullableOfintU6ho3Bhd" 5f 03 "Key" 89 02 5f 05 "Value" 89 03 01 01`],
  ['dict-status', t.dictionary(Status, Rights), new Map([['Paid', 1]]),
    `09 01 "b" ${ARRAYS} 09 01 "i" ${XSI} 5f 1f "KeyValueOfStatusRights5mv_PqBG1" 5f 03 "Key" 99 04 "Paid" 5f 05 "Value" 99 04 "Read" 01 01`],
  ['dict-guid', t.dictionary(t.guid, t.duration), new Map([['00000000-0000-0000-0000-000000000000', 0]]),
    `09 01 "b" ${ARRAYS} 09 01 "i" ${XSI} 5f 16 "KeyValueOfguidduration" 5f 03 "Key" 99 24 "00000000-0000-0000-0000-000000000000" 5f 05 "Value" 99 04 "PT0S" 01 01`],
  ['dict-dict', t.dictionary(t.string, t.dictionary(t.string, t.int)), new Map([['x', new Map([['a', 1]])]]),
    `09 01 "b" ${ARRAYS} 09 01 "i" ${XSI} 5f 32 "KeyValueOfstringArrayOfKeyValueOfstringintty7Ep6D1" 5f 03 "Key" 99 01 "x" 5f 05 "Value" 5f 13 "KeyValueOfstringint" 5f 03 "Key" 99 01 "a" 5f 05 "Value" 83 01 01 01 01`],
  ['dict-array-value', t.dictionary(t.string, t.array(t.nillable(t.array(Customer)))), new Map([['a', [[], null]]]),
    `09 01 "b" ${ARRAYS} 09 01 "i" ${XSI} 5f 2e "KeyValueOfstringArrayOfArrayOfCustomertu2aRhfc" 5f 03 "Key" 99 01 "a" 5f 05 "Value" 09 01 "c" ${SHOP} 60 0f "ArrayOfCustomer" 01 60 0f "ArrayOfCustomer" 2e 03 "nil" 86 01 01 01 01`],
  ['dict-array', t.array(t.dictionary(t.string, t.int)), [new Map([['a', 1]])],
    `09 01 "b" ${ARRAYS} 09 01 "i" ${XSI} 5f 1a "ArrayOfKeyValueOfstringint" 5f 13 "KeyValueOfstringint" 5f 03 "Key" 99 01 "a" 5f 05 "Value" 83 01 01 01`],
  ['dict-named', Words, new Map([['a', 1]]),
    `09 01 "b" ${SHOP} 09 01 "i" ${XSI} 5f 04 "Word" 5f 04 "Text" 99 01 "a" 5f 05 "Times" 83 01 01`],
  ['dict-lists', t.dictionary(t.string, t.array(Customer)), new Map([['x', [{ Id: 1, Name: null }]]]),
    `09 01 "b" ${ARRAYS} 09 01 "i" ${XSI} 5f 27 "KeyValueOfstringArrayOfCustomertu2aRhfc" 5f 03 "Key" 99 01 "x" 5f 05 "Value" 09 01 "c" ${SHOP} 60 08 "Customer" 60 02 "Id" 83 60 04 "Name" 2e 03 "nil" 86 01 01 01 01 01`],
  ['tags', Tags, ['a', 'b'],
    `09 01 "b" ${SHOP} 09 01 "i" ${XSI} 5f 03 "Tag" 99 01 "a" 5f 03 "Tag" 99 01 "b" 01`],
  ['tags-empty', Tags, [],
    `09 01 "b" ${SHOP} 09 01 "i" ${XSI} 01`],
  ['tags-array', t.array(Tags), [['a']],
    `09 01 "b" ${SHOP} 09 01 "i" ${XSI} 5f 04 "Tags" 5f 03 "Tag" 99 01 "a" 01 01`],
  ['counts', Counts, [1, 2],
    `09 01 "b" ${SHOP} 09 01 "i" ${XSI} 5f 05 "Count" 83 5f 05 "Count" 89 02 01`],
  ['dict-tags', t.dictionary(t.string, Tags), new Map([['a', ['x']]]),
    `09 01 "b" ${ARRAYS} 09 01 "i" ${XSI} 5f 1c "KeyValueOfstringTagstu2aRhfc" 5f 03 "Key" 99 01 "a" 5f 05 "Value" 09 01 "c" ${SHOP} 60 03 "Tag" 99 01 "x" 01 01 01`],
  ['char', t.char, 'x',
    `89 78`],
  ['char-array', t.array(t.char), ['a', 'b'],
    `09 01 "b" ${ARRAYS} 09 01 "i" ${XSI} 5f 04 "char" 89 61 5f 04 "char" 89 62 01`],
  ['char-nullable-array', t.array(t.nillable(t.char)), ['a', null],
    `09 01 "b" ${SYSTEM} 09 01 "i" ${XSI} 5f 04 "char" 89 61 5f 04 "char" 2e 03 "nil" 86 01 01`],
  ['uri', t.uri, 'http://a/b',
    `99 0a "http://a/b"`],
  ['uri-rel', t.uri, 'b%20c',
    `99 05 "b%20c"`],
  ['uri-array', t.array(t.uri), ['http://a/'],
    `09 01 "b" ${ARRAYS} 09 01 "i" ${XSI} 5f 06 "anyURI" 99 09 "http://a/" 01`],
  ['dto', t.dateTimeOffset, NOON,
    `09 01 "b" ${SYSTEM} 09 01 "i" ${XSI} 5f 08 "DateTime" 97 00 b8 23 bf 3e 4d df 48 5f 0d "OffsetMinutes" 89 3c 01`],
  ['dto-array', t.array(t.dateTimeOffset), [new DateTimeOffset(0n, 0), new DateTimeOffset(MAX_DATE_TICKS, 0)],
    `09 01 "b" ${SYSTEM} 09 01 "i" ${XSI} 5f 0e "DateTimeOffset" 5f 08 "DateTime" 97 00 00 00 00 00 00 00 40 5f 0d "OffsetMinutes" 81 01 5f 0e "DateTimeOffset" 5f 08 "DateTime" 97 ff 3f 37 f4 75 28 ca 6b 5f 0d "OffsetMinutes" 81 01 01`],
  ['dto-nullable', t.nillable(t.dateTimeOffset), new DateTimeOffset(new Date('2026-11-28T13:30:00Z'), -90),
    `09 01 "b" ${SYSTEM} 09 01 "i" ${XSI} 5f 08 "DateTime" 97 00 bc 8e b3 53 4d df 48 5f 0d "OffsetMinutes" 89 a6 01`],
  ['version', t.version, '1.2.3.4',
    `09 01 "b" ${SYSTEM} 09 01 "i" ${XSI} 5f 06 "_Build" 89 03 5f 06 "_Major" 83 5f 06 "_Minor" 89 02 5f 09 "_Revision" 89 04 01`],
  ['version2', t.version, '1.2',
    `09 01 "b" ${SYSTEM} 09 01 "i" ${XSI} 5f 06 "_Build" 89 ff 5f 06 "_Major" 83 5f 06 "_Minor" 89 02 5f 09 "_Revision" 89 ff 01`],
  ['version-array', t.array(t.version), ['1.2'],
    `09 01 "b" ${SYSTEM} 09 01 "i" ${XSI} 5f 07 "Version" 5f 06 "_Build" 89 ff 5f 06 "_Major" 83 5f 06 "_Minor" 89 02 5f 09 "_Revision" 89 ff 01 01`],
  ['tuple', t.object('TupleOfintstring', { m_Item1: t.int, m_Item2: t.string }, SYSTEM_NAME), { m_Item1: 1, m_Item2: 'a' },
    `09 01 "b" ${SYSTEM} 09 01 "i" ${XSI} 5f 07 "m_Item1" 83 5f 07 "m_Item2" 99 01 "a" 01`],
  ['dict-dto', t.dictionary(t.dateTimeOffset, t.char), new Map([[new DateTimeOffset(0n, 0), 'a']]),
    `09 01 "b" ${ARRAYS} 09 01 "i" ${XSI} 5f 25 "KeyValueOfDateTimeOffsetcharI2ry0_PST" 5f 03 "Key" 09 01 "c" ${SYSTEM} 60 08 "DateTime" 97 00 00 00 00 00 00 00 40 60 0d "OffsetMinutes" 81 01 5f 05 "Value" 89 61 01 01`],
  ['shape-base', AnyShape, { $type: 'Shape', Label: 's' },
    `09 01 "b" ${SHOP} 09 01 "i" ${XSI} 5f 05 "Label" 99 01 "s" 01`],
  ['shape-circle', AnyShape, { $type: 'Circle', Label: 'c', Radius: 2 },
    `2e 04 "type" 98 08 "b:Circle" 09 01 "b" ${SHOP} 09 01 "i" ${XSI} 5f 05 "Label" 99 01 "c" 5f 06 "Radius" 89 02 01`],
  ['shape-square', AnyShape, { $type: 'Square', Label: 'q', Side: 3 },
    `2e 04 "type" 98 08 "c:Square" 09 01 "b" ${SHOP} 09 01 "i" ${XSI} 09 01 "c" 08 "urn:base" 5f 05 "Label" 99 01 "q" 60 04 "Side" 89 03 01`],
  ['shapes', t.array(t.nillable(AnyShape)), [{ $type: 'Circle', Label: 'c', Radius: 0 }, { $type: 'Square', Label: 'q', Side: 0 }, { $type: 'Shape', Label: null }, null],
    `09 01 "b" ${SHOP} 09 01 "i" ${XSI} 5f 05 "Shape" 2e 04 "type" 98 08 "b:Circle" 5f 05 "Label" 99 01 "c" 5f 06 "Radius" 81 01 5f 05 "Shape" 2e 04 "type" 98 08 "c:Square" 09 01 "c" 08 "urn:base" 5f 05 "Label" 99 01 "q" 60 04 "Side" 81 01 5f 05 "Shape" 5f 05 "Label" 2e 03 "nil" 86 01 01 5f 05 "Shape" 2e 03 "nil" 86 01 01`],
  ['square', Square, { Label: 'q', Side: 3 },
    `09 01 "b" 08 "urn:base" 09 01 "i" ${XSI} 40 05 "Label" 08 ${SHOP} 99 01 "q" 5f 04 "Side" 89 03 01`],
  ['shape-nil', t.nillable(AnyShape), null,
    `2e 03 "nil" 86 09 01 "b" ${SHOP} 09 01 "i" ${XSI} 01`],
  ['dict-shape', t.dictionary(t.string, AnyShape), new Map([['a', { $type: 'Square', Label: 'q', Side: 1 }]]),
    `09 01 "b" ${ARRAYS} 09 01 "i" ${XSI} 5f 1d "KeyValueOfstringShapetu2aRhfc" 5f 03 "Key" 99 01 "a" 5f 05 "Value" 2e 04 "type" 98 08 "d:Square" 09 01 "c" ${SHOP} 09 01 "d" 08 "urn:base" 60 05 "Label" 99 01 "q" 61 04 "Side" 83 01 01 01`],
  ['shape-list-own', Box, { Nq: null, Shapes: [{ $type: 'Square', Label: 'q', Side: 1 }], Sq: { Label: 'x', Side: 0 } },
    `09 01 "b" 07 "urn:box" 09 01 "i" ${XSI} 5f 02 "Nq" 2e 03 "nil" 86 09 01 "c" 08 "urn:base" 01 5f 06 "Shapes" 09 01 "c" ${SHOP} 60 05 "Shape" 2e 04 "type" 98 08 "d:Square" 09 01 "d" 08 "urn:base" 60 05 "Label" 99 01 "q" 61 04 "Side" 83 01 01 5f 02 "Sq" 09 01 "c" 08 "urn:base" 40 05 "Label" 08 ${SHOP} 99 01 "x" 60 04 "Side" 81 01 01`],
  ['tree', Tree, { Kids: [{ Kids: null, Name: 'k' }], Name: 'r' },
    `09 01 "b" ${SHOP} 09 01 "i" ${XSI} 5f 04 "Kids" 5f 04 "Tree" 5f 04 "Kids" 2e 03 "nil" 86 01 5f 04 "Name" 99 01 "k" 01 01 5f 04 "Name" 99 01 "r" 01`],
  ['node-cycle', Node, SELF,
    `3f 02 "Id" 98 02 "i1" 09 01 "b" ${SHOP} 09 01 "i" ${XSI} 09 01 "z" ${SERIALIZATION} 5f 04 "Name" 99 01 "n" 5f 04 "Next" 3f 03 "Ref" 98 02 "i1" 01 01`],
  ['node-chain', Node, { Name: 'a', Next: { Name: 'b', Next: null } },
    `3f 02 "Id" 98 02 "i1" 09 01 "b" ${SHOP} 09 01 "i" ${XSI} 09 01 "z" ${SERIALIZATION} 5f 04 "Name" 99 01 "a" 5f 04 "Next" 3f 02 "Id" 98 02 "i2" 5f 04 "Name" 99 01 "b" 5f 04 "Next" 2e 03 "nil" 86 01 01 01`],
  ['nodes', t.array(Node), [MIDDLE, SELF, MIDDLE],
    `09 01 "b" ${SHOP} 09 01 "i" ${XSI} 5f 04 "Node" 3f 02 "Id" 98 02 "i1" 09 01 "z" ${SERIALIZATION} 5f 04 "Name" 99 01 "m" 5f 04 "Next" 2e 03 "nil" 86 01 01 5f 04 "Node" 3f 02 "Id" 98 02 "i2" 09 01 "z" ${SERIALIZATION} 5f 04 "Name" 99 01 "n" 5f 04 "Next" 3f 03 "Ref" 98 02 "i2" 01 01 5f 04 "Node" 3f 03 "Ref" 98 02 "i1" 09 01 "z" ${SERIALIZATION} 01 01`],
  ['node-nil', t.nillable(Node), null,
    `2e 03 "nil" 86 09 01 "b" ${SHOP} 09 01 "i" ${XSI} 01`],
  ['known-ref', t.array(AnyPet), [CAT, CAT],
    `09 01 "b" ${SHOP} 09 01 "i" ${XSI} 5f 03 "Pet" 3f 02 "Id" 98 02 "i1" 2e 04 "type" 98 05 "b:Cat" 09 01 "z" ${SERIALIZATION} 5f 06 "Friend" 3f 03 "Ref" 98 02 "i1" 01 5f 04 "Name" 99 01 "c" 5f 05 "Lives" 89 09 01 5f 03 "Pet" 3f 03 "Ref" 98 02 "i1" 09 01 "z" ${SERIALIZATION} 01 01`],
  ['known-ref-1', AnyPet, CAT,
    `3f 02 "Id" 98 02 "i1" 2e 04 "type" 98 05 "b:Cat" 09 01 "b" ${SHOP} 09 01 "i" ${XSI} 09 01 "z" ${SERIALIZATION} 5f 06 "Friend" 3f 03 "Ref" 98 02 "i1" 01 5f 04 "Name" 99 01 "c" 5f 05 "Lives" 89 09 01`],
];
