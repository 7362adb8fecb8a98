import { BinaryXmlWriter } from '../../../shared/encoding/binary-xml/writer.ts';
import type { ReceivedStrings } from '../../../shared/encoding/binary-xml/session-strings.ts';
import { END, OPEN } from '../../../shared/encoding/binary-xml/text-record-writer.ts';
import { toXml } from '../../../shared/encoding/binary-xml/to-xml.ts';
import type { CodecOptions, MessageEncoding } from '../../../shared/encoding/encoding.ts';
import { createSoap } from '../../../shared/encoding/soap/soap.ts';
import {
  type Contract,
  defineContract,
  oneWay,
  type Operation,
} from '../../../shared/contract/contract.ts';
import type { ValueType } from '../../../shared/contract/types/types.ts';
import { ICalculator } from '../../../shared/contract/calculator.ts';
import { DEFAULT_LIMITS, type Limits } from '../../../shared/limits.ts';
import { OctetWriter } from '../../../shared/octets.ts';
import { dump, octets } from '../binary-xml/octets.ts';

export const ADDRESS = 'net.tcp://localhost:9000/calculator/4381';
export const CALCULATOR = 'http://Microsoft.Samples.PortSharing';
export const ADD_ACTION = `${CALCULATOR}/ICalculator/Add`;

/** The GUID of the captures: 12 bytes that the tests give the client, and the number of the call. */
export const GUID_DUMP = '44 33 22 11 66 55 88 77 99 aa bb cc dd ee ff 00';
export const GUID = '11223344-5566-7788-99aa-bbccddeeff00';
export const CALL = 0xddeeff00;

const newSession = (): Uint8Array => octets(GUID_DUMP).slice(0, 12);
export const buffered: MessageEncoding = createSoap('buffered', newSession);
export const streamed: MessageEncoding = createSoap('streamed', newSession);

export function options(
  contract: Contract = ICalculator,
  limits: Limits = DEFAULT_LIMITS,
): CodecOptions {
  return { contract, limits, address: ADDRESS };
}

export function operationOf(contract: Contract, name: string): Operation {
  const operation = contract.operations.get(name);
  if (operation === undefined) throw new Error(`no operation ${name}`);
  return operation;
}

/** What `write` puts into a fresh buffer. */
export function written(write: (out: OctetWriter) => void): Uint8Array {
  const out = new OctetWriter(16);
  write(out);
  return out.toBytes();
}

export function writtenDump(write: (out: OctetWriter) => void): string {
  return dump(written(write));
}

export function xmlOf(payload: Uint8Array, strings?: ReceivedStrings): string {
  return toXml(payload, { strings });
}

type Write = (xml: BinaryXmlWriter) => void;

export interface MessageParts {
  readonly action?: string | undefined;
  readonly to?: string | undefined;
  /** GUID text, or other text; `undefined` leaves the header out. */
  readonly messageId?: string | undefined;
  readonly relatesTo?: string;
  /** Headers without `s:mustUnderstand`, which are no less good. */
  readonly isRelaxed?: boolean;
  readonly headers?: Write;
  /** Everything inside of the Body. */
  readonly body?: Write;
}

const SOAP = 0x04;
const ADDRESSING = 0x06;

/** A message with everything written out, for sessions that have tables (an empty one) or not. */
export function message(parts: MessageParts, hasSession = true): Uint8Array {
  const xml = new BinaryXmlWriter();
  const header = (name: string, text: string | undefined): void => {
    if (text === undefined) return;
    xml.element('a', name);
    if (parts.isRelaxed !== true) {
      xml.attribute('s', 'mustUnderstand');
      xml.text('1', OPEN);
    }
    xml.text(text, END);
  };
  if (hasSession) xml.out.u8(0);
  xml.element('s', 'Envelope');
  xml.xmlns('s', SOAP);
  xml.xmlns('a', ADDRESSING);
  xml.element('s', 'Header');
  header('Action', parts.action);
  header('MessageID', parts.messageId);
  header('RelatesTo', parts.relatesTo);
  header('To', parts.to);
  parts.headers?.(xml);
  xml.endElement();
  xml.element('s', 'Body');
  parts.body?.(xml);
  xml.endElement();
  xml.endElement();
  return xml.out.toBytes();
}

/** A request for Add(100, 15.99), with some of its parts replaced. */
export function addRequest(parts: MessageParts = {}, hasSession = true): Uint8Array {
  return message(
    {
      action: ADD_ACTION,
      to: ADDRESS,
      messageId: `urn:uuid:${GUID}`,
      body: wrapper('Add', CALCULATOR, numbers(['n1', 100], ['n2', 15.99])),
      ...parts,
    },
    hasSession,
  );
}

export function wrapper(name: string, namespace: string, inside: Write = () => {}): Write {
  return (xml) => {
    xml.element('', name);
    xml.xmlns('', namespace);
    inside(xml);
    xml.endElement();
  };
}

export function numbers(...members: readonly (readonly [name: string, value: number])[]): Write {
  return (xml) => {
    for (const [name, value] of members) {
      xml.element('', name);
      xml.double(value, END);
    }
  };
}

export function texts(...members: readonly (readonly [name: string, value: string])[]): Write {
  return (xml) => {
    for (const [name, value] of members) {
      xml.element('', name);
      xml.text(value, END);
    }
  };
}

/** A contract `IT` in the default namespace: one operation, `Op`, one-way, with one parameter `v`. */
export function oneParameter(type: ValueType): Contract {
  return defineContract({ name: 'IT', operations: { Op: oneWay([['v', type]]) } });
}
