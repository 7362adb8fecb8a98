import type { FaultCode } from '../../contract/fault-exception.ts';
import { Mismatch } from '../../contract/types/mismatch.ts';
import type { QName } from '../../contract/types/type-names.ts';
import type { FaultContract } from '../../contract/operation.ts';
import type { ValueType } from '../../contract/types/types.ts';
import type { BinaryXmlReader } from '../binary-xml/reader.ts';
import { untrusted } from '../../printable.ts';
import type { Fault } from '../encoding.ts';
import { withUnknown } from '../unknown.ts';
import { DISPATCHER } from '../unreadable.ts';
import { children, isText, TEXT, textOf } from './elements.ts';
import { fromExceptionDetail } from './faults.ts';
import { qnameOf } from './values/read-marks.ts';
import type { ValueReader } from './values/read-value.ts';
import { SECURITY } from './security/vocabulary.ts';
import { ADDRESSING, EXCEPTION_DETAIL, SOAP } from './vocabulary.ts';

type Detail = Pick<Fault, 'detail' | 'typed'>;

/**
 * Reads the Fault element at which the reader stands, to its end.
 *
 * @param types the details that the operation declares
 */
export function readFault(values: ValueReader, types: readonly FaultContract[]): Fault {
  const reader = values.xml;
  let faultCode: FaultCode | undefined;
  let reason = '';
  let detail: Detail = {};
  for (const child of children(reader)) {
    if (reader.namespace !== SOAP) reader.skip();
    else if (child === 'Code') faultCode = readCode(reader);
    else if (child === 'Reason') reason = readReason(reader);
    else if (child === 'Detail') detail = readDetail(values, types);
    else reader.skip();
  }
  const subcode = faultCode?.subcode;
  return {
    code: codeOf(subcode),
    message: reason,
    ...(faultCode === undefined ? {} : { faultCode }),
    ...detail,
    ...(is(subcode, DISPATCHER, 'InternalServiceFault') ? { unhandled: true } : {}),
  };
}

/** The exception that WCF's client would raise, as the suite's code for it. */
function codeOf(subcode: FaultCode | undefined): Fault['code'] {
  if (is(subcode, ADDRESSING, 'ActionNotSupported')) return 'ActionNotSupported';
  if (is(subcode, SECURITY, 'FailedAuthentication')) return 'SecurityAccessDenied';
  return is(subcode, ADDRESSING, 'DestinationUnreachable') ? 'EndpointNotFound' : 'Fault';
}

function is(code: FaultCode | undefined, namespace: string, name: string): boolean {
  return code?.name === name && code.namespace === namespace;
}

/** Code and Subcode are alike: a Value, and perhaps a Subcode. */
function readCode(reader: BinaryXmlReader): FaultCode | undefined {
  let value: QName | undefined;
  let subcode: FaultCode | undefined;
  for (const child of children(reader)) {
    if (child === 'Value') value = readQName(reader);
    else if (child === 'Subcode') subcode = readCode(reader);
    else reader.skip();
  }
  return value && { ...value, ...(subcode && { subcode }) };
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

function readDetail(values: ValueReader, types: readonly FaultContract[]): Detail {
  const reader = values.xml;
  let detail: Detail = {};
  while (reader.read() !== 'end') {
    if (isText(reader)) values.keep('detail', TEXT, false);
    if (reader.kind !== 'element') continue;
    const child = reader.name;
    const type = types.find(
      ({ name, namespace }) => name === child && namespace === reader.namespace,
    )?.type;
    if (type !== undefined) detail = { ...detail, ...readTyped(values, type) };
    else if (child === 'ExceptionDetail' && reader.namespace === EXCEPTION_DETAIL) {
      detail = { ...detail, detail: readException(reader) };
    } else values.pass('detail', []);
  }
  return detail;
}

/** As in WCF, a detail that is not what the contract says is dropped; somebody is told. */
function readTyped(values: ValueReader, type: ValueType): Detail {
  const reader = values.xml;
  const outside = reader.depth - 1;
  const name = untrusted(reader.name);
  try {
    return { typed: { type, value: values.value(type) } };
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    while (reader.depth > outside) reader.read();
    const part = { what: 'detail', name, isMisplaced: false, mismatch: error.describe() } as const;
    values.unknown = withUnknown(values.unknown, part);
    return {};
  }
}

/** An exception and those inside it, outermost first. */
function readException(reader: BinaryXmlReader): string {
  const read = { type: '', message: '', stackTrace: '' };
  let inner: string | undefined;
  for (const child of children(reader)) {
    if (child === 'Type') read.type = textOf(reader);
    else if (child === 'Message') read.message = textOf(reader);
    else if (child === 'StackTrace') read.stackTrace = textOf(reader);
    else if (child === 'InnerException' && reader.attributes.count === 0) {
      inner = readException(reader);
    } else reader.skip();
  }
  return fromExceptionDetail({ ...read, inner });
}

/** A name in its prefix's namespace; without a prefix, in the default one, as in XML Schema. */
function readQName(reader: BinaryXmlReader): QName {
  const here = reader.namespaces.declaredHere();
  return qnameOf(
    textOf(reader),
    (prefix) =>
      here.find((declaration) => declaration.prefix === prefix)?.namespace ??
      reader.namespaces.find(prefix),
  );
}
