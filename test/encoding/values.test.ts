// One contract, two encodings, one verdict: each probe goes through both, in both directions.
import { describe, expect, test } from 'vitest';
import { type Contract, defineContract, operation } from '../../shared/contract/contract.ts';
import {
  DateTime,
  DateTimeOffset,
  MAX_DATE_TICKS,
} from '../../shared/contract/types/text/date-time.ts';
import * as t from '../../shared/contract/types/types.ts';
import { END } from '../../shared/encoding/binary-xml/text-record-writer.ts';
import type { MessageEncoding, Request } from '../../shared/encoding/encoding.ts';
import { msgpack } from '../../shared/encoding/msgpack/msgpack.ts';
import {
  writeArrayHead,
  writeBigInteger,
  writeString,
} from '../../shared/encoding/msgpack/write-octets.ts';
import { soapBuffered, soapStreamed } from '../../shared/encoding/soap/soap.ts';
import { NetTcpError } from '../../shared/errors.ts';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import { OctetWriter } from '../../shared/octets.ts';
import { message, wrapper } from './soap/messages.ts';

const ENCODINGS: readonly (readonly [string, MessageEncoding])[] = [
  ['msgpack', msgpack],
  ['soap', soapBuffered],
  ['soap, streamed', soapStreamed],
];
const ADDRESS = 'net.tcp://localhost:9000/x';

function echo(type: t.ValueType): Contract {
  return defineContract({ name: 'IEcho', operations: { Echo: operation([['v', type]], type) } });
}

/** What writes into a fresh buffer, and what is in it then. */
function written(write: (out: OctetWriter) => void): Uint8Array {
  const out = new OctetWriter(16);
  write(out);
  return out.toBytes();
}

/** Sends a value to a service as the argument of `Echo`, and what the service read back as the result. */
function roundTrip(encoding: MessageEncoding, type: t.ValueType, value: unknown): unknown[] {
  const contract = echo(type);
  const [operation] = contract.operations.values();
  if (operation === undefined) throw new Error('no operation');
  const options = { contract, limits: DEFAULT_LIMITS, address: ADDRESS };
  const client = encoding.client(options);
  const service = encoding.service(options);
  const call = written((out) => client.writeRequest(out, 1, operation, [value]));
  const request = service.readRequest(call, 0, call.length);
  if (request.kind !== 'call') throw new Error(request.fault.message);
  const answer = written((out) => service.writeResult(out, request.id, operation, request.args[0]));
  const reply = client.readReply(answer, 0, answer.length, () => operation);
  if (reply?.kind !== 'result')
    throw new Error(reply?.kind === 'fault' ? reply.fault.message : 'no reply');
  return [request.args[0], reply.value];
}

/** The error for a value that is not of the type: to a caller, and to an implementation. */
function complaints(encoding: MessageEncoding, type: t.ValueType, value: unknown): unknown[] {
  const contract = echo(type);
  const [operation] = contract.operations.values();
  if (operation === undefined) throw new Error('no operation');
  const options = { contract, limits: DEFAULT_LIMITS, address: ADDRESS };
  const service = encoding.service(options);
  const id = encoding.name === 'soap' ? 'tid' : 1;
  return [
    (out: OctetWriter) => encoding.client(options).writeRequest(out, 1, operation, [value]),
    (out: OctetWriter) => service.writeResult(out, id, operation, value),
  ].map((write) => {
    const out = new OctetWriter(16);
    out.u8(0xff);
    try {
      write(out);
      return 'it was written';
    } catch (error) {
      expect(out.toBytes()).toEqual(Uint8Array.of(0xff)); // nothing is left of it
      return error instanceof NetTcpError ? [error.code, error.message] : error;
    }
  });
}

const Point = t.object('Point', { x: t.double, name: t.string });
const Line = t.object('Line', { points: t.array(Point), tag: t.nillable(t.guid) });
const Note = t.object('Note', {
  Id: t.int,
  Text: t.optional(t.string),
  Total: t.required(t.decimal),
});
const Status = t.enumeration('Status', ['New', 'On its way']);
const Rights = t.flags('Rights', { None: 0, Read: 1, Write: 2, All: 3, Last: 0x8000_0000 });
const Counts = t.dictionary(t.string, t.int);
const Shape = t.object('Shape', { Label: t.string });
const Circle = t.object('Circle', { Radius: t.double }, { base: Shape, namespace: 'urn:round' });
const Square = t.object('Square', { Side: t.double }, { base: Shape });
const AnyShape = t.known(Shape, [Circle, Square]);
const Solid = t.object('Solid', { Label: t.string }, { abstract: true });
const Cube = t.object('Cube', { Side: t.int }, { base: Solid });
const AnySolid = t.known(Solid, [Cube]);
const NO_CLASS =
  'the contract names no class there (types.any([Class]), types.known(Base, [Class]))';
interface Tree {
  name: string;
  kids: Tree[];
}
const Tree: t.ValueType<Tree> = t.object('Tree', {
  name: t.string,
  kids: t.array(t.lazy(() => Tree)),
});
/** A tree of that many levels. */
const high = (count: number): Tree => ({ name: '', kids: count === 1 ? [] : [high(count - 1)] });
const ENDLESS: Tree = { name: '', kids: [] };
ENDLESS.kids.push(ENDLESS);
const GUID = '11223344-5566-7788-99aa-bbccddeeff00';
const LARGEST = '79228162514264337593543950335';
const MAX_MS = 922_337_203_685_477.6;

// Type, value, what is read of it: the value itself where the row has no more.
// prettier-ignore
const TAKEN: readonly (readonly [string, t.ValueType, unknown, unknown?])[] = [
  ['a double',                      t.double,        15.99],
  ['-0',                            t.double,        -0],
  ['NaN',                           t.double,        NaN],
  ['infinity',                      t.double,        -Infinity],
  ['the smallest double',           t.double,        5e-324],
  ['the largest double',            t.double,        Number.MAX_VALUE],
  ['a float, rounded',              t.float,         0.1,                        Math.fround(0.1)],
  ['the largest float',             t.float,         3.4028234663852886e38],
  ['what rounds to the largest float', t.float,      3.4028235e38,               3.4028234663852886e38],
  ['an infinite float',             t.float,         -Infinity],
  ['a float that is no number',     t.float,         NaN],
  ['false',                         t.boolean,       false],
  ['the first byte',                t.byte,          -128],
  ['the last byte',                 t.byte,          127],
  ['the first short',               t.short,         -32_768],
  ['the last short',                t.short,         32_767],
  ['the first int',                 t.int,           -2_147_483_648],
  ['the last int',                  t.int,           2_147_483_647],
  ['-0 for an int',                 t.int,           -0,                         0],
  ['the last unsignedByte',         t.unsignedByte,  255],
  ['the last unsignedShort',        t.unsignedShort, 65_535],
  ['the last unsignedInt',          t.unsignedInt,   4_294_967_295],
  ['the first long',                t.long,          -(2n ** 63n)],
  ['the last long',                 t.long,          2n ** 63n - 1n],
  ['a short long',                  t.long,          5n],
  ['the last unsignedLong',         t.unsignedLong,  2n ** 64n - 1n],
  ['no unsignedLong',               t.unsignedLong,  0n],
  ['no text',                       t.string,        ''],
  ['text in every script',          t.string,        'Größe 😀 \0\ufeff\u2028'],
  ['a decimal with a zero at its end', t.decimal,    '1.10'],
  ['a decimal with a sign',         t.decimal,       '+1',                       '1'],
  ['a decimal in white space',      t.decimal,       ' 1.5 ',                    '1.5'],
  ['a decimal that ends at the point', t.decimal,    '1.',                       '1'],
  ['a decimal that begins at the point', t.decimal,  '.5',                       '0.5'],
  ['a decimal with zeros in front', t.decimal,       '-007.5',                   '-7.5'],
  ['no decimal',                    t.decimal,       '-0.0',                     '0.0'],
  ['the largest decimal',           t.decimal,       LARGEST],
  ['the smallest decimal',          t.decimal,       `-${LARGEST}`],
  ['the finest decimal',            t.decimal,       `0.${'0'.repeat(27)}1`],
  ['a decimal with more zeros than fit', t.decimal,  `1.${'0'.repeat(35)}`,      `1.${'0'.repeat(28)}`],
  ['a Date',                        t.dateTime,      new Date('2020-02-29T23:59:59.999Z')],
  ['the first Date of .NET',        t.dateTime,      new Date('0001-01-01T00:00:00Z')],
  ['the last Date of .NET',         t.dateTime,      new Date('9999-12-31T23:59:59.999Z')],
  ['a DateTime finer than a millisecond', t.dateTime, new DateTime(637_134_336_001_234_567n, 'utc')],
  ['a DateTime that nobody knows the place of', t.dateTime, new DateTime(637_134_336_000_000_000n, 'unspecified')],
  ['a local DateTime',              t.dateTime,      new DateTime(637_134_336_000_000_000n, 'local')],
  ['DateTime.MaxValue',             t.dateTime,      new DateTime(MAX_DATE_TICKS, 'unspecified')],
  ['DateTime.MinValue in Tokyo',    t.dateTime,      new DateTime(-334_800_000_000n, 'local')],
  ['DateTime.MaxValue in New York', t.dateTime,      new DateTime(MAX_DATE_TICKS + 180_000_000_000n, 'local')],
  ['a duration',                    t.duration,      -1.5],
  ['-0 for a duration',             t.duration,      -0,                         0],
  ['a duration of one tick',        t.duration,      0.0001],
  ['the longest duration',          t.duration,      MAX_MS],
  ['the shortest duration',         t.duration,      -MAX_MS],
  ['a guid',                        t.guid,          GUID],
  ['a guid in capitals',            t.guid,          GUID.toUpperCase(),         GUID],
  ['a guid in braces',              t.guid,          `{${GUID}}`,                GUID],
  ['a guid in parentheses',         t.guid,          `(${GUID})`,                GUID],
  ['a guid without hyphens',        t.guid,          GUID.replaceAll('-', ''),   GUID],
  ['a guid in white space',         t.guid,          ` ${GUID}\n`,               GUID],
  ['no binary',                     t.base64Binary,  new Uint8Array(0)],
  ['4 bytes',                      t.base64Binary,  Uint8Array.of(0, 1, 254, 255)],
  ['a Buffer',                      t.base64Binary,  Buffer.from('abc'),         Uint8Array.of(97, 98, 99)],
  ['null where it may be',          t.nillable(t.int), null],
  ['undefined where null may be',   t.nillable(t.int), undefined,                null],
  ['an empty array',                t.array(t.int),  []],
  ['arrays in arrays',              t.array(t.array(t.double)), [[1, -0], [], [NaN]]],
  ['nulls in an array',             t.array(t.nillable(t.string)), ['', null, 'a']],
  ['an object',                     Point,           { x: 1, name: 'a' }],
  ['an object with more members',   Point,           { z: 1, name: 'a', x: 1 },  { x: 1, name: 'a' }],
  ['an object of a class',          t.object('O', { size: t.int }), new Set([1]), { size: 1 }],
  ['an object without what may be null', Line,       { points: [] },             { points: [], tag: null }],
  ['an object without an optional member', Note,      { Id: 1, Total: '1.0' }],
  ['an object with all its members', Note,           { Id: 1, Text: '', Total: '1.0' }],
  ['undefined for an optional member', Note,         { Id: 1, Text: undefined, Total: '1' }, { Id: 1, Total: '1' }],
  ['an optional member that may be null', t.object('O', { a: t.optional(t.nillable(t.int)) }), { a: null }],
  ['a value of an enumeration',     Status,          'On its way'],
  ['values of an enumeration',      t.array(t.nillable(Status)), ['New', null]],
  ['no flag',                       Rights,          0],
  ['flags',                         Rights,          0x8000_0001],
  ['flags with a name for all',     Rights,          3],
  ['an empty dictionary',           Counts,          new Map()],
  ['a dictionary',                  Counts,          new Map([['', 1], ['__proto__', 2]])],
  ['a dictionary of dictionaries',  t.dictionary(t.int, t.nillable(Counts)), new Map([[1, null], [2, new Map([['a', 3]])]])],
  ['a dictionary by values of an enumeration', t.dictionary(Status, t.long), new Map([['New', 5n]])],
  ['a dictionary by objects',       t.dictionary(Point, t.boolean), new Map([[{ x: 1, name: '' }, true]])],
  ['an object of a derived class',  AnyShape,        { $type: 'Circle', Label: 'c', Radius: 1 }],
  ['an object of the base itself',  AnyShape,        { $type: 'Shape', Label: 's' }],
  ['objects of several classes',    t.array(t.nillable(AnyShape)), [{ $type: 'Square', Label: 's', Side: 1 }, null, { $type: 'Circle', Label: '', Radius: 2 }]],
  ['an object of a known abstract class', AnySolid,  { $type: 'Cube', Label: 'c', Side: 3 }],
  ['a class by itself, its base first', Circle,      { Label: 'c', Radius: 1 }],
  ['a tree',                        Tree,            { name: 'a', kids: [{ name: 'b', kids: [] }, { name: 'c', kids: [] }] }],
  ['a tree 15 high',                Tree,            high(15)],
  ['items by another name',         t.array(t.string, { name: 'Tags', item: 'Tag', namespace: 'urn:tags' }), ['a', 'b']],
  ['a char',                        t.char,          'é'],
  ['the char 0',                    t.char,          '\0'],
  ['chars',                         t.array(t.char), ['a', '\uffff']],
  ['a uri',                         t.uri,           'http://a/b?c#d'],
  ['a relative uri',                t.uri,           '../x'],
  ['a DateTimeOffset',              t.dateTimeOffset, new DateTimeOffset(637_134_336_001_234_567n, -90)],
  ['the first DateTimeOffset',      t.dateTimeOffset, new DateTimeOffset(0n, 0)],
  ['the last DateTimeOffset',       t.dateTimeOffset, new DateTimeOffset(MAX_DATE_TICKS, -840)],
  ['a version',                     t.version,       '1.2'],
  ['a version of four numbers',     t.version,       '1.2.0.2147483647'],
  ['a version with zeros in front', t.version,       '01.002.3',                 '1.2.3'],
  ['objects in arrays in objects',  Line,            { points: [{ x: 1, name: '' }], tag: GUID }],
];

describe('is taken as it is, or in its canonical form, by every encoding', () => {
  test.for(TAKEN)('%s', ([, type, value, canonical = value]) => {
    for (const [name, encoding] of ENCODINGS) {
      for (const read of roundTrip(encoding, type, value)) {
        expect(read, name).toStrictEqual(canonical ?? null);
        expect(Object.is(read, -0), name).toBe(Object.is(canonical, -0));
        if (!(canonical instanceof Date)) continue;
        expect(read, name).toBeInstanceOf(canonical.constructor);
        if (canonical instanceof DateTimeOffset) {
          expect((read as DateTimeOffset).offsetMinutes).toBe(canonical.offsetMinutes);
        }
        if (!(canonical instanceof DateTime) || !(read instanceof DateTime)) continue;
        expect([read.ticks, read.kind], name).toEqual([canonical.ticks, canonical.kind]);
      }
    }
  });
});

const FLOAT = 'a float (up to ±3.4028235e38)';
const INT = 'an int (-2147483648 to 2147483647)';
const LONG = 'a long (a bigint, -2^63 to 2^63 - 1)';
const UNSIGNED_LONG = 'an unsignedLong (a bigint, 0 to 2^64 - 1)';
const DECIMAL = 'a decimal (text such as "-15.99": under 2^96, at most 28 digits after the point)';
const DATE_TIME = 'a dateTime (a Date in the years 1 to 9999)';
const DURATION = 'a duration (milliseconds, up to ±922337203685477.6)';
const GUID_TEXT = 'a guid (text such as "00112233-4455-6677-8899-aabbccddeeff")';
const STATUS = 'one of Status (New, On its way)';
const RIGHTS = 'flags of Rights (None = 0, Read = 1, Write = 2, All = 3, Last = 2147483648)';
const CHAR = 'a char (text of one UTF-16 unit, no half of a surrogate pair)';
const OFFSET = 'a dateTimeOffset (a DateTimeOffset in the years 1 to 9999, up to 840 minutes)';
const VERSION = 'a version (text such as "1.2" or "1.2.3.4")';
const BINARY = 'binary (a Uint8Array)';

// Type, value, the sentence that refuses it, without its name.
// prettier-ignore
const REFUSED: readonly (readonly [string, t.ValueType, unknown, string])[] = [
  ['text for a double',             t.double,        '1',              ' must be a double, not "1"'],
  ['a bigint for a double',         t.double,        1n,               ' must be a double, not the bigint 1'],
  ['null for a double',             t.double,        null,             ' must be a double, not null'],
  ['nothing for a double',          t.double,        undefined,        ' must be a double, not undefined'],
  ['a Number object for a double',  t.double,        Object(1),        ' must be a double, not an object'],
  ['true for a float',              t.float,         true,             ` must be ${FLOAT}, not true`],
  ['3.5e38 for a float',            t.float,         3.5e38,           ` must be ${FLOAT}, not 3.5e+38`],
  ['the first that rounds to an infinite float', t.float, -3.4028235677973366e38, ` must be ${FLOAT}, not -3.4028235677973366e+38`],
  ['0 for a boolean',               t.boolean,       0,                ' must be a boolean, not 0'],
  ['text for a boolean',            t.boolean,       'true',           ' must be a boolean, not "true"'],
  ['-129 for a byte',               t.byte,          -129,             ' must be a byte (-128 to 127), not -129'],
  ['128 for a byte',                t.byte,          128,              ' must be a byte (-128 to 127), not 128'],
  ['2^15 for a short',              t.short,         32_768,           ' must be a short (-32768 to 32767), not 32768'],
  ['2^31 for an int',               t.int,           2 ** 31,          ` must be ${INT}, not 2147483648`],
  ['-2^31 - 1 for an int',          t.int,           -(2 ** 31) - 1,   ` must be ${INT}, not -2147483649`],
  ['a fraction for an int',         t.int,           0.5,              ` must be ${INT}, not 0.5`],
  ['NaN for an int',                t.int,           NaN,              ` must be ${INT}, not NaN`],
  ['a bigint for an int',           t.int,           5n,               ` must be ${INT}, not the bigint 5`],
  ['text for an int',               t.int,           '5',              ` must be ${INT}, not "5"`],
  ['-1 for an unsignedByte',        t.unsignedByte,  -1,               ' must be an unsignedByte (0 to 255), not -1'],
  ['256 for an unsignedByte',       t.unsignedByte,  256,              ' must be an unsignedByte (0 to 255), not 256'],
  ['2^16 for an unsignedShort',     t.unsignedShort, 65_536,           ' must be an unsignedShort (0 to 65535), not 65536'],
  ['2^32 for an unsignedInt',       t.unsignedInt,   2 ** 32,          ' must be an unsignedInt (0 to 4294967295), not 4294967296'],
  ['a number for a long',           t.long,          5,                ` must be ${LONG}, not 5`],
  ['-0 for a long',                 t.long,          -0,               ` must be ${LONG}, not -0`],
  ['a number beyond 2^53 for a long', t.long,        2 ** 60,          ` must be ${LONG}, not 1152921504606847000`],
  ['2^63 for a long',               t.long,          2n ** 63n,        ` must be ${LONG}, not the bigint 9223372036854775808`],
  ['a bigint of a million bits',    t.long,          1n << 1_000_000n, ` must be ${LONG}, not a bigint of more than 128 bits`],
  ['-1 for an unsignedLong',        t.unsignedLong,  -1n,              ` must be ${UNSIGNED_LONG}, not the bigint -1`],
  ['2^64 for an unsignedLong',      t.unsignedLong,  2n ** 64n,        ` must be ${UNSIGNED_LONG}, not the bigint 18446744073709551616`],
  ['a number for text',             t.string,        5,                ' must be a string, not 5'],
  ['null for text',                 t.string,        null,             ' must be a string, not null'],
  ['a symbol for text',             t.string,        Symbol('s'),      ' must be a string, not a symbol'],
  ['a lone surrogate',              t.string,        'a\ud800',        ' must be a string without lone surrogates, not "a\\ud800"'],
  ['surrogates the wrong way round', t.string,       '\udc00\ud800',   ' must be a string without lone surrogates, not "\\udc00\\ud800"'],
  ['a number for a decimal',        t.decimal,       15.99,            ` must be ${DECIMAL}, not 15.99`],
  ['a small number for a decimal',  t.decimal,       1e-7,             ` must be ${DECIMAL}, not 1e-7`],
  ['no decimal',                    t.decimal,       '',               ` must be ${DECIMAL}, not ""`],
  ['a decimal with a comma',        t.decimal,       '1,5',            ` must be ${DECIMAL}, not "1,5"`],
  ['a decimal with an exponent',    t.decimal,       '1e5',            ` must be ${DECIMAL}, not "1e5"`],
  ['a point for a decimal',         t.decimal,       '.',              ` must be ${DECIMAL}, not "."`],
  ['2^96 for a decimal',            t.decimal,       '79228162514264337593543950336', ` must be ${DECIMAL}, not "79228162514264337593543950336"`],
  ['a decimal of 57 digits',        t.decimal,       `${'1'.repeat(29)}.${'1'.repeat(28)}`, ` must be ${DECIMAL}, not "${'1'.repeat(29)}.${'1'.repeat(28)}"`],
  ['29 digits after the point',     t.decimal,       `0.${'0'.repeat(28)}1`, ` must be ${DECIMAL}, not "0.${'0'.repeat(28)}1"`],
  ['a decimal of 60,000 digits',    t.decimal,       '9'.repeat(60_000), ` must be ${DECIMAL}, not "${'9'.repeat(64)}…"`],
  ['NaN for a decimal',             t.decimal,       'NaN',            ` must be ${DECIMAL}, not "NaN"`],
  ['text for a dateTime',           t.dateTime,      '2001-02-03',     ` must be ${DATE_TIME}, not "2001-02-03"`],
  ['milliseconds for a dateTime',   t.dateTime,      0,                ` must be ${DATE_TIME}, not 0`],
  ['no valid Date',                 t.dateTime,      new Date(NaN),    ` must be ${DATE_TIME}, not an invalid Date`],
  ['a Date before the year 1',      t.dateTime,      new Date(-62_135_596_800_001), ` must be ${DATE_TIME}, not the Date 0000-12-31T23:59:59.999Z`],
  ['a Date after the year 9999',    t.dateTime,      new Date(253_402_300_800_000), ` must be ${DATE_TIME}, not the Date +010000-01-01T00:00:00.000Z`],
  ['a Date in the year 275760',     t.dateTime,      new Date(8.64e15), ` must be ${DATE_TIME}, not the Date +275760-09-13T00:00:00.000Z`],
  ['a DateTime of UTC before the year 1', t.dateTime, new DateTime(-1n, 'utc'), ` must be ${DATE_TIME}, not the Date 0000-12-31T23:59:59.999Z`],
  ['a DateTime 15 hours before the year 1', t.dateTime, new DateTime(-540_000_000_000n, 'local'), ` must be ${DATE_TIME}, not the Date 0000-12-31T09:00:00.000Z`],
  ['a DateTime of no JavaScript',   t.dateTime,      new DateTime(2n ** 80n, 'local'), ` must be ${DATE_TIME}, not an invalid Date`],
  ['infinity for a duration',       t.duration,      Infinity,         ` must be ${DURATION}, not Infinity`],
  ['NaN for a duration',            t.duration,      NaN,              ` must be ${DURATION}, not NaN`],
  ['a duration of 1e18',            t.duration,      1e18,             ` must be ${DURATION}, not 1000000000000000000`],
  ['the next duration',             t.duration,      922_337_203_685_477.8, ` must be ${DURATION}, not 922337203685477.8`],
  ['text for a duration',           t.duration,      'PT1S',           ` must be ${DURATION}, not "PT1S"`],
  ['a word for a guid',             t.guid,          'x'.repeat(70),   ` must be ${GUID_TEXT}, not "${'x'.repeat(64)}…"`],
  ['31 digits for a guid',          t.guid,          GUID.slice(1),    ` must be ${GUID_TEXT}, not "${GUID.slice(1)}"`],
  ['half a brace',                  t.guid,          `{${GUID}`,       ` must be ${GUID_TEXT}, not "{${GUID}"`],
  ['an array for binary',           t.base64Binary,  [1],              ` must be ${BINARY}, not an array`],
  ['an ArrayBuffer for binary',     t.base64Binary,  new ArrayBuffer(1), ` must be ${BINARY}, not an object`],
  ['text for binary',               t.base64Binary,  'AQID',           ` must be ${BINARY}, not "AQID"`],
  ['what may be null is another',   t.nillable(t.double), 'x',         ' must be a double, not "x"'],
  ['text for an array',             t.array(t.string), 'a',            ' must be an array, not "a"'],
  ['null for an array',             t.array(t.string), null,           ' must be an array, not null'],
  ['octets for an array',           t.array(t.int),  new Uint8Array(1), ' must be an array, not a Uint8Array'],
  ['a hole in an array',            t.array(t.int),  Array.from({ length: 2 }), `[0] must be ${INT}, not undefined`],
  ['an element',                    t.array(t.int),  [1, 2, '3'],      `[2] must be ${INT}, not "3"`],
  ['an element of an element',      t.array(t.array(t.guid)), [[], [GUID, 'x']], `[1][1] must be ${GUID_TEXT}, not "x"`],
  ['null for an object',            Point,           null,             ' must be an object (Point), not null'],
  ['an array for an object',        Point,           [],               ' must be an object (Point), not an array'],
  ['a function for an object',      Point,           () => 1,          ' must be an object (Point), not a function'],
  ['a missing member',              Point,           { x: 1 },         '.name must be a string, not undefined'],
  ['a member that is null',         Point,           { x: null, name: '' }, '.x must be a double, not null'],
  ['no required member',            Note,            { Id: 1 }, `.Total must be ${DECIMAL}, not undefined`],
  ['null for an optional member',   Note,            { Id: 1, Text: null, Total: '1' }, '.Text must be a string, not null'],
  ['a typo for an enumeration',     Status,          'new',            ` must be ${STATUS}, not "new"`],
  ['a number for an enumeration',   Status,          1,                ` must be ${STATUS}, not 1`],
  ['a bit without a name',          Rights,          4,                ` must be ${RIGHTS}, not 4`],
  ['a negative number for flags',   Rights,          -1,               ` must be ${RIGHTS}, not -1`],
  ['names for flags',               Rights,          'Read',           ` must be ${RIGHTS}, not "Read"`],
  ['an object for a dictionary',    Counts,          { a: 1 },         ' must be a dictionary (a Map), not an object'],
  ['a Map for an object',           Point,           new Map(),        '.x must be a double, not undefined'],
  ['a Map for an array',            t.array(t.int),  new Map(),        ' must be an array, not a Map'],
  ['an object without its class',   AnyShape,        { Label: 'x' },   '.$type must be "Shape" or "Circle" or "Square", not undefined'],
  ['an object of an unknown class', AnyShape,        { $type: 'Cube' }, '.$type must be "Shape" or "Circle" or "Square", not "Cube"'],
  ['an object where none is known', t.any(),         { $type: 'Cube' }, `.$type must not be "Cube": ${NO_CLASS}`],
  ['a class where all are abstract', t.known(Solid, []), { $type: 'Solid', Label: '' }, `.$type must not be "Solid": ${NO_CLASS}`],
  ['an object of none of very many', t.any(Array.from({ length: 13 }, (_, at) => t.object(`C${at}`, {}))), { $type: 'Cube' }, `.$type must be ${Array.from({ length: 12 }, (_, at) => `"C${at}"`).join(' or ')} or another of 13, not "Cube"`],
  ['an abstract class',             AnySolid,        { $type: 'Solid', Label: '' }, '.$type must be "Cube", not "Solid"'],
  ['text for one of several classes', AnyShape,      'Shape',          ' must be an object (Shape, Circle, Square), not "Shape"'],
  ['a tree in itself',              Tree,            ENDLESS,          `${'.kids[0]'.repeat(65)} is nested deeper than the limit (maxDepth) of 64, or holds itself`],
  ['a wrong key',                   Counts,          new Map([[1, 2]]), '[0].Key must be a string, not 1'],
  ['a wrong value of a dictionary', Counts,          new Map([['a', 1], ['b', null]]), `[1].Value must be ${INT}, not null`],
  ['two units for a char',          t.char,          'ab',             ` must be ${CHAR}, not "ab"`],
  ['half a character for a char',   t.char,          '\ud800',         ` must be ${CHAR}, not "\\ud800"`],
  ['a character of two units for a char', t.char,    '😀',             ` must be ${CHAR}, not "😀"`],
  ['a number for a char',           t.char,          97,               ` must be ${CHAR}, not 97`],
  ['a URL for a uri',               t.uri,           new URL('http://a'), ' must be a uri (text without lone surrogates), not an object'],
  ['a Date for a dateTimeOffset',   t.dateTimeOffset, new Date(0),     ` must be ${OFFSET}, not the Date 1970-01-01T00:00:00.000Z`],
  ['an offset of 15 hours',         t.dateTimeOffset, new DateTimeOffset(new Date(0), 900), ` must be ${OFFSET}, not the Date 1970-01-01T00:00:00.000Z`],
  ['a clock in the year 0',         t.dateTimeOffset, new DateTimeOffset(0n, -1), ` must be ${OFFSET}, not the Date 0001-01-01T00:00:00.000Z`],
  ['one number for a version',      t.version,       '1',              ` must be ${VERSION}, not "1"`],
  ['2^31 in a version',             t.version,       '1.2147483648',   ` must be ${VERSION}, not "1.2147483648"`],
  ['deep inside',                   Line,            { points: [{ x: 1, name: '' }, { x: 1, name: 5 }] }, '.points[1].name must be a string, not 5'],
];

describe('is refused by every encoding, in the same words', () => {
  test.for(REFUSED)('%s', ([, type, value, sentence]) => {
    for (const [name, encoding] of ENCODINGS) {
      expect(complaints(encoding, type, value), name).toEqual([
        ['Usage', `Echo: parameter "v"${sentence}`],
        ['Internal', `Echo: result${sentence}`],
      ]);
    }
  });

  /** What a getter adds something to, or takes it away from, while it is sent. */
  const changing = (values: unknown[], at: number, change: (all: unknown[]) => void): unknown[] => {
    const value = values[at];
    return Object.defineProperty(values, at, {
      configurable: true,
      get: () => (change(values), value),
    });
  };
  const growing = (all: unknown[]): unknown => all.push(1);
  const shrinking = (all: unknown[]): unknown => all.pop();
  test.for<[string, t.ValueType, () => unknown, grows: boolean]>([
    ['an array that grows', t.array(t.int), () => changing([1, 2, 3], 1, growing), true],
    ['one that shrinks', t.array(t.int), () => changing([1, 2, 3], 0, shrinking), false],
    ['one, at its last item', t.array(t.int), () => changing([1, 2, 3], 2, growing), true],
    ['items with elements', t.array(t.string), () => changing(['', '', ''], 0, shrinking), false],
    [
      'a dictionary',
      Counts,
      () =>
        new Growing([
          ['a', 1],
          ['b', 2],
          ['c', 3],
        ]),
      true,
    ],
  ])('changed by a getter: %s', ([, type, make, grows]) => {
    for (const [name, encoding] of ENCODINGS) {
      const says = (had: number): string =>
        ` must not change while it is sent: it had ${had} items, and has ${grows ? had + 1 : had - 1}`;
      expect(complaints(encoding, type, make()), name).toEqual([
        ['Usage', `Echo: parameter "v"${says(3)}`],
        ['Internal', `Echo: result${says(grows ? 4 : 2)}`],
      ]);
    }
  });

  test.for<[string, unknown[], string]>([
    ['too few', [], 'operation Echo takes 1 parameter, not 0'],
    ['too many', [1, 2], 'operation Echo takes 1 parameter, not 2'],
  ])('%s arguments', ([, args, message]) => {
    for (const [name, encoding] of ENCODINGS) {
      const contract = echo(t.double);
      const [operation] = contract.operations.values();
      if (operation === undefined) throw new Error('no operation');
      const client = encoding.client({ contract, limits: DEFAULT_LIMITS, address: ADDRESS });
      expect(() => client.writeRequest(new OctetWriter(), 1, operation, args), name).toThrow(
        new NetTcpError('Usage', message),
      );
    }
  });
});

/** A dictionary of three that grows whenever somebody goes through it. */
class Growing extends Map<unknown, unknown> {
  override *[Symbol.iterator](): MapIterator<[unknown, unknown]> {
    for (const entry of this.entries()) {
      this.set(`${this.size}`, 0);
      yield entry;
    }
    return undefined;
  }
}

/** A request for `Echo` as another implementation may write it: text and integers unchecked. */
function unchecked(encoding: MessageEncoding, value: string | bigint): Uint8Array {
  if (encoding.name === 'msgpack') {
    return written((out) => {
      out.append(Uint8Array.of(0x94, 0x00, 0x01));
      writeString(out, 'Echo');
      writeArrayHead(out, 1);
      if (typeof value === 'string') writeString(out, value);
      else writeBigInteger(out, value, value < 0n);
    });
  }
  return message(
    {
      action: 'http://tempuri.org/IEcho/Echo',
      to: ADDRESS,
      messageId: 'urn:uuid:11223344-5566-7788-99aa-bbccddeeff00',
      body: wrapper('Echo', 'http://tempuri.org/', (xml) => {
        xml.element('', 'v');
        if (typeof value === 'string') xml.text(value, END);
        else if (value < 2n ** 63n) xml.long(value, END);
        else xml.uint64(value, END);
      }),
    },
    encoding.mode === 2,
  );
}

// prettier-ignore
const READ: readonly (readonly [t.ValueType, string | bigint, unknown])[] = [
  [t.decimal, '+1', '1'],
  [t.decimal, ' 1.5 ', '1.5'],
  [t.decimal, '1.', '1'],
  [t.decimal, '.5', '0.5'],
  [t.guid, `{${GUID}}`, GUID],
  [t.guid, GUID.replaceAll('-', '').toUpperCase(), GUID],
  [t.dateTime, '2020-01-01T00:00:00Z', new Date('2020-01-01T00:00:00Z')],
  [t.dateTime, '2020-01-01T00:00:00', new DateTime(637_134_336_000_000_000n, 'unspecified')],
  [t.dateTime, '2020-01-01', new DateTime(637_134_336_000_000_000n, 'unspecified')],
  [t.dateTime, '2020-01-01T00:00:00.12345678+00:00', new DateTime(637_134_336_001_234_568n, 'local')],
  [t.dateTime, '0001-01-01T00:00:00+09:18', new DateTime(-334_800_000_000n, 'local')],
  [t.int, 2n ** 31n - 1n, 2 ** 31 - 1],
  [t.double, 2n ** 53n + 1n, 2 ** 53],
  [t.long, 5n, 5n],
  [t.unsignedLong, 2n ** 64n - 1n, 2n ** 64n - 1n],
];
// prettier-ignore
const UNREAD: readonly (readonly [t.ValueType, string | bigint, string])[] = [
  [t.double, 'ten', 'must be a double, not "ten"'],
  [t.boolean, 'yes', 'must be a boolean, not "yes"'],
  [t.boolean, 2n, 'must be a boolean, not 2'],
  [t.int, 2n ** 31n, `must be ${INT}, not 2147483648`],
  [t.int, 'x', `must be ${INT}, not "x"`],
  [t.unsignedByte, -1n, 'must be an unsignedByte (0 to 255), not -1'],
  [t.long, 2n ** 63n, `must be ${LONG}, not the bigint 9223372036854775808`],
  [t.decimal, '1e5', `must be ${DECIMAL}, not "1e5"`],
  [t.decimal, `${'1'.repeat(29)}.${'1'.repeat(28)}`, `must be ${DECIMAL}, not "${'1'.repeat(29)}.${'1'.repeat(28)}"`],
  [t.guid, `{${GUID}`, `must be ${GUID_TEXT}, not "{${GUID}"`],
  [t.dateTime, '2020-02-30T00:00:00Z', `must be ${DATE_TIME}, not "2020-02-30T00:00:00Z"`],
  [t.dateTime, '0000-01-01T00:00:00Z', `must be ${DATE_TIME}, not "0000-01-01T00:00:00Z"`],
  [t.dateTime, '+275760-09-13T00:00:00Z', `must be ${DATE_TIME}, not "+275760-09-13T00:00:00Z"`],
  [t.base64Binary, '%', `must be ${BINARY}, not "%"`],
];

describe('what a peer writes for a value is read alike by every encoding', () => {
  test.for(READ)('%o from %s', ([type, value, due]) => {
    for (const [name, encoding] of ENCODINGS) {
      const request = receive(encoding, type, value);
      expect(request, name).toMatchObject({ kind: 'call' });
      expect(request.kind === 'call' && request.args, name).toStrictEqual([due]);
      const [read] = request.kind === 'call' ? request.args : [];
      if (!(due instanceof DateTime)) continue;
      expect(read instanceof DateTime && [read.ticks, read.kind], name).toEqual([
        due.ticks,
        due.kind,
      ]);
    }
  });

  test.for(UNREAD)('no %o from %s', ([type, value, sentence]) => {
    for (const [name, encoding] of ENCODINGS) {
      expect(receive(encoding, type, value), name).toMatchObject({
        kind: 'refused',
        fault: {
          code: 'Fault',
          faultCode: { name: 'Sender', subcode: { name: 'DeserializationFailed' } },
          message: `The formatter threw an exception while trying to deserialize the message: Error in deserializing body of request message for operation 'Echo'. Parameter "v" ${sentence}.`,
        },
      });
    }
  });
});

function receive(encoding: MessageEncoding, type: t.ValueType, value: string | bigint): Request {
  const options = { contract: echo(type), limits: DEFAULT_LIMITS, address: ADDRESS };
  const payload = unchecked(encoding, value);
  return encoding.service(options).readRequest(payload, 0, payload.length);
}
