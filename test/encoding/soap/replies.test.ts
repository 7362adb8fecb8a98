import { describe, expect, test } from 'vitest';
import { ICalculator } from '../../../shared/contract/calculator.ts';
import { defineContract, operation } from '../../../shared/contract/contract.ts';
import { array, string } from '../../../shared/contract/types/types.ts';
import { ReceivedStrings } from '../../../shared/encoding/binary-xml/session-strings.ts';
import { END, OPEN } from '../../../shared/encoding/binary-xml/text-record-writer.ts';
import type { BinaryXmlWriter } from '../../../shared/encoding/binary-xml/writer.ts';
import type { ClientCodec, Fault, Reply } from '../../../shared/encoding/encoding.ts';
import { randomSession } from '../../../shared/encoding/soap/message-id.ts';
import { soapBuffered } from '../../../shared/encoding/soap/soap.ts';
import { SOAP } from '../../../shared/encoding/soap/vocabulary.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { octets } from '../binary-xml/octets.ts';
import {
  ADD_ACTION,
  ADDRESS,
  addRequest,
  buffered,
  CALCULATOR,
  CALL,
  GUID,
  message,
  type MessageParts,
  numbers,
  operationOf,
  options,
  texts,
  wrapper,
  written,
  xmlOf,
} from './messages.ts';

type Write = (xml: BinaryXmlWriter) => void;
const ADD = operationOf(ICalculator, 'Add');
const D = 'http://schemas.microsoft.com/net/2005/12/windowscommunicationfoundation/dispatcher';
const DETAIL = 'http://schemas.datacontract.org/2004/07/System.ServiceModel';

/** A client that has called Add, with the number `CALL`. */
function calling(): ClientCodec {
  const client = buffered.client(options());
  written((out) => client.writeRequest(out, CALL, ADD, [1, 2]));
  return client;
}

function read(parts: MessageParts, client = calling(), operation = ADD): Reply | undefined {
  const payload = message({
    action: `${ADD_ACTION}Response`,
    relatesTo: `urn:uuid:${GUID}`,
    body: addResponse(numbers(['AddResult', 3])),
    ...parts,
  });
  return client.readReply(payload, 0, payload.length, (id) =>
    id === CALL ? operation : undefined,
  );
}

function addResponse(inside?: Write): Write {
  return wrapper('AddResponse', CALCULATOR, inside);
}

test.each<readonly [string, MessageParts, number]>([
  ['a result', {}, 3],
  [
    'a result with To, as .NET sends it',
    { to: 'http://www.w3.org/2005/08/addressing/anonymous' },
    3,
  ],
  ['any Action: Mono is not exact about it', { action: 'urn:other' }, 3],
  [
    'something in front of the result',
    { body: addResponse(numbers(['x', 9], ['AddResult', 3])) },
    3,
  ],
  [
    'a RelatesTo that says what it is',
    { relatesTo: '', headers: relates('http://www.w3.org/2005/08/addressing/reply') },
    3,
  ],
])('%s is read', (_fact, parts, value) => {
  expect(
    read({ ...parts, ...(parts.relatesTo === '' ? { relatesTo: `urn:uuid:${GUID}` } : {}) }),
  ).toEqual({
    kind: 'result',
    id: CALL,
    value,
  });
});

test.each<readonly [string, MessageParts, RegExp]>([
  [
    'another wrapper',
    { body: wrapper('AddResponse', 'urn:x') },
    /for operation 'Add'.*name 'AddResponse' and namespace 'urn:x'/,
  ],
  ['no wrapper', { body: () => {} }, /for operation 'Add'.*Message is empty/],
  [
    'a value that is not of its type',
    { body: addResponse(texts(['AddResult', 'three'])) },
    /Result must be a double, not "three"\./,
  ],
  ['no result', { body: addResponse() }, /Result is missing: there is no element AddResult\./],
  [
    'a result that is nil',
    { body: addResponse(nil('AddResult')) },
    /Result must be a double, not null\./,
  ],
  [
    'what is no binary XML',
    { body: addResponse((xml) => xml.out.u8(0xff)) },
    /Malformed binary XML at byte \d+ of the payload: a text record is due, not 0xff\./,
  ],
  [
    'a header that must be understood',
    { headers: (xml) => foreign(xml) },
    /The header 'Lock' from the namespace 'urn:x' was not understood/,
  ],
])('%s fails the call, not the session', (_fact, parts, complaint) => {
  const client = calling();
  expect(read(parts, client)).toEqual({
    kind: 'fault',
    id: CALL,
    fault: { code: 'Protocol', message: expect.stringMatching(complaint) },
  });
  expect(read({}, client)).toMatchObject({ kind: 'result', value: 3 });
});

describe('a message answers no call of ours when', () => {
  test.each<readonly [string, MessageParts]>([
    [
      'it relates to a message of another session',
      { relatesTo: 'urn:uuid:11223345-5566-7788-99aa-bbccddeeff00' },
    ],
    [
      'it relates to a call that is not open',
      { relatesTo: 'urn:uuid:11223344-5566-7788-99aa-bbccddeeff01' },
    ],
    ['it relates to no message id of ours', { relatesTo: 'call-1' }],
    ['it relates to what is no guid', { relatesTo: 'urn:uuid:11223344' }],
  ])('%s', (_fact, parts) => {
    expect(read(parts)).toBeUndefined();
  });

  test('it relates to nothing, and there has been more than one', () => {
    const client = calling();
    written((out) => client.writeRequest(out, 1, ADD, [1, 2]));
    expect(readUnrelated(client)).toBeUndefined();
  });

  test('it relates to nothing, and there has been none', () => {
    expect(readUnrelated(buffered.client(options()))).toBeUndefined();
  });
});

test('a fault that relates to nothing answers the only call: those of Mono do not', () => {
  expect(readUnrelated(calling())).toMatchObject({ kind: 'fault', id: CALL });
});

test.each<readonly [string, MessageParts['body']]>([
  ['a callback', wrapper('OnNews', 'urn:x', texts(['text', 'hot']))],
  ['what would be its answer', addResponse(numbers(['AddResult', 3]))],
  ['nothing', () => {}],
])('%s that relates to nothing answers no call, not even the only one', (_fact, body) => {
  const client = calling();
  const payload = message({ action: 'urn:x/INews/OnNews', ...(body && { body }) });
  const unasked = { kind: 'one-way', name: 'urn:x/INews/OnNews' };
  expect(client.readReply(payload, 0, payload.length, () => ADD)).toEqual(unasked);
  expect(client.readReply(payload, 0, payload.length, () => undefined)).toEqual(unasked);
  expect(read({}, client)).toMatchObject({ kind: 'result', value: 3 });
});

test('a callback that waits for an answer is told that nobody here has it', () => {
  const client = buffered.client(options());
  const strings = new ReceivedStrings(DEFAULT_LIMITS);
  xmlOf(
    written((out) => client.writeRequest(out, CALL, ADD, [1, 2])),
    strings,
  );
  const callback = message({
    action: 'urn:x/INews/Ask',
    messageId: 'urn:uuid:f959f4b6-f203-474f-a170-e7988b267f5a',
    to: 'http://www.w3.org/2005/08/addressing/anonymous',
    body: wrapper('Ask', 'urn:x'),
  });
  const read = client.readReply(callback, 0, callback.length, () => ADD);
  if (read?.kind !== 'callback' || read.request.kind !== 'refused') throw new Error('it is none');
  const { id = '', fault: refusal } = read.request;
  const xml = xmlOf(
    written((out) => client.answers.writeFault(out, id, refusal)),
    strings,
  );
  expect(xml).toContain('<a:RelatesTo>urn:uuid:f959f4b6-f203-474f-a170-e7988b267f5a</a:RelatesTo>');
  expect(xml).toContain(`<a:To s:mustUnderstand="1">${ADDRESS}</a:To>`);
  expect(xml).toContain('<s:Value>a:ActionNotSupported</s:Value>');
  expect(xml).toContain("The message with Action 'urn:x/INews/Ask' cannot be processed");
});

function readUnrelated(client: ClientCodec): Reply | undefined {
  const payload = message({ action: 'urn:x', body: fault({}) });
  return client.readReply(payload, 0, payload.length, () => ADD);
}

function nil(name: string): Write {
  return (xml) => {
    xml.element('', name);
    xml.attribute('i', 'nil');
    xml.boolean(true, OPEN);
    xml.xmlns('i', 'http://www.w3.org/2001/XMLSchema-instance');
    xml.endElement();
  };
}

test('a void operation is answered by its wrapper, or by nothing', () => {
  const contract = defineContract({ name: 'I', operations: { Go: operation([]) } });
  const go = operationOf(contract, 'Go');
  for (const body of [wrapper('GoResponse', 'http://tempuri.org/'), (): void => {}]) {
    const client = buffered.client(options(contract));
    written((out) => client.writeRequest(out, CALL, go, []));
    expect(read({ body }, client, go)).toEqual({ kind: 'result', id: CALL, value: undefined });
  }
});

describe('a fault', () => {
  test.each<readonly [string, Write, Fault]>([
    ['has its reason', fault({}), { code: 'Fault', message: 'why' }],
    [
      'has the first of its reasons',
      fault({ reasons: ['one', 'two'] }),
      { code: 'Fault', message: 'one' },
    ],
    ['may have none', fault({ reasons: [] }), { code: 'Fault', message: '' }],
    [
      'ActionNotSupported',
      fault({ subcode: 'a:ActionNotSupported' }),
      { code: 'ActionNotSupported', message: 'why' },
    ],
    [
      'DestinationUnreachable',
      fault({ subcode: 'a:DestinationUnreachable' }),
      { code: 'EndpointNotFound', message: 'why' },
    ],
    [
      'ActionNotSupported of another namespace',
      fault({ subcode: 'x:ActionNotSupported', x: 'urn:x' }),
      { code: 'Fault', message: 'why' },
    ],
    [
      'ActionNotSupported by another prefix',
      fault({ subcode: 'x:ActionNotSupported', x: 'http://www.w3.org/2005/08/addressing' }),
      { code: 'ActionNotSupported', message: 'why' },
    ],
    [
      'a subcode without a prefix',
      fault({ subcode: 'ActionNotSupported' }),
      { code: 'Fault', message: 'why' },
    ],
    [
      'InternalServiceFault',
      fault({ subcode: 'x:InternalServiceFault', x: D }),
      { code: 'Fault', message: 'why', unhandled: true },
    ],
    [
      'has a detail that nobody knows',
      fault({ detail: wrapper('T', 'urn:x', texts(['A', '1'])) }),
      { code: 'Fault', message: 'why' },
    ],
    [
      'has an exception',
      fault({
        detail: exception(
          texts(['Message', 'boom'], ['StackTrace', '   at X'], ['Type', 'System.Exception']),
        ),
      }),
      { code: 'Fault', message: 'why', detail: 'System.Exception: boom\n   at X' },
    ],
    [
      'has an exception in an exception',
      fault({
        detail: exception((xml) => {
          xml.element('', 'HelpLink');
          xml.attribute('i', 'nil');
          xml.boolean(true, OPEN);
          xml.xmlns('i', 'http://www.w3.org/2001/XMLSchema-instance');
          xml.endElement();
          xml.element('', 'InnerException');
          texts(['Message', 'inner'], ['Type', 'E'])(xml);
          xml.endElement();
          texts(['Message', 'boom'], ['Type', 'System.Exception'])(xml);
        }),
      }),
      { code: 'Fault', message: 'why', detail: 'System.Exception: boom\n ---> E: inner' },
    ],
  ])('%s', (_fact, body, expected) => {
    expect(read({ action: 'urn:fault', body })).toEqual({
      kind: 'fault',
      id: CALL,
      fault: { ...expected, faultCode: expect.objectContaining({ name: 'Sender' }) },
    });
  });

  test('is the same on the other side as the service meant it', () => {
    const faults: readonly Fault[] = [
      { code: 'Fault', message: 'no such row' },
      {
        code: 'Fault',
        message: 'boom',
        detail: 'RangeError: boom\n    at f (x.ts:1:1)',
        unhandled: true,
      },
      { code: 'Fault', message: '', detail: 'Error', unhandled: true },
      { code: 'ActionNotSupported', message: 'no Power here' },
    ];
    for (const sent of faults) {
      const service = buffered.service(options());
      const request = addRequest();
      const { id } = service.readRequest(request, 0, request.length);
      const wire = written((out) => service.writeFault(out, id ?? '', sent));
      const expected = sent.detail === 'Error' ? { ...sent, detail: 'Error: ' } : sent;
      expect(calling().readReply(wire, 0, wire.length, () => ADD)).toEqual({
        kind: 'fault',
        id: CALL,
        fault: { ...expected, faultCode: expect.anything() },
      });
    }
  });

  test.each([
    ['a detail that is no stack', 'it went wrong: here', 'Error: boom\nit went wrong: here'],
    [
      'a stack whose message is another',
      'TypeError: bang\n    at f',
      'TypeError: boom\nbang\n    at f',
    ],
    ['a stack with lines in the message', 'E: boom\nmore\n    at f', 'E: boom\nmore\n    at f'],
  ])('keeps %s', (_fact, detail, received) => {
    const service = buffered.service(options());
    const request = addRequest();
    const { id } = service.readRequest(request, 0, request.length);
    const wire = written((out) =>
      service.writeFault(out, id ?? '', {
        code: 'Fault',
        message: 'boom',
        detail,
        unhandled: true,
      }),
    );
    expect(calling().readReply(wire, 0, wire.length, () => ADD)).toMatchObject({
      fault: { detail: received },
    });
  });
});

test('what is no envelope ends the session', () => {
  const wire = octets('00 40 01 "x" 01');
  expect(() => calling().readReply(wire, 0, wire.length, () => ADD)).toThrow(
    expect.objectContaining({ code: 'Protocol' }),
  );
});

test('message ids are random GUIDs of version 4, one series for each session', () => {
  const sessions = Array.from({ length: 50 }, () => randomSession());
  for (const session of sessions) {
    expect(session).toHaveLength(12);
    expect([(session[7] ?? 0) >> 4, (session[8] ?? 0) >> 6]).toEqual([4, 2]);
  }
  expect(new Set(sessions.map(String)).size).toBe(50);
});

test('calls from 0 to 2^32 − 1 are found again by their ids', () => {
  const contract = defineContract({
    name: 'I',
    operations: { Echo: operation([['v', array(string)]], array(string)) },
  });
  const echo = operationOf(contract, 'Echo');
  const client = soapBuffered.client(options(contract));
  const service = soapBuffered.service(options(contract));
  for (const id of [0, 1, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
    const wire = written((out) => client.writeRequest(out, id, echo, [['a']]));
    const request = service.readRequest(wire, 0, wire.length);
    const reply = written((out) => service.writeResult(out, request.id ?? '', echo, [String(id)]));
    expect(client.readReply(reply, 0, reply.length, () => echo)).toEqual({
      kind: 'result',
      id,
      value: [String(id)],
    });
  }
});

test.each<readonly [string, string, string | undefined, string]>([
  ['a prefix', 's:Sender', undefined, SOAP],
  ['no prefix and no default namespace, as Mono writes it', 'Sender', undefined, ''],
  ['no prefix', 'Sender', 'urn:default', 'urn:default'],
])('the namespace of a fault code with %s', (_, value, xmlns, namespace) => {
  const body: Write = (xml) => {
    xml.element('s', 'Fault');
    xml.element('s', 'Code');
    xml.element('s', 'Value');
    if (xmlns !== undefined) xml.xmlns('', xmlns);
    xml.text(value, END);
    xml.endElement();
    xml.endElement();
  };
  expect(read({ body })).toMatchObject({
    kind: 'fault',
    fault: { faultCode: { name: 'Sender', namespace } },
  });
});

function fault(parts: {
  reasons?: readonly string[];
  subcode?: string;
  x?: string;
  detail?: Write;
}): Write {
  return (xml) => {
    xml.element('s', 'Fault');
    xml.element('s', 'Code');
    texts2(xml, 's', 'Value', 's:Sender');
    if (parts.subcode !== undefined) {
      xml.element('s', 'Subcode');
      xml.element('s', 'Value');
      if (parts.x !== undefined) xml.xmlns('x', parts.x);
      xml.text(parts.subcode, END);
      xml.element('s', 'Subcode');
      texts2(xml, 's', 'Value', 's:Deeper');
      xml.endElement();
      xml.endElement();
    }
    xml.endElement();
    xml.element('s', 'Reason');
    for (const reason of parts.reasons ?? ['why']) texts2(xml, 's', 'Text', reason);
    xml.endElement();
    texts2(xml, 's', 'Role', 'urn:role');
    if (parts.detail !== undefined) {
      xml.element('s', 'Detail');
      parts.detail(xml);
      xml.endElement();
    }
    xml.endElement();
  };
}

function exception(inside: Write): Write {
  return wrapper('ExceptionDetail', DETAIL, inside);
}

function texts2(xml: BinaryXmlWriter, prefix: string, name: string, text: string): void {
  xml.element(prefix, name);
  xml.text(text, END);
}

function relates(type: string): Write {
  return (xml) => {
    xml.element('a', 'RelatesTo');
    xml.attribute('', 'RelationshipType');
    xml.text(type, OPEN);
    xml.text(`urn:uuid:${GUID}`, END);
  };
}

function foreign(xml: BinaryXmlWriter): void {
  xml.element('x', 'Lock');
  xml.attribute('s', 'mustUnderstand');
  xml.text('1', OPEN);
  xml.xmlns('x', 'urn:x');
  xml.endElement();
}
