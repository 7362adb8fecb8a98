import { DateTime, MAX_DATE_TICKS } from '../../../../shared/contract/types/text/date-time.ts';
import * as t from '../../../../shared/contract/types/types.ts';

const ARRAYS = 'http://schemas.microsoft.com/2003/10/Serialization/Arrays';
const XSI = 'http://www.w3.org/2001/XMLSchema-instance';
const NULLABLE = 'http://schemas.datacontract.org/2004/07/System';
const INLINE_ARRAYS = `08 39 "${ARRAYS}"`;
const LISTED = '0b 01 "b" 0b 0b 01 "i" 0d'; // xmlns:b and xmlns:i, the first names after the parameter
const GUID = '11223344-5566-7788-99aa-bbccddeeff00';
const NEW_YEAR = new Date('2020-01-01T00:00:00Z');
const NEW_YEAR_DUMP = '00 00 7c 8b 4d 8e d7 48';
const ONE = '00 00 00 00 00 00 f0 3f';
const TWO = '00 00 00 00 00 00 00 40';

export const Pt = t.object(
  'Pt',
  { Label: t.nillable(t.string), X: t.double, Y: t.double },
  'http://my/types',
);
const Deep = t.object(
  'Deep',
  {
    At: Pt,
    Data: t.base64Binary,
    Day: t.dateTime,
    Jag: t.array(t.array(t.double)),
    More: t.array(Pt),
    NDs: t.array(t.nillable(t.double)),
    Opt: t.nillable(t.int),
    Vals: t.array(t.double),
  },
  'http://my/other',
);

export type Row = readonly [
  what: string,
  type: t.ValueType,
  value: unknown,
  names: readonly string[],
  dump: string,
];

/**
 * The content of the parameter `v` as .NET 10 sent it: the names that it adds to the string table
 * (ids from 0b on), and the bytes after `<v`. Written and read the same.
 */
export const DOTNET: readonly Row[] = [
  ['bool', t.boolean, true, [], '87'],
  ['bool false', t.boolean, false, [], '85'],
  ['sbyte', t.byte, -5, [], '89 fb'],
  ['short', t.short, 5, [], '89 05'],
  ['int', t.int, -2_147_483_648, [], '8d 00 00 00 80'],
  ['int 0', t.int, 0, [], '81'],
  ['long', t.long, 2n ** 63n - 1n, [], '8f ff ff ff ff ff ff ff 7f'],
  ['long 5', t.long, 5n, [], '89 05'],
  ['byte', t.unsignedByte, 200, [], '8b c8 00'],
  ['ushort', t.unsignedShort, 60_000, [], '8d 60 ea 00 00'],
  ['uint', t.unsignedInt, 4_000_000_000, [], '8f 00 28 6b ee 00 00 00 00'],
  ['ulong', t.unsignedLong, 2n ** 64n - 1n, [], '99 14 "18446744073709551615"'],
  ['ulong 5', t.unsignedLong, 5n, [], '99 01 "5"'],
  ['ulong 0', t.unsignedLong, 0n, [], '81'],
  ['float', t.float, Math.fround(0.1), [], '91 cd cc cc 3d'],
  ['float NaN', t.float, NaN, [], '91 00 00 c0 ff'],
  ['double', t.double, 0.1, [], '93 9a 99 99 99 99 99 b9 3f'],
  ['decimal', t.decimal, '15.99', [], '95 00 00 02 00 00 00 00 00 3f 06 00 00 00 00 00 00'],
  ['decimal 100', t.decimal, '100', [], '95 00 00 00 00 00 00 00 00 64 00 00 00 00 00 00 00'],
  ['string', t.string, 'abc', [], '99 03 "abc"'],
  ['string, empty', t.string, '', [], '01'],
  ['string with spaces', t.string, ' 100 ', [], '99 05 " 100 "'],
  ['string with a zero', t.string, '\0x', [], '99 02 00 "x"'],
  ['DateTime', t.dateTime, NEW_YEAR, [], `97 ${NEW_YEAR_DUMP}`],
  // of kind Local, east and west of UTC: the ticks are those of UTC, before the year 1 and after 9999
  [
    'DateTime.MinValue in Berlin',
    t.dateTime,
    new DateTime(-32_400_000_000n, 'local'),
    [],
    '97 00 3c cf 74 f8 ff ff bf',
  ],
  [
    'DateTime.MaxValue in New York',
    t.dateTime,
    new DateTime(MAX_DATE_TICKS + 180_000_000_000n, 'local'),
    [],
    '97 ff 47 0d dd 9f 28 ca ab',
  ],
  ['TimeSpan', t.duration, 3_600_000, [], '99 04 "PT1H"'],
  ['TimeSpan, negative', t.duration, -1.5, [], '99 0a "-PT0.0015S"'],
  ['Guid', t.guid, GUID, [], `99 24 "${GUID}"`],
  ['byte[]', t.base64Binary, Uint8Array.of(1, 2, 3, 4), [], '9e 03 01 02 03 9f 01 04'],
  ['byte[] of whole threes', t.base64Binary, Uint8Array.of(1, 2, 3), [], '9f 03 01 02 03'],
  ['byte[], empty', t.base64Binary, new Uint8Array(0), [], '01'],

  ['double?', t.nillable(t.double), 1.5, [], '91 00 00 c0 3f'],
  ['double? null', t.nillable(t.double), null, ['nil', XSI], '14 0b 86 0b 01 "i" 0d 01'],
  [
    'string[]',
    t.array(t.nillable(t.string)),
    ['a', '', null, '1'],
    [ARRAYS, XSI, 'string', 'nil'],
    `${LISTED} 45 0f 99 01 "a" 45 0f 01 45 0f 14 11 86 01 45 0f 83 01`,
  ],
  ['string[], empty', t.array(t.string), [], [ARRAYS, XSI], `${LISTED} 01`],
  [
    'string[] null',
    t.nillable(t.array(t.string)),
    null,
    ['nil', ARRAYS, XSI],
    '14 0b 86 0b 01 "b" 0d 0b 01 "i" 0f 01',
  ],
  ['Guid[]', t.array(t.guid), [GUID], [ARRAYS, XSI, 'guid'], `${LISTED} 45 0f 99 24 "${GUID}" 01`],
  [
    'short[]',
    t.array(t.short),
    [1, 2],
    [ARRAYS, XSI, 'short'],
    `${LISTED} 45 0f 83 45 0f 89 02 01`,
  ],
  [
    'double?[]',
    t.array(t.nillable(t.double)),
    [1.5, null],
    [NULLABLE, XSI, 'double', 'nil'],
    `${LISTED} 45 0f 91 00 00 c0 3f 45 0f 14 11 86 01 01`,
  ],
  [
    'double[][]',
    t.array(t.array(t.double)),
    [[1, 2], [1]],
    [ARRAYS, XSI, 'ArrayOfdouble'],
    `${LISTED} 45 0f 03 5f 06 "double" 01 93 02 ${ONE} ${TWO} 01 45 0f 03 5f 06 "double" 01 93 01 ${ONE} 01 01`,
  ],
  [
    'byte[][]',
    t.array(t.nillable(t.base64Binary)),
    [Uint8Array.of(1), null],
    [ARRAYS, XSI, 'base64Binary', 'nil'],
    `${LISTED} 45 0f 9f 01 01 45 0f 14 11 86 01 01`,
  ],
  [
    'a data contract',
    Pt,
    { Label: 'p', X: 1, Y: 2.5 },
    ['http://my/types', XSI, 'Label', 'X', 'Y'],
    `${LISTED} 45 0f 99 01 "p" 45 11 83 45 13 91 00 00 20 40 01`,
  ],
  [
    'a data contract with a null member',
    Pt,
    { Label: null, X: 1, Y: 2.5 },
    ['http://my/types', XSI, 'Label', 'nil', 'X', 'Y'],
    `${LISTED} 45 0f 14 11 86 01 45 13 83 45 15 91 00 00 20 40 01`,
  ],
  [
    'a data contract that is null',
    t.nillable(Pt),
    null,
    ['nil', 'http://my/types', XSI],
    '14 0b 86 0b 01 "b" 0d 0b 01 "i" 0f 01',
  ],
  [
    'data contracts in an array',
    t.array(t.nillable(Pt)),
    [{ Label: null, X: 1, Y: 2 }, null],
    ['http://my/types', XSI, 'Pt', 'Label', 'nil', 'X', 'Y'],
    `${LISTED} 45 0f 45 11 14 13 86 01 45 15 83 45 17 89 02 01 45 0f 14 13 86 01 01`,
  ],
  [
    'a data contract with others inside',
    Deep,
    {
      At: { Label: null, X: 1, Y: 0 },
      Data: Uint8Array.of(1, 2),
      Day: NEW_YEAR,
      Jag: [[1]],
      More: [{ Label: null, X: 0, Y: 0 }],
      NDs: [null],
      Opt: null,
      Vals: [1, 2],
    },
    [
      'http://my/other',
      XSI,
      'At',
      'http://my/types',
      'Label',
      'nil',
      'X',
      'Y',
      'Data',
      'Day',
      'Jag',
      ARRAYS,
      'ArrayOfdouble',
      'More',
      'Pt',
      'NDs',
      NULLABLE,
      'double',
      'Opt',
      'Vals',
    ],
    `${LISTED} 45 0f 0b 01 "c" 11 46 13 14 15 86 01 46 17 83 46 19 81 01
      45 1b 9f 02 01 02  45 1d 97 ${NEW_YEAR_DUMP}
      45 1f 0b 01 "c" 21 46 23 03 60 06 "double" 01 93 01 ${ONE} 01 01
      45 25 0b 01 "c" 11 46 27 46 13 14 15 86 01 46 17 81 46 19 81 01 01
      45 29 0b 01 "c" 2b 46 2d 14 15 86 01 01  45 2f 14 15 86 01
      45 31 0b 01 "c" 21 03 60 06 "double" 01 93 02 ${ONE} ${TWO} 01 01`,
  ],
];

/**
 * Other ways in which .NET and others write values: its formatter for operations that have simple
 * types only, and what the records allow. Read only.
 */
export const READ_ONLY: readonly Row[] = [
  [
    'string null of a simple operation',
    t.nillable(t.string),
    null,
    ['nil', XSI],
    '0d 0b 86 0b 01 "b" 0d 01',
  ],
  [
    'double[] of a simple operation',
    t.array(t.double),
    [1, 2],
    [],
    `03 40 06 "double" ${INLINE_ARRAYS} 01 93 02 ${ONE} ${TWO} 01`,
  ],
  [
    'int[]',
    t.array(t.int),
    [1, 2],
    [],
    `03 40 03 "int" ${INLINE_ARRAYS} 01 8d 02 01 00 00 00 02 00 00 00 01`,
  ],
  [
    'bool[]',
    t.array(t.boolean),
    [true, false],
    [],
    `03 40 07 "boolean" ${INLINE_ARRAYS} 01 b5 02 01 00 01`,
  ],
  [
    'DateTime[]',
    t.array(t.dateTime),
    [NEW_YEAR],
    [],
    `03 40 08 "dateTime" ${INLINE_ARRAYS} 01 97 01 ${NEW_YEAR_DUMP} 01`,
  ],
  [
    'decimal[]',
    t.array(t.decimal),
    ['15.99'],
    [],
    `03 40 07 "decimal" ${INLINE_ARRAYS} 01 95 01 00 00 02 00 00 00 00 00 3f 06 00 00 00 00 00 00 01`,
  ],
  [
    'long[]',
    t.array(t.long),
    [1n],
    [],
    `03 40 04 "long" ${INLINE_ARRAYS} 01 8f 01 01 00 00 00 00 00 00 00 01`,
  ],
  [
    'float[]',
    t.array(t.float),
    [1],
    [],
    `03 40 05 "float" ${INLINE_ARRAYS} 01 91 01 00 00 80 3f 01`,
  ],
  [
    'double[], one element each',
    t.array(t.double),
    [1, 2.5],
    [],
    `40 06 "double" ${INLINE_ARRAYS} 83 40 06 "double" 99 03 "2.5" 01`,
  ],
  [
    'double[] of other records',
    t.array(t.double),
    [-1],
    [],
    `03 40 06 "double" ${INLINE_ARRAYS} 01 8d 01 ff ff ff ff 01`,
  ],
  [
    'Guid[] as an array record',
    t.array(t.guid),
    [GUID],
    [],
    `03 40 04 "guid" 01 b1 01 44 33 22 11 66 55 88 77 99 aa bb cc dd ee ff 00 01`,
  ],

  ['an integral double of .NET 10', t.double, 1e10, [], '91 f9 02 15 50'],
  ['a double in two records', t.double, 1.5, [], '98 02 "1." 98 01 "5" 01'],
  [
    'a float for a double, with its own end',
    t.double,
    0.10000000149011612,
    [],
    '90 cd cc cc 3d 01',
  ],
  ['a double for a float', t.float, Math.fround(0.1), [], '93 9a 99 99 99 99 99 b9 3f'],
  [
    'a decimal for a double',
    t.double,
    15.99,
    [],
    '95 00 00 02 00 00 00 00 00 3f 06 00 00 00 00 00 00',
  ],
  ['a 64-bit integer for an int', t.int, 5, [], '8f 05 00 00 00 00 00 00 00'],
  ['a whole float for an int', t.int, 100, [], '91 00 00 c8 42'],
  ['a −0 for an int', t.int, 0, [], '91 00 00 00 80'],
  ['text for an int', t.int, -7, [], '99 04 " -7 "'],
  ['text for a long', t.long, -7n, [], '99 02 "-7"'],
  ['a UInt64 record for a ulong', t.unsignedLong, 2n ** 64n - 1n, [], 'b3 ff ff ff ff ff ff ff ff'],
  ['1 for a boolean', t.boolean, true, [], '83'],
  ['a bool record', t.boolean, true, [], 'b5 01'],
  ['text for a boolean', t.boolean, false, [], '99 05 "false"'],
  ['a number for a string', t.string, '100', [], '89 64'],
  ['an integer for a decimal', t.decimal, '-5', [], '89 fb'],
  ['text for a DateTime', t.dateTime, NEW_YEAR, [], '99 14 "2020-01-01T00:00:00Z"'],
  ['a local DateTime', t.dateTime, NEW_YEAR, [], '97 00 00 7c 8b 4d 8e d7 88'],
  ['a TimeSpan record', t.duration, 3_600_000, [], 'af 00 68 c4 61 08 00 00 00'],
  ['a Guid record', t.guid, GUID, [], 'b1 44 33 22 11 66 55 88 77 99 aa bb cc dd ee ff 00'],
  ['base64 text', t.base64Binary, Uint8Array.of(1, 2, 3), [], '99 05 "AQ ID"'],
  [
    'base64 text and bytes',
    t.base64Binary,
    Uint8Array.of(1, 2, 3, 4),
    [],
    '98 02 "AQ" 98 02 "ID" 9f 01 04',
  ],
  [
    'bytes whose number is no multiple of three',
    t.base64Binary,
    Uint8Array.of(1, 2, 3),
    [],
    '9e 01 01 9f 02 02 03',
  ],
  [
    'a missing member',
    Pt,
    { Label: null, X: 0, Y: 2 },
    ['http://my/types', 'Y'],
    '0b 01 "b" 0b 45 0d 89 02 01',
  ],
  [
    'a member too many',
    Pt,
    { Label: null, X: 1, Y: 0 },
    ['http://my/types', 'X', 'W'],
    '0b 01 "b" 0b 45 0f 89 02 45 0d 83 01',
  ],

  ['nil that is false', t.nillable(t.double), 5, ['nil', XSI], '14 0b 84 0b 01 "i" 0d 89 05'],
];
