import { describe, expect, test } from 'vitest';
import { ICalculator } from '../../../shared/contract/calculator.ts';
import { BinaryXmlWriter } from '../../../shared/encoding/binary-xml/writer.ts';
import { END, OPEN } from '../../../shared/encoding/binary-xml/text-record-writer.ts';
import type { Fault, ServiceCodec } from '../../../shared/encoding/encoding.ts';
import { counted, dump, octets } from '../binary-xml/octets.ts';
import {
  addRequest,
  ADDRESS,
  buffered,
  CALCULATOR,
  GUID,
  GUID_DUMP,
  type MessageParts,
  numbers,
  operationOf,
  options,
  streamed,
  texts,
  wrapper,
  writtenDump,
} from './messages.ts';

const D = 'http://schemas.microsoft.com/net/2005/12/windowscommunicationfoundation/dispatcher';
const SOAP_FAULT = 'http://www.w3.org/2005/08/addressing/soap/fault';
const SERIALIZATION = 'http://schemas.microsoft.com/2003/10/Serialization/';
const DETAIL = 'http://schemas.datacontract.org/2004/07/System.ServiceModel';
const XSI = 'http://www.w3.org/2001/XMLSchema-instance';

// The texts of WCF: developers search the web for them.
const T1 = `The message with Action 'urn:unknown' cannot be processed at the receiver, due to a ContractFilter mismatch at the EndpointDispatcher. This may be because of either a contract mismatch (mismatched Actions between sender and receiver) or a binding/security mismatch between the sender and the receiver.  Check that sender and receiver have the same contract and the same binding (including security requirements, e.g. Message, Transport, None).`;
const T2 = (to: string): string =>
  `The message with To '${to}' cannot be processed at the receiver, due to an AddressFilter mismatch at the EndpointDispatcher.  Check that the sender and receiver's EndpointAddresses agree.`;
const T3 =
  'The server was unable to process the request due to an internal error.  For more information about the error, either turn on IncludeExceptionDetailInFaults (either from ServiceBehaviorAttribute or from the <serviceDebug> configuration behavior) on the server in order to send the exception information back to the client, or turn on tracing as per the Microsoft .NET Framework SDK documentation and inspect the server trace logs.';
const MISUNDERSTOOD = `The header 'Lock' from the namespace 'urn:x' was not understood by the recipient of this message, causing the message to not be processed.  This error typically indicates that the sender of this message has enabled a communication protocol that the receiver cannot process.  Please ensure that the configuration of the client's binding is consistent with the service's binding. `;

/** A fault message, byte for byte. What is in it is what CoreWCF sends. */
interface Expected {
  readonly action: string;
  readonly headers?: string;
  readonly relatesTo?: string;
  readonly to?: string;
  readonly code: 'Sender' | 'Receiver' | 'MustUnderstand';
  readonly subcode?: string;
  readonly reason: string;
  readonly detail?: string;
  readonly table?: string;
}

function faultDump(expected: Expected): string {
  const {
    headers = '',
    relatesTo = `44 12 ad ${GUID_DUMP}`,
    to = '44 0c 1e 00 82 ab 14',
  } = expected;
  return dump(
    octets(`${expected.table ?? '00'}
      56 02 0b 01 "s" 04 0b 01 "a" 06 56 08
      44 0a 1e 00 82 99 ${counted(expected.action)} ${headers} ${relatesTo} ${to} 01
      56 0e 56 86 01
      56 8e 01 56 9a 01 98 01 "s" 98 01 ":" 99 ${counted(expected.code)}
      ${expected.subcode === undefined ? '' : `56 9c 01 56 9a 01 ${expected.subcode} 01`} 01
      56 90 01 56 92 01 05 03 "xml" 04 "lang" a8 ${chars(expected.reason)} 01
      ${expected.detail === undefined ? '' : `56 98 01 ${expected.detail} 01`}
      01 01 01`),
  );
}

function chars(text: string): string {
  const { length } = new TextEncoder().encode(text);
  const sizes = length < 0x100 ? ['99', length] : ['9b', length & 0xff, length >> 8];
  const size = sizes.map((value) =>
    typeof value === 'string' ? value : dump(Uint8Array.of(value)),
  );
  return `${size.join(' ')} ${dump(new TextEncoder().encode(text))}`;
}

const addressingCode = (name: string): string => `98 01 "a" 98 01 ":" 99 ${counted(name)}`;
const dispatcherCode = (name: string): string =>
  `09 01 "a" ${counted(D)} 98 01 "a" 98 01 ":" 99 ${counted(name)}`;

const INTERNAL: Expected = {
  action: `${D}/fault`,
  code: 'Receiver',
  subcode: dispatcherCode('InternalServiceFault'),
  reason: T3,
};
const UNREACHABLE = {
  action: SOAP_FAULT,
  code: 'Sender',
  subcode: addressingCode('DestinationUnreachable'),
} as const;

/** Which message of the session it is. */
type Turn = 'first' | 'later';

const ROWS: readonly {
  readonly what: string;
  readonly turn?: Turn;
  readonly request: MessageParts;
  readonly code: Fault['code'];
  readonly endsSession: boolean;
  readonly expected: Expected;
}[] = [
  {
    what: 'an unknown action in the first message',
    request: { action: 'urn:unknown' },
    code: 'ActionNotSupported',
    endsSession: false,
    expected: {
      action: 'http://www.w3.org/2005/08/addressing/fault',
      code: 'Sender',
      subcode: addressingCode('ActionNotSupported'),
      reason: T1,
    },
  },
  {
    what: 'an unknown action in a later message',
    turn: 'later',
    request: { action: 'urn:unknown' },
    code: 'ActionNotSupported',
    endsSession: true,
    expected: {
      table: `3b 06 "string" 33 "${SERIALIZATION}"`,
      action: SOAP_FAULT,
      code: 'Sender',
      subcode: addressingCode('ActionNotSupported'),
      reason: T1,
      detail: '42 01 0a 03 99 0b "urn:unknown"',
    },
  },
  {
    what: 'To with another port',
    request: { to: 'net.tcp://localhost:9001/calculator/4381' },
    code: 'EndpointNotFound',
    endsSession: false,
    expected: { ...UNREACHABLE, reason: T2('net.tcp://localhost:9001/calculator/4381') },
  },
  {
    what: 'To with another path, in a later message',
    turn: 'later',
    request: { to: 'net.tcp://localhost:9000/calculator/4382' },
    code: 'EndpointNotFound',
    endsSession: false,
    expected: { ...UNREACHABLE, reason: T2('net.tcp://localhost:9000/calculator/4382') },
  },
  {
    what: 'To with another scheme',
    request: { to: 'http://localhost:9000/calculator/4381' },
    code: 'EndpointNotFound',
    endsSession: false,
    expected: { ...UNREACHABLE, reason: T2('http://localhost:9000/calculator/4381') },
  },
  {
    what: 'To = anonymous',
    request: { to: 'http://www.w3.org/2005/08/addressing/anonymous' },
    code: 'EndpointNotFound',
    endsSession: false,
    expected: { ...UNREACHABLE, reason: T2('http://www.w3.org/2005/08/addressing/anonymous') },
  },
  {
    what: 'no To',
    request: { to: undefined },
    code: 'EndpointNotFound',
    endsSession: false,
    expected: { ...UNREACHABLE, reason: T2('') },
  },
  {
    what: 'To that is no address, and an unknown action as well',
    request: { to: 'nowhere', action: 'urn:unknown' },
    code: 'EndpointNotFound',
    endsSession: false,
    expected: { ...UNREACHABLE, reason: T2('nowhere') },
  },
  {
    what: 'no Action',
    request: { action: undefined },
    code: 'Fault',
    endsSession: true,
    expected: INTERNAL,
  },
  {
    what: 'no MessageID',
    request: { messageId: undefined },
    code: 'Fault',
    endsSession: true,
    expected: { ...INTERNAL, relatesTo: '' },
  },
  {
    what: 'two Action headers',
    request: { headers: (xml) => addressing(xml, 'Action', 'urn:other') },
    code: 'Fault',
    endsSession: true,
    expected: INTERNAL,
  },
  {
    what: 'two To headers',
    request: { headers: (xml) => addressing(xml, 'To', ADDRESS) },
    code: 'Fault',
    endsSession: true,
    expected: INTERNAL,
  },
  {
    what: 'another wrapper',
    request: { body: wrapper('Subtract', CALCULATOR, numbers(['n1', 1])) },
    code: 'Fault',
    endsSession: true,
    expected: INTERNAL,
  },
  {
    what: 'the wrapper in another namespace',
    request: { body: wrapper('Add', 'urn:x', numbers(['n1', 1])) },
    code: 'Fault',
    endsSession: true,
    expected: INTERNAL,
  },
  {
    what: 'an empty body',
    request: { body: () => {} },
    code: 'Fault',
    endsSession: true,
    expected: INTERNAL,
  },
  {
    what: 'a value that cannot be parsed',
    request: { body: wrapper('Add', CALCULATOR, texts(['n1', 'ten'])) },
    code: 'Fault',
    endsSession: false,
    expected: {
      action: `${D}/fault`,
      code: 'Sender',
      subcode: dispatcherCode('DeserializationFailed'),
      reason: `The formatter threw an exception while trying to deserialize the message: Error in deserializing body of request message for operation 'Add'. Parameter "n1" must be a double, not "ten".`,
    },
  },
  {
    what: 'a header that must be understood and is not',
    request: { headers: (xml) => foreign(xml, 'Lock') },
    code: 'Fault',
    endsSession: false,
    expected: {
      action: SOAP_FAULT,
      headers: '56 9e 01 04 05 "qname" 98 06 "h:Lock" 09 01 "h" 05 "urn:x" 01',
      code: 'MustUnderstand',
      reason: MISUNDERSTOOD,
    },
  },
  {
    what: 'two such headers',
    turn: 'later',
    request: {
      headers: (xml) => {
        foreign(xml, 'Lock');
        foreign(xml, 'Key');
      },
    },
    code: 'Fault',
    endsSession: false,
    expected: {
      action: SOAP_FAULT,
      headers:
        '56 9e 01 04 05 "qname" 98 06 "h:Lock" 09 01 "h" 05 "urn:x" 01 56 9e 01 04 05 "qname" 98 05 "h:Key" 09 01 "h" 05 "urn:x" 01',
      code: 'MustUnderstand',
      reason: MISUNDERSTOOD,
    },
  },
];

test.each(ROWS)('$what', ({ turn = 'first', request, code, endsSession, expected }) => {
  const service = buffered.service(options());
  if (turn === 'later') read(service, {});
  const refused = read(service, request);
  expect(refused).toMatchObject({ kind: 'refused', fault: { code } });
  if (refused.kind !== 'refused') return;

  expect(writtenDump((out) => service.writeFault(out, refused.id ?? '?', refused.fault))).toBe(
    faultDump(expected),
  );
  expect(service.endsSession(refused.fault)).toBe(endsSession);
  expect(read(service, {})).toMatchObject({ kind: 'call' });
});

describe('faults of the dispatcher', () => {
  const id = { kind: 'call', id: expect.any(String) };

  test('an explicit fault is what CoreWCF sends for a FaultException', () => {
    const service = buffered.service(options());
    const request = read(service, {});
    expect(request).toMatchObject(id);
    const fault: Fault = { code: 'Fault', message: 'plain fault' };
    const wire = writtenDump((out) => service.writeFault(out, request.id ?? '', fault));
    expect(wire).toBe(
      dump(
        octets(`00
          56 02 0b 01 73 04 0b 01 61 06 56 08
          44 0a 1e 00 82 99 2f "http://www.w3.org/2005/08/addressing/soap/fault"
          44 12 ad ${GUID_DUMP}
          44 0c 1e 00 82 ab 14
          01 56 0e
          56 86 01
          56 8e 01 56 9a 01 98 01 73 98 01 3a 99 06 "Sender" 01
          56 90 01 56 92 01 05 03 "xml" 04 "lang" a8 99 0b "plain fault" 01
          01 01 01`),
      ),
    );
    expect(wire.split(' ')).toHaveLength(154);
    expect(service.endsSession(fault)).toBe(false);
  });

  test('an unhandled failure keeps its message to itself, and ends the session', () => {
    const service = buffered.service(options());
    const request = read(service, {});
    const fault: Fault = { code: 'Fault', message: 'no such table: secrets', unhandled: true };
    expect(writtenDump((out) => service.writeFault(out, request.id ?? '', fault))).toBe(
      faultDump(INTERNAL),
    );
    expect(service.endsSession(fault)).toBe(true);
  });

  test('with details it is an ExceptionDetail, whose names go through the table', () => {
    const service = buffered.service(options());
    const request = read(service, {});
    const fault: Fault = {
      code: 'Fault',
      message: 'boom',
      detail: 'RangeError: boom\n    at Divide (calculator.ts:7:11)',
      unhandled: true,
    };
    const names = [
      'ExceptionDetail',
      DETAIL,
      XSI,
      'HelpLink',
      'nil',
      'InnerException',
      'Message',
      'StackTrace',
      'Type',
    ];
    const strings = octets(names.map(counted).join(' '));
    expect(writtenDump((out) => service.writeFault(out, request.id ?? '', fault))).toBe(
      faultDump({
        ...INTERNAL,
        table: `${dump(Uint8Array.of((strings.length & 0x7f) | 0x80, strings.length >> 7))} ${dump(strings)}`,
        reason: 'boom',
        detail: `42 01 0a 03 0b 01 "i" 05
          42 07 14 09 86 01  42 0b 14 09 86 01  42 0d 99 04 "boom"
          42 0f 99 22 "    at Divide (calculator.ts:7:11)"  42 11 99 0a "RangeError" 01`,
      }),
    );
    expect(service.endsSession(fault)).toBe(true);
  });

  test.each([
    ['ActionNotSupported', addressingCode('ActionNotSupported')],
    ['EndpointNotFound', addressingCode('DestinationUnreachable')],
    ['ServerTooBusy', undefined],
  ] as const)('one with the code %s says so as far as SOAP can', (code, subcode) => {
    const service = buffered.service(options());
    read(service, {});
    const request = read(service, {});
    const expected: Expected = {
      action: SOAP_FAULT,
      code: 'Sender',
      reason: 'why',
      ...(subcode && { subcode }),
    };
    expect(
      writtenDump((out) => service.writeFault(out, request.id ?? '', { code, message: 'why' })),
    ).toBe(faultDump(expected));
  });
});

test('a streamed fault has no To and no table, and there is no session to end', () => {
  const service = streamed.service(options());
  const unknown = addRequest({ action: 'urn:unknown' }, false);
  for (let count = 0; count < 2; count++) {
    const request = service.readRequest(unknown, 0, unknown.length);
    if (request.kind !== 'refused') throw new Error(request.kind);
    expect(service.endsSession(request.fault)).toBe(false);
    expect(
      `00 ${writtenDump((out) => service.writeFault(out, request.id ?? '', request.fault))}`,
    ).toBe(
      faultDump({
        action: 'http://www.w3.org/2005/08/addressing/fault',
        to: '',
        code: 'Sender',
        subcode: addressingCode('ActionNotSupported'),
        reason: T1,
      }),
    );
  }
  expect(service.endsSession({ code: 'Fault', message: '', unhandled: true })).toBe(false);
});

test('a result that is not of its type writes nothing, and the string table does not move', () => {
  const service = buffered.service(options());
  const request = read(service, {});
  const operation = operationOf(ICalculator, 'Add');
  const wire = writtenDump((out) => {
    expect(() => service.writeResult(out, request.id ?? '', operation, 'sum')).toThrow(
      expect.objectContaining({
        name: 'NetTcpError',
        code: 'Internal',
        message: 'Add: result must be a double, not "sum"',
      }),
    );
    expect(out.length).toBe(0);
    service.writeResult(out, request.id ?? '', operation, 3);
  });
  const untouched = buffered.service(options());
  const same = writtenDump((out) =>
    untouched.writeResult(out, read(untouched, {}).id ?? '', operation, 3),
  );
  expect(wire).toBe(same);
});

function read(service: ServiceCodec, parts: MessageParts): ReturnType<ServiceCodec['readRequest']> {
  const payload = addRequest({ messageId: `urn:uuid:${GUID}`, ...parts });
  return service.readRequest(payload, 0, payload.length);
}

function addressing(xml: BinaryXmlWriter, name: string, text: string): void {
  xml.element('a', name);
  xml.text(text, END);
}

function foreign(xml: BinaryXmlWriter, name: string): void {
  xml.element('x', name);
  xml.attribute('s', 'mustUnderstand');
  xml.text('1', OPEN);
  xml.xmlns('x', 'urn:x');
  xml.endElement();
}
