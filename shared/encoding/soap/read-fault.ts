import type { BinaryXmlReader } from '../binary-xml/reader.ts';
import type { Fault } from '../encoding.ts';
import { type ExceptionDetail, fromExceptionDetail, type QName } from './faults.ts';
import { ADDRESSING, DISPATCHER, EXCEPTION_DETAIL, SOAP } from './vocabulary.ts';

/** Reads the Fault element at which the reader stands, to its end. */
export function readFault(reader: BinaryXmlReader): Fault {
  let subcode: QName | undefined;
  let reason = '';
  let detail: string | undefined;
  for (const child of children(reader)) {
    if (reader.namespace !== SOAP) reader.skip();
    else if (child === 'Code') subcode = readSubcode(reader);
    else if (child === 'Reason') reason = readReason(reader);
    else if (child === 'Detail') detail = readDetail(reader);
    else reader.skip();
  }
  return {
    code: codeOf(subcode),
    message: reason,
    ...(detail === undefined ? {} : { detail }),
    ...(is(subcode, DISPATCHER, 'InternalServiceFault') ? { unhandled: true } : {}),
  };
}

/** The exception that WCF's client would raise, by our name for it. */
function codeOf(subcode: QName | undefined): Fault['code'] {
  if (is(subcode, ADDRESSING, 'ActionNotSupported')) return 'ActionNotSupported';
  return is(subcode, ADDRESSING, 'DestinationUnreachable') ? 'EndpointNotFound' : 'Fault';
}

function is(code: QName | undefined, namespace: string, name: string): boolean {
  return code?.name === name && code.namespace === namespace;
}

/**
 * Names of the child elements, at each of which the reader stands in turn. Whoever asks for the next
 * must have read to the end of the last.
 */
function* children(reader: BinaryXmlReader): Generator<string> {
  while (reader.read() !== 'end') {
    if (reader.kind === 'element') yield reader.name;
  }
}

function readSubcode(reader: BinaryXmlReader): QName | undefined {
  let subcode: QName | undefined;
  for (const child of children(reader)) {
    if (child !== 'Subcode') reader.skip();
    else {
      for (const grandchild of children(reader)) {
        if (grandchild === 'Value') subcode = readQName(reader);
        else reader.skip();
      }
    }
  }
  return subcode;
}

/** The first text: there may be one for each language. */
function readReason(reader: BinaryXmlReader): string {
  let reason: string | undefined;
  for (const child of children(reader)) {
    if (child === 'Text' && reason === undefined) reason = textOf(reader);
    else reader.skip();
  }
  return reason ?? '';
}

function readDetail(reader: BinaryXmlReader): string | undefined {
  let detail: string | undefined;
  for (const child of children(reader)) {
    if (child === 'ExceptionDetail' && reader.namespace === EXCEPTION_DETAIL) {
      detail = readException(reader);
    } else reader.skip();
  }
  return detail;
}

/** An exception and those inside it, outermost first. */
function readException(reader: BinaryXmlReader): string {
  const read = { type: '', message: '', stackTrace: '' };
  let inner = '';
  for (const child of children(reader)) {
    if (child === 'Type') read.type = textOf(reader);
    else if (child === 'Message') read.message = textOf(reader);
    else if (child === 'StackTrace') read.stackTrace = textOf(reader);
    else if (child === 'InnerException' && reader.attributes.count === 0) {
      inner = `\n ---> ${readException(reader)}`;
    } else reader.skip();
  }
  return fromExceptionDetail(read satisfies ExceptionDetail) + inner;
}

/** A prefixed name in the namespace that its prefix has there. */
function readQName(reader: BinaryXmlReader): QName {
  const here = reader.namespaces.declaredHere();
  const [prefix = '', name] = textOf(reader).trim().split(':', 2);
  if (name === undefined) return { name: prefix, namespace: '' };
  const declared = here.find((declaration) => declaration.prefix === prefix)?.namespace;
  return { name, namespace: declared ?? reader.namespaces.find(prefix) ?? '' };
}

/** Text of an element whose child elements, if it has any, do not matter. */
function textOf(reader: BinaryXmlReader): string {
  const outside = reader.depth - 1;
  const text = reader.readText();
  while (reader.depth > outside) reader.read();
  return text ?? '';
}
