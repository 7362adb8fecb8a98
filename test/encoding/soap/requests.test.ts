import { expect, test } from 'vitest';
import { ICalculator } from '../../../shared/contract/calculator.ts';
import { defineContract, oneWay } from '../../../shared/contract/contract.ts';
import { double } from '../../../shared/contract/types/types.ts';
import type { BinaryXmlWriter } from '../../../shared/encoding/binary-xml/writer.ts';
import { END, OPEN } from '../../../shared/encoding/binary-xml/text-record-writer.ts';
import { ReceivedStrings } from '../../../shared/encoding/binary-xml/session-strings.ts';
import type { Request } from '../../../shared/encoding/encoding.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { octets } from '../binary-xml/octets.ts';
import {
  addRequest,
  ADDRESS,
  buffered,
  CALCULATOR,
  type MessageParts,
  message,
  numbers,
  operationOf,
  options,
  streamed,
  texts,
  wrapper,
  writtenDump,
  xmlOf,
} from './messages.ts';

function read(payload: Uint8Array): Request {
  return buffered.service(options()).readRequest(payload, 0, payload.length);
}

// What CoreWCF accepts, and what follows from SOAP and WS-Addressing.
test.each<readonly [string, MessageParts, readonly number[]]>([
  ['nothing special', {}, [100, 15.99]],
  ['headers without mustUnderstand', { isRelaxed: true }, [100, 15.99]],
  ['To with another host', { to: 'net.tcp://192.0.2.7:9000/calculator/4381' }, [100, 15.99]],
  ['To in other case', { to: 'net.tcp://LOCALHOST:9000/Calculator/4381' }, [100, 15.99]],
  ['To with a slash at its end', { to: `${ADDRESS}/` }, [100, 15.99]],
  [
    'To with an escape for an ordinary character',
    { to: 'net.tcp://x:9000/%63alculator/4381' },
    [100, 15.99],
  ],
  ['a message id that is no urn:uuid', { messageId: 'call-1' }, [100, 15.99]],
  ['a missing parameter', { body: add(numbers(['n2', 2])) }, [0, 2]],
  ['no parameters', { body: add() }, [0, 0]],
  ['parameters out of order', { body: add(numbers(['n2', 2], ['n1', 1])) }, [0, 2]],
  [
    'a parameter too many',
    { body: add(numbers(['x', 9], ['n1', 1], ['y', 9], ['n2', 2], ['z', 9])) },
    [1, 2],
  ],
  ['a parameter twice', { body: add(numbers(['n1', 1], ['n1', 9], ['n2', 2])) }, [1, 2]],
  [
    'a parameter of another namespace',
    { body: add(inNamespace('urn:x', numbers(['n1', 9])), numbers(['n1', 1], ['n2', 2])) },
    [1, 2],
  ],
  [
    'an unknown parameter with content',
    { body: add(wrapper('x', 'urn:x', numbers(['n1', 9])), numbers(['n1', 1])) },
    [1, 0],
  ],
  ['text for a number', { body: add(texts(['n1', ' 1.5\n'], ['n2', '-INF'])) }, [1.5, -Infinity]],
  ['a comment in a parameter', { body: add(commented) }, [12, 0]],
  ['an unknown header', { headers: header('Trace', 'urn:x') }, [100, 15.99]],
  [
    'an unknown header that need not be understood',
    { headers: header('Trace', 'urn:x', '0') },
    [100, 15.99],
  ],
  [
    'one that somebody else must understand',
    { headers: header('Trace', 'urn:x', '1', 'urn:somebody') },
    [100, 15.99],
  ],
  ['From, FaultTo and ReplyTo that must be understood', { headers: addresses }, [100, 15.99]],
])('a request with %s is a call', (_fact, parts, args) => {
  expect(read(addRequest(parts))).toMatchObject({ kind: 'call', operation: { name: 'Add' }, args });
});

test('the answer says which request it answers, in the form that the request gave its id', () => {
  const operation = operationOf(ICalculator, 'Add');
  for (const messageId of [
    'call-1',
    'urn:uuid:11223344-5566-7788-99aa-bbccddeeff00',
    'urn:uuid:x',
  ]) {
    const service = buffered.service(options());
    const payload = addRequest({ messageId });
    const { id } = service.readRequest(payload, 0, payload.length);
    const reply = octets(writtenDump((out) => service.writeResult(out, id ?? '', operation, 1)));
    expect(xmlOf(reply, new ReceivedStrings(DEFAULT_LIMITS))).toContain(
      `<a:RelatesTo>${messageId}</a:RelatesTo>`,
    );
  }
});

test('a request without any Header is not dispatched', () => {
  const payload = octets('00 56 02 0b 01 "s" 04 56 0e 01 01');
  expect(read(payload)).toMatchObject({
    kind: 'refused',
    id: '',
    fault: { code: 'EndpointNotFound' },
  });
});

test('a one-way request needs no id, and whatever is wrong with it is not answered', () => {
  const contract = defineContract({ name: 'I', operations: { Tell: oneWay([['x', double]]) } });
  const { action } = operationOf(contract, 'Tell');
  const tell = (value: string, messageId?: string): Request => {
    const body = wrapper('Tell', 'http://tempuri.org/', texts(['x', value]));
    const payload = message({ action, to: ADDRESS, messageId, body });
    return buffered.service(options(contract)).readRequest(payload, 0, payload.length);
  };
  expect(tell('1')).toMatchObject({ kind: 'call', id: '', args: [1] });
  expect(tell('one')).toMatchObject({ kind: 'refused', id: undefined });
  expect(tell('one', 'call-1')).toMatchObject({ kind: 'refused', id: undefined });
});

test('streamed messages have no table, and each is the first of its session', () => {
  const service = streamed.service(options());
  const payload = addRequest({}, false);
  for (let count = 0; count < 3; count++) {
    expect(service.readRequest(payload, 0, payload.length)).toMatchObject({ args: [100, 15.99] });
  }
});

test.each([
  ['no envelope', '00 40 01 "x" 01', /Envelope is due, not \{\}x/],
  [
    'SOAP 1.1',
    '00 56 02 0b 01 "s" c2 07 56 0e 01 01',
    /Envelope is due, not \{http:\/\/schemas.xmlsoap.org/,
  ],
  ['an envelope without a body', '00 56 02 0b 01 "s" 04 56 08 01 01', /it ends before its Body/],
  ['an empty envelope', '00 56 02 0b 01 "s" 04 01', /it ends before its Body/],
  [
    'something between Header and Body',
    '00 56 02 0b 01 "s" 04 56 08 01 56 86 01 01 01',
    /Body is due/,
  ],
  [
    'an Action with an element in it',
    '00 56 02 0b 01 "s" 04 0b 01 "a" 06 56 08 44 0a 40 01 "x" 01',
    /element where text/,
  ],
])('%s ends the session', (_fact, payload, complaint) => {
  expect(() => read(octets(payload))).toThrow(
    expect.objectContaining({ code: 'Protocol', message: expect.stringMatching(complaint) }),
  );
});

test.each<readonly [string, Uint8Array, RegExp]>([
  ['has bytes after its end', Uint8Array.of(...addRequest(), 0), /bytes follow its last element/],
  ['is cut short', addRequest().subarray(0, -1), /it is cut short/],
  [
    'has a text that is not UTF-8',
    addRequest({
      body: add((xml) => {
        xml.element('', 'n1');
        xml.out.append(Uint8Array.of(0x99, 1, 0xff));
      }),
    }),
    /text is not valid UTF-8/,
  ],
  [
    'is nested too deeply',
    addRequest({
      body: add((xml) => {
        for (let depth = 0; depth < 80; depth++) xml.element('', 'x');
        for (let depth = 0; depth < 80; depth++) xml.endElement();
      }),
    }),
    /more nested elements than the limit \(maxDepth\) of 64/,
  ],
])('a call whose message %s fails, and the session goes on', (_fact, payload, why) => {
  const service = buffered.service(options());
  expect(service.readRequest(payload, 0, payload.length)).toMatchObject({
    kind: 'refused',
    id: expect.stringMatching(/^u/),
    fault: {
      faultCode: { subcode: { name: 'DeserializationFailed' } },
      message: expect.stringMatching(why),
    },
  });
  const right = addRequest();
  expect(service.readRequest(right, 0, right.length)).toMatchObject({ kind: 'call' });
});

type Write = (xml: BinaryXmlWriter) => void;

function add(...inside: readonly Write[]): Write {
  return wrapper('Add', CALCULATOR, (xml) => {
    for (const write of inside) write(xml);
  });
}

function inNamespace(namespace: string, write: Write): Write {
  return (xml) => {
    xml.element('q', 'n1');
    xml.xmlns('q', namespace);
    write(xml);
    xml.endElement();
  };
}

function commented(xml: BinaryXmlWriter): void {
  xml.element('', 'n1');
  xml.text('1', OPEN);
  xml.comment('and');
  xml.text('2', END);
}

function header(name: string, namespace: string, mustUnderstand?: string, role?: string): Write {
  return (xml) => {
    xml.element('h', name);
    for (const [attribute, value] of Object.entries({ mustUnderstand, role })) {
      if (value === undefined) continue;
      xml.attribute('s', attribute);
      xml.text(value, OPEN);
    }
    xml.xmlns('h', namespace);
    xml.text('x', END);
  };
}

function addresses(xml: BinaryXmlWriter): void {
  for (const name of ['From', 'FaultTo', 'ReplyTo']) {
    xml.element('a', name);
    xml.attribute('s', 'mustUnderstand');
    xml.text('true', OPEN);
    xml.element('a', 'Address');
    xml.text('urn:somewhere', END);
    xml.endElement();
  }
}
