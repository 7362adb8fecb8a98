import { expect, test } from 'vitest';
import * as t from '../../../../shared/contract/types/types.ts';
import { counted, dump, octets } from '../../binary-xml/octets.ts';
import { DOTNET, Pt, READ_ONLY } from './dotnet-values.ts';
import { buffered, oneParameter, operationOf, options, writtenDump } from '../messages.ts';

function wireOf(names: readonly string[], content: string): string {
  const first = [
    'http://tempuri.org/IT/Op',
    'net.tcp://localhost:9000/x',
    'Op',
    'http://tempuri.org/',
    'v',
  ];
  const table = octets([...first, ...names].map(counted).join(' '));
  const size =
    table.length < 0x80 ? [table.length] : [(table.length & 0x7f) | 0x80, table.length >> 7];
  return dump(
    octets(`${dump(Uint8Array.from(size))} ${dump(table)}
      56 02 0b 01 "s" 04 0b 01 "a" 06 56 08 44 0a 1e 00 82 ab 01 44 0c 1e 00 82 ab 03 01
      56 0e 42 05 0a 07 42 09 ${content} 01 01 01`),
  );
}

const XSI = 'http://www.w3.org/2001/XMLSchema-instance';
const XSD = 'http://www.w3.org/2001/XMLSchema';
const ARRAYS = 'http://schemas.microsoft.com/2003/10/Serialization/Arrays';
const SERIALIZATION = 'http://schemas.microsoft.com/2003/10/Serialization/';
const NO_GUID = '00000000-0000-0000-0000-000000000000';
/** `i:nil="true"` */
const NIL = `05 01 "i" 03 "nil" 86 09 01 "i" ${counted(XSI)}`;

const ENDPOINT = 'net.tcp://localhost:9000/x';

test.each(DOTNET)('%s is written as .NET does', (_what, type, value, names, content) => {
  const contract = oneParameter(type);
  const client = buffered.client({ ...options(contract), address: ENDPOINT });
  expect(
    writtenDump((out) => client.writeRequest(out, 1, operationOf(contract, 'Op'), [value])),
  ).toBe(wireOf(names, content));
});

test.each([...DOTNET, ...READ_ONLY])('%s is read', (_what, type, value, names, content) => {
  const contract = oneParameter(type);
  const service = buffered.service({ ...options(contract), address: ENDPOINT });
  const wire = octets(wireOf(names, content));
  const request = service.readRequest(wire, 0, wire.length);
  wire.fill(0); // the memory of a message is used again for the next one
  expect(request).toMatchObject({ kind: 'call', args: [value] });
});

// prettier-ignore
test.each<readonly [string, t.ValueType, string, string]>([
  ['text for a double',              t.double,        '99 03 "ten"',       ' must be a double, not "ten"'],
  ['nothing for a double',           t.double,        '01',                ' must be a double, not ""'],
  ['true for a double',              t.double,        '87',                ' must be a double, not "true"'],
  ['256 for a byte',                 t.unsignedByte,  '8b 00 01',          ' must be an unsignedByte (0 to 255), not 256'],
  ['a fraction for an int',          t.int,           '91 00 00 c0 3f',    ' must be an int (-2147483648 to 2147483647), not 1.5'],
  ['2^31 as text for an int',        t.int,           '99 0a "2147483648"', ' must be an int (-2147483648 to 2147483647), not 2147483648'],
  ['-1 for a ulong',                 t.unsignedLong,  '89 ff',             ' must be an unsignedLong (a bigint, 0 to 2^64 - 1), not the bigint -1'],
  ['2^63 for a long',                t.long,          'b3 00 00 00 00 00 00 00 80', ' must be a long (a bigint, -2^63 to 2^63 - 1), not the bigint 9223372036854775808'],
  ['2 for a boolean',                t.boolean,       '89 02',             ' must be a boolean, not 2'],
  ['a byte of 2 for a boolean',    t.boolean,       'b5 02',             ' must be a boolean, not "2"'],
  ['text for a guid',                t.guid,          '99 01 "x"',         ' must be a guid (text such as "00112233-4455-6677-8899-aabbccddeeff"), not "x"'],
  ['text for a date',                t.dateTime,      '99 01 "x"',         ' must be a dateTime (a Date in the years 1 to 9999), not "x"'],
  ['ticks after 9999 for a date',    t.dateTime,      '97 00 40 37 f4 75 28 ca 6b', ' must be a dateTime (a Date in the years 1 to 9999), not the Date +010000-01-01T00:00:00.000Z'],
  ['text for a duration',            t.duration,      '99 01 "x"',         ' must be a duration (milliseconds, up to ±922337203685477.6), not "x"'],
  ['a duration of 99999 years',      t.duration,      '99 07 "P99999Y"',   ' must be a duration (milliseconds, up to ±922337203685477.6), not 3153568464000000'],
  ['text for a decimal',             t.decimal,       '99 01 "x"',         ' must be a decimal (text such as "-15.99": under 2^96, at most 28 digits after the point), not "x"'],
  ['text that is no base64',         t.base64Binary,  '99 01 "x"',         ' must be binary (a Uint8Array), not "x"'],
  ['a long text, of which only the begin is shown', t.int, `99 ff ${'78 '.repeat(255)}`, ` must be an int (-2147483648 to 2147483647), not "${'x'.repeat(64)}…"`],
  ['an element in a number',         t.double,        '40 01 "x" 01 01',   ' must be a double, not an element (x)'],
  ['an element in bytes',           t.base64Binary,  '40 01 "x" 01 01',   ' must be binary (a Uint8Array), not an element (x)'],
  ['another item',                   t.array(t.double), '40 03 "int" 83 01', '[0] must be an element double, not int'],
  ['a wrong item',                   t.array(t.double), '40 06 "double" 83 40 06 "double" 99 01 "x" 01', '[1] must be a double, not "x"'],
  ['nil for a double',               t.double,        `${NIL} 01`,         ' must be a double, not null'],
  ['nil for a string',               t.string,        `${NIL} 01`,         ' must be a string, not null'],
  ['nil for an array',               t.array(t.double), `${NIL} 01`,       ' must be an array, not null'],
  ['nil for an object',              Pt,              `${NIL} 01`,         ' must be an object (Pt), not null'],
  ['a type that is another',         Pt,              typed('q:Circle', 'http://my/types'), ' must be an object (Pt), not one of the type {http://my/types}Circle'],
  ['a type of another namespace',    Pt,              typed('q:Pt', 'urn:x'), ' must be an object (Pt), not one of the type {urn:x}Pt'],
  ['a type of no namespace',         Pt,              typed('Pt', 'http://my/types'), ' must be an object (Pt), not one of the type {http://tempuri.org/}Pt'],
  ['a type that is another scalar',  t.int,           typed('q:long', XSD), ' must be an int (-2147483648 to 2147483647), not one of the type {http://www.w3.org/2001/XMLSchema}long'],
  ['a reference',                    Pt,              `05 01 "z" 03 "Ref" 98 02 "i1" 09 01 "z" ${counted(SERIALIZATION)} 01`, ' must be an object (Pt), not a reference to an object elsewhere in the message'],
])('%s is a fault', (_what, type, content, sentence) => {
  const service = buffered.service({ ...options(oneParameter(type)), address: ENDPOINT });
  const wire = octets(wireOf([], content));
  expect(service.readRequest(wire, 0, wire.length)).toMatchObject({
    kind: 'refused',
    fault: {
      code: 'Fault',
      message: expect.stringContaining(`for operation 'Op'. Parameter "v"${sentence}.`),
    },
  });
});

test.each<readonly [string, t.ValueType, string, unknown]>([
  ['an object', Pt, typed('q:Pt', 'http://my/types'), { Label: null, X: 0, Y: 0 }],
  [
    'an object that may be null',
    t.nillable(Pt),
    typed('q:Pt', 'http://my/types'),
    { Label: null, X: 0, Y: 0 },
  ],
  ['a string', t.string, typed('q:string', XSD), ''],
  ['a guid of .NET', t.guid, typed('q:guid', SERIALIZATION, `99 24 "${NO_GUID}"`), NO_GUID],
  ['an array', t.array(t.int), typed('q:ArrayOfint', ARRAYS), []],
])('%s may say its own type', (_what, type, content, value) => {
  const service = buffered.service({ ...options(oneParameter(type)), address: ENDPOINT });
  const wire = octets(wireOf([], content));
  expect(service.readRequest(wire, 0, wire.length)).toMatchObject({ kind: 'call', args: [value] });
});

/** `i:type="…"` where `q` is the namespace, and what follows it in the element. */
function typed(type: string, namespace: string, content = '01'): string {
  return `05 01 "i" 04 "type" 98 ${counted(type)} 09 01 "i" ${counted(XSI)} 09 01 "q" ${counted(namespace)} ${content}`;
}
