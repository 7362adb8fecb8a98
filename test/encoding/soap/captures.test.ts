import { expect, test } from 'vitest';
import { ICalculator } from '../../../shared/contract/calculator.ts';
import { defineContract, oneWay } from '../../../shared/contract/contract.ts';
import { double } from '../../../shared/contract/types/types.ts';
import { soapBuffered, soapStreamed } from '../../../shared/encoding/soap/soap.ts';
import { counted, dump, octets } from '../binary-xml/octets.ts';
import {
  ADD_ACTION,
  ADDRESS,
  buffered,
  CALCULATOR,
  CALL,
  GUID_DUMP,
  operationOf,
  options,
  streamed,
  writtenDump,
} from './messages.ts';

// Payloads as a WCF client and a CoreWCF service sent them; only the GUID differs.
const ENVELOPE = '56 02 0b 01 "s" 04 0b 01 "a" 06 56 08';
const MESSAGE_ID = `44 1a ad ${GUID_DUMP}`;
const REPLY_TO = '44 2c 44 2a ab 14 01';
const RELATES_TO = `44 12 ad ${GUID_DUMP}`;

const FIRST_REQUEST = `
  8d 01 ${counted(ADD_ACTION)} ${counted(ADDRESS)} 03 "Add" 24 "${CALCULATOR}" 02 "n1" 02 "n2"
  ${ENVELOPE} 44 0a 1e 00 82 ab 01 ${MESSAGE_ID} ${REPLY_TO} 44 0c 1e 00 82 ab 03 01
  56 0e 42 05 0a 07 42 09 89 64 42 0b 93 7b 14 ae 47 e1 fa 2f 40 01 01 01`;
const SECOND_REQUEST = `
  00 ${ENVELOPE} 44 0a 1e 00 82 ab 01 ${MESSAGE_ID} ${REPLY_TO} 44 0c 1e 00 82 ab 03 01
  56 0e 42 05 0a 07 42 09 91 00 00 c0 3f 42 0b 89 fd 01 01 01`;
const THIRD_REQUEST = `
  43 39 "${CALCULATOR}/ICalculator/Subtract" 08 "Subtract"
  ${ENVELOPE} 44 0a 1e 00 82 ab 0d ${MESSAGE_ID} ${REPLY_TO} 44 0c 1e 00 82 ab 03 01
  56 0e 42 0f 0a 07 42 09 8b 91 00 42 0b 93 c3 f5 28 5c 8f 22 53 40 01 01 01`;
const FIRST_REPLY = `
  78 3c "${ADD_ACTION}Response" 0b "AddResponse" 24 "${CALCULATOR}" 09 "AddResult"
  ${ENVELOPE} 44 0a 1e 00 82 ab 01 ${RELATES_TO} 44 0c 1e 00 82 ab 14 01
  56 0e 42 03 0a 05 42 07 93 8f c2 f5 28 5c ff 5c 40 01 01 01`;
const SECOND_REPLY = `
  00 ${ENVELOPE} 44 0a 1e 00 82 ab 01 ${RELATES_TO} 44 0c 1e 00 82 ab 14 01
  56 0e 42 03 0a 05 42 07 91 00 00 c0 bf 01 01 01`;
const STREAMED_REQUEST = `
  ${ENVELOPE} 44 0a 1e 00 82 99 ${counted(ADD_ACTION)} ${MESSAGE_ID} ${REPLY_TO}
  44 0c 1e 00 82 99 ${counted(ADDRESS)} 01
  56 0e 40 03 "Add" 08 24 "${CALCULATOR}" 40 02 "n1" 89 64
  40 02 "n2" 93 7b 14 ae 47 e1 fa 2f 40 01 01 01`;
const STREAMED_REPLY = `
  ${ENVELOPE} 44 0a 1e 00 82 99 ${counted(`${ADD_ACTION}Response`)} ${RELATES_TO} 01
  56 0e 40 0b "AddResponse" 08 24 "${CALCULATOR}"
  40 09 "AddResult" 93 8f c2 f5 28 5c ff 5c 40 01 01 01`;

const REQUESTS = [
  ['Add', [100, 15.99], FIRST_REQUEST],
  ['Add', [1.5, -3], SECOND_REQUEST],
  ['Subtract', [145, 76.54], THIRD_REQUEST],
] as const;
const REPLIES = [
  [115.99, FIRST_REPLY],
  [-1.5, SECOND_REPLY],
] as const;

test('the captures have the sizes that their records give them', () => {
  const sizes = [...REQUESTS.map((row) => row[2]), ...REPLIES.map((row) => row[1])];
  expect(sizes.map((wire) => octets(wire).length)).toEqual([220, 74, 146, 187, 63]);
  expect(octets(STREAMED_REQUEST)).toHaveLength(212);
});

test('a client writes the requests of a session as a WCF client does', () => {
  const client = buffered.client(options());
  for (const [name, args, wire] of REQUESTS) {
    const operation = operationOf(ICalculator, name);
    expect(writtenDump((out) => client.writeRequest(out, CALL, operation, args))).toBe(
      dump(octets(wire)),
    );
  }
});

test('a service reads the requests of a session, and writes its replies as CoreWCF does', () => {
  const service = buffered.service(options());
  for (const [name, args, wire] of REQUESTS) {
    const request = service.readRequest(octets(wire), 0, octets(wire).length);
    expect(request).toMatchObject({ kind: 'call', operation: { name }, args });
  }
  const { id } = service.readRequest(octets(SECOND_REQUEST), 0, octets(SECOND_REQUEST).length);
  for (const [value, wire] of REPLIES) {
    const operation = operationOf(ICalculator, 'Add');
    expect(writtenDump((out) => service.writeResult(out, id ?? '', operation, value))).toBe(
      dump(octets(wire)),
    );
  }
});

test('a client reads the replies of a session', () => {
  const client = buffered.client(options());
  const asked: number[] = [];
  for (const [value, wire] of REPLIES) {
    const reply = client.readReply(octets(wire), 0, octets(wire).length, (id) => {
      asked.push(id);
      return operationOf(ICalculator, 'Add');
    });
    expect(reply).toEqual({ kind: 'result', id: CALL, value });
  }
  expect(asked).toEqual([CALL, CALL]);
});

test('streamed: request and reply, both ways', () => {
  const operation = operationOf(ICalculator, 'Add');
  const client = streamed.client(options());
  expect(writtenDump((out) => client.writeRequest(out, CALL, operation, [100, 15.99]))).toBe(
    dump(octets(STREAMED_REQUEST)),
  );
  const service = streamed.service(options());
  const request = service.readRequest(octets(STREAMED_REQUEST), 0, 212);
  expect(request).toMatchObject({ kind: 'call', args: [100, 15.99] });
  expect(writtenDump((out) => service.writeResult(out, request.id ?? '', operation, 115.99))).toBe(
    dump(octets(STREAMED_REPLY)),
  );
  const reply = octets(STREAMED_REPLY);
  expect(client.readReply(reply, 0, reply.length, () => operation)).toEqual({
    kind: 'result',
    id: CALL,
    value: 115.99,
  });
});

// As .NET 10's System.ServiceModel sent it to a listener of its own.
test('a one-way request has neither MessageID nor ReplyTo', () => {
  const contract = defineContract({ name: 'IT', operations: { Dbl: oneWay([['v', double]]) } });
  const client = buffered.client({ ...options(contract), address: 'net.tcp://localhost:9000/x' });
  const wire = `
    4f 19 "http://tempuri.org/IT/Dbl" 1a "net.tcp://localhost:9000/x" 03 "Dbl"
    13 "http://tempuri.org/" 01 "v"
    ${ENVELOPE} 44 0a 1e 00 82 ab 01 44 0c 1e 00 82 ab 03 01
    56 0e 42 05 0a 07 42 09 89 64 01 01 01`;
  expect(
    writtenDump((out) => client.writeRequest(out, CALL, operationOf(contract, 'Dbl'), [100])),
  ).toBe(dump(octets(wire)));
});

test('payloads can stand anywhere in a buffer, and be written after others', () => {
  const wire = octets(`ff ff ${FIRST_REQUEST} ff`);
  const service = buffered.service(options());
  const request = service.readRequest(wire, 2, wire.length - 1);
  expect(request).toMatchObject({ kind: 'call', args: [100, 15.99] });
  const operation = operationOf(ICalculator, 'Add');
  const both = writtenDump((out) => {
    out.u8(0xff);
    service.writeResult(out, request.id ?? '', operation, 115.99);
    service.writeResult(out, request.id ?? '', operation, -1.5);
  });
  expect(both).toBe(dump(octets(`ff ${FIRST_REPLY} ${SECOND_REPLY}`)));
});

test('the encodings are those of NetTcpBinding: 8 in duplex mode, 7 in streamed mode', () => {
  expect(soapBuffered).toMatchObject({ name: 'soap', contentType: 8, mode: 2 });
  expect(soapStreamed).toMatchObject({ name: 'soap', contentType: 7, mode: 1 });
});
