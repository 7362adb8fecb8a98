import { expect, test } from 'vitest';
import * as t from '../../../shared/contract/types.ts';
import { counted, dump, octets } from '../binary-xml/octets.ts';
import { DOTNET, READ_ONLY } from './dotnet-values.ts';
import { buffered, oneParameter, operationOf, options, writtenDump } from './messages.ts';

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
  expect(service.readRequest(wire, 0, wire.length)).toMatchObject({ kind: 'call', args: [value] });
});

test.each<readonly [string, t.ValueType, string, string]>([
  ['text for a double', t.double, '99 03 "ten"', "'ten' cannot be parsed as the type 'Double'"],
  ['nothing for a double', t.double, '01', "'' cannot be parsed as the type 'Double'"],
  ['true for a double', t.double, '87', "'true' cannot be parsed as the type 'Double'"],
  [
    'a number too large for a byte',
    t.unsignedByte,
    '8b 00 01',
    "'256' cannot be parsed as the type 'Byte'",
  ],
  [
    'a broken number for an int',
    t.int,
    '91 00 00 c0 3f',
    "'1.5' cannot be parsed as the type 'Int32'",
  ],
  [
    'a negative number for a ulong',
    t.unsignedLong,
    '89 ff',
    "'-1' cannot be parsed as the type 'UInt64'",
  ],
  [
    'a number too large for a long',
    t.long,
    'b3 00 00 00 00 00 00 00 80',
    "cannot be parsed as the type 'Int64'",
  ],
  ['2 for a boolean', t.boolean, '89 02', "'2' cannot be parsed as the type 'Boolean'"],
  ['text for a guid', t.guid, '99 01 "x"', "'x' cannot be parsed as the type 'Guid'"],
  ['text for a date', t.dateTime, '99 01 "x"', "'x' cannot be parsed as the type 'DateTime'"],
  ['text for a duration', t.duration, '99 01 "x"', "'x' cannot be parsed as the type 'TimeSpan'"],
  ['text for a decimal', t.decimal, '99 01 "x"', "'x' cannot be parsed as the type 'Decimal'"],
  [
    'text that is no base64',
    t.base64Binary,
    '99 01 "x"',
    "'x' cannot be parsed as the type 'Byte[]'",
  ],
  [
    'a long text, of which only the begin is shown',
    t.int,
    `99 ff ${'78 '.repeat(255)}`,
    `'${'x'.repeat(64)}…' cannot`,
  ],
  ['an element in a number', t.double, '40 01 "x" 01 01', 'There is an element in a Double.'],
  ['an element in octets', t.base64Binary, '40 01 "x" 01 01', 'There is an element in a Byte[].'],
  [
    'another item',
    t.array(t.double),
    '40 03 "int" 83 01',
    "Expecting element 'double'. Encountered element 'int'.",
  ],
])('%s is a fault', (_what, type, content, reason) => {
  const service = buffered.service({ ...options(oneParameter(type)), address: ENDPOINT });
  const wire = octets(wireOf([], content));
  expect(service.readRequest(wire, 0, wire.length)).toMatchObject({
    kind: 'refused',
    fault: { code: 'Fault', message: expect.stringContaining(reason) },
  });
});
