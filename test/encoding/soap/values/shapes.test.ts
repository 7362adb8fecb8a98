import { expect, test } from 'vitest';
import { octets, dump } from '../../binary-xml/octets.ts';
import { SHAPES } from './dotnet-shapes.ts';
import { oneParameter, operationOf, options, streamed, written } from '../messages.ts';

test.for(SHAPES)('%s: written as .NET does, and read', ([, type, value, content]) => {
  const contract = oneParameter(type);
  const client = streamed.client(options(contract));
  const wire = written((out) => client.writeRequest(out, 1, operationOf(contract, 'Op'), [value]));
  const due = octets(`40 02 "Op" 08 13 "http://tempuri.org/" 40 01 "v" ${content} 01 01 01`);
  expect(dump(wire.subarray(wire.length - due.length))).toBe(dump(due));
  const service = streamed.service(options(contract));
  expect(service.readRequest(wire, 0, wire.length)).toMatchObject({ kind: 'call', args: [value] });
});
