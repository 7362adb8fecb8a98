// Headers of messages: as .NET and CoreWCF wrote them, and what is refused.
import { describe, expect, test } from 'vitest';
import { defineContract, operation } from '../../shared/contract/contract.ts';
import { header } from '../../shared/contract/header.ts';
import * as t from '../../shared/contract/types/types.ts';
import { msgpack } from '../../shared/encoding/msgpack/msgpack.ts';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import { OctetWriter } from '../../shared/octets.ts';
import { counted, dump, octets } from './binary-xml/octets.ts';
import { buffered, CALL, GUID_DUMP, writtenDump } from './soap/messages.ts';

const Tenant = header('Tenant', t.string, { namespace: 'urn:h' });
const Answered = header('Answered', t.string, { namespace: 'urn:h' });
const IOps = defineContract({
  name: 'IOps',
  namespace: 'http://example.org/shop',
  operations: { ReadHeader: operation([], t.string) },
});
const ReadHeader = IOps.operations.get('ReadHeader');
if (ReadHeader === undefined) throw new Error('no operation');
const options = {
  contract: IOps,
  limits: DEFAULT_LIMITS,
  address: 'net.tcp://localhost:9310/ops',
};
const ACTION = 'http://example.org/shop/IOps/ReadHeader';

// From a .NET client and CoreWCF; only the message id differs.
const REQUEST = `
  68 ${counted(ACTION)} ${counted(options.address)} 0a "ReadHeader" 17 "http://example.org/shop"
  56 02 0b 01 "s" 04 0b 01 "a" 06 56 08 44 0a 1e 00 82 ab 01
  40 06 "Tenant" 08 05 "urn:h" 99 04 "acme"
  44 1a ad ${GUID_DUMP} 44 2c 44 2a ab 14 01 44 0c 1e 00 82 ab 03 01
  56 0e 42 05 0a 07 01 01 01`;
const REPLY = `
  6c ${counted(`${ACTION}Response`)} 12 "ReadHeaderResponse" 17 "http://example.org/shop"
  10 "ReadHeaderResult"
  56 02 0b 01 "s" 04 0b 01 "a" 06 56 08 44 0a 1e 00 82 ab 01 44 12 ad ${GUID_DUMP}
  40 08 "Answered" 08 05 "urn:h" 99 03 "yes" 44 0c 1e 00 82 ab 14 01
  56 0e 42 03 0a 05 42 07 99 04 "acme" 01 01 01`;

test('SOAP: a request, byte for byte, and read', () => {
  const client = buffered.client(options);
  const headers = [Tenant.of('acme')];
  const wire = octets(REQUEST);
  expect(writtenDump((out) => client.writeRequest(out, CALL, ReadHeader, [], headers))).toBe(
    dump(wire),
  );
  const request = buffered.service(options).readRequest(wire, 0, wire.length);
  if (request.kind !== 'call') throw new Error(request.fault.message);
  wire.fill(0); // the next message's
  expect(request.headers?.get(Tenant)).toBe('acme');
  expect(request.headers?.get(Answered)).toBeUndefined();
});

test('SOAP: an answer, byte for byte, and read', () => {
  const service = buffered.service(options);
  const request = service.readRequest(octets(REQUEST), 0, octets(REQUEST).length);
  const wire = octets(REPLY);
  const headers = [Answered.of('yes')];
  expect(
    writtenDump((out) => service.writeResult(out, request.id ?? '', ReadHeader, 'acme', headers)),
  ).toBe(dump(wire));
  const reply = buffered.client(options).readReply(wire, 0, wire.length, () => ReadHeader);
  if (reply?.kind !== 'result') throw new Error('no result');
  wire.fill(0);
  expect(reply.headers?.get(Answered)).toBe('yes');
});

describe('MessagePack', () => {
  const service = msgpack.service(options);
  const client = msgpack.client(options);

  test('a further element, a map, after requests and answers, only where there are any', () => {
    const written = (headers: Parameters<typeof client.writeRequest>[4]): string => {
      const out = new OctetWriter();
      client.writeRequest(out, 1, ReadHeader, [], headers);
      return dump(out.toBytes());
    };
    expect(written([Tenant.of('acme')])).toBe(
      dump(octets('95 00 01 aa "ReadHeader" 90 81 ad "{urn:h}Tenant" a4 "acme"')),
    );
    const strict = header('Tenant', t.string, { namespace: 'urn:h', mustUnderstand: true });
    expect(written([strict.of('acme')])).toBe(
      dump(octets('95 00 01 aa "ReadHeader" 90 81 ae "!{urn:h}Tenant" a4 "acme"')),
    );
    const plain = dump(octets('94 00 01 aa "ReadHeader" 90'));
    expect(written([])).toBe(plain);
    expect(written(undefined)).toBe(plain);
    const out = new OctetWriter();
    service.writeResult(out, 1, ReadHeader, 'a', [Answered.of('yes')]);
    expect(dump(out.toBytes())).toBe(
      dump(octets('95 01 01 c0 a1 "a" 81 af "{urn:h}Answered" a3 "yes"')),
    );
  });

  test.for<[string, string, string]>([
    ['no map', '90', 'has headers that are no map'],
    ['a key that is no name', '81 a6 "Tenant" c0', 'has a header whose name is not'],
    ['a key that is no text', '81 01 c0', 'has a header whose name is not'],
    ['cut short', '81 ad "{urn:h}Tenant"', 'ends in the middle of a value'],
    ['too deep', `81 a4 "{}ab" ${'91 '.repeat(70)} c0`, 'is nested deeper than 64'],
    ['bytes after them', '80 c0', 'has bytes after its end (1)'],
  ])('%s costs the call', ([, headers, why]) => {
    const wire = octets(`95 00 01 aa "ReadHeader" 90 ${headers}`);
    expect(service.readRequest(wire, 0, wire.length)).toMatchObject({
      kind: 'refused',
      id: 1,
      fault: { message: expect.stringContaining(why) },
    });
    const answer = octets(`95 01 01 c0 a0 ${headers}`);
    expect(client.readReply(answer, 0, answer.length, () => ReadHeader)).toMatchObject({
      kind: 'fault',
      id: 1,
      fault: { message: expect.stringContaining(why) },
    });
  });

  test('one that comes twice, read', () => {
    const wire = octets(
      '95 00 01 aa "ReadHeader" 90 82 ad "{urn:h}Tenant" a0 ad "{urn:h}Tenant" a0',
    );
    const request = service.readRequest(wire, 0, wire.length);
    if (request.kind !== 'call') throw new Error(request.fault.message);
    expect(() => request.headers?.get(Tenant)).toThrow(
      'The header {urn:h}Tenant must come only once.',
    );
  });
});
