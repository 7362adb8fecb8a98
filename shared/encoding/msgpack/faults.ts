import { FAULT_CODE_NAMESPACE, type FaultCode } from '../../contract/fault-exception.ts';
import { Mismatch, within } from '../../contract/types/mismatch.ts';
import type { FaultContract, Operation } from '../../contract/operation.ts';
import { faultOf } from '../../contract/to-operation.ts';
import { type QName, rootName } from '../../contract/types/type-names.ts';
import { checkCodeName } from '../../contract/types/values.ts';
import { isErrorCode } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import type { OctetWriter } from '../../octets.ts';
import { cut, printableLines, untrusted } from '../../printable.ts';
import type { Fault } from '../encoding.ts';
import { withUnknown } from '../unknown.ts';
import { WrittenObjects } from '../written-objects.ts';
import { type OctetReader, skip } from './octet-reader.ts';
import { readLossyText } from './read-scalar.ts';
import { readValue } from './read-value.ts';
import { showValue } from './show-message.ts';
import { writeMapHead, writeString } from './write-octets.ts';
import { writeValue } from './write-value.ts';

/** Arrays around the error of a response. */
const DEPTH = 1;

/**
 * Writes a fault as a map: `code` and `message`; `detail` if internals are included; and what a
 * FaultException has: `faultCode` (`name`, `namespace`, `subcode`), and `detailType`, the `{namespace}name`
 * of the detail's element in SOAP, with `detailValue`. Long texts of `message` and `detail` are cut.
 *
 * @throws {Mismatch} when the detail is not of its type, or a code is not an XML name
 */
export function writeFaultSlot(
  out: OctetWriter,
  fault: Fault,
  limits: Pick<Limits, 'maxDepth' | 'maxFaultTextChars'>,
  operation?: Operation,
): void {
  const { maxFaultTextChars: maxChars } = limits;
  const { code, message, detail, faultCode, typed } = fault;
  const optional = [detail, faultCode, typed, typed].filter((entry) => entry !== undefined);
  writeMapHead(out, 2 + optional.length);
  writeEntry(out, 'code', code);
  writeEntry(out, 'message', cut(message, maxChars));
  if (detail !== undefined) writeEntry(out, 'detail', cut(detail, maxChars));
  if (faultCode !== undefined) {
    writeString(out, 'faultCode');
    writeFaultCode(out, faultCode);
  }
  if (typed === undefined) return;
  writeEntry(out, 'detailType', nameOf(faultOf(operation, typed.type) ?? rootName(typed.type)));
  writeString(out, 'detailValue');
  try {
    writeValue(out, typed.type, typed.value, new WrittenObjects(limits));
  } catch (caught) {
    throw within(' detail', caught);
  }
}

function writeFaultCode(out: OctetWriter, code: FaultCode): void {
  const { name, namespace = FAULT_CODE_NAMESPACE, subcode } = code;
  writeMapHead(out, subcode === undefined ? 2 : 3);
  writeEntry(out, 'name', checkCodeName(name));
  writeEntry(out, 'namespace', namespace);
  if (subcode === undefined) return;
  writeString(out, 'subcode');
  writeFaultCode(out, subcode);
}

function writeEntry(out: OctetWriter, key: string, value: string): void {
  writeString(out, key);
  writeString(out, value);
}

function nameOf({ name, namespace }: QName): string {
  return `{${namespace}}${name}`;
}

/**
 * Reads the error of a response. Ours is a map; other implementations send a string, a number, an
 * array or a map of their own, which becomes a `Fault` whose message shows it.
 *
 * @param faults those that the operation declares; a detail of any other type is dropped
 * @throws {NetTcpError} `Protocol` when it is cut short, nested too deep or contains 0xc1
 */
export function readFaultSlot(
  reader: OctetReader,
  maxChars: number,
  faults: readonly FaultContract[],
): Fault {
  const start = reader.at;
  skip(reader, DEPTH); // from here on it is known to be well-formed
  const end = reader.at;
  reader.at = start;
  const { texts, faultCode, detailAt } = readEntries(reader, maxChars);
  reader.at = start;
  const code = texts.get('code');
  const message = texts.get('message') ?? showValue(reader);
  const detail = texts.get('detail');
  const detailType = texts.get('detailType');
  const declared = faults.find((each) => nameOf(each) === detailType);
  if (declared === undefined && detailType !== undefined) {
    const part = { what: 'detail', name: untrusted(detailType), isMisplaced: false } as const;
    reader.unknown = withUnknown(reader.unknown, part);
  }
  const typed = declared && readTyped(reader, declared, detailAt);
  reader.at = end;
  return {
    code: isErrorCode(code) ? code : 'Fault', // a future code, or another implementation's
    message: printableLines(message, maxChars),
    ...(detail === undefined ? {} : { detail: printableLines(detail, maxChars) }),
    ...(faultCode === undefined ? {} : { faultCode }),
    ...(typed === undefined ? {} : { typed }),
  };
}

interface Entries {
  /** The entries whose key and value are strings. */
  readonly texts: ReadonlyMap<string, string>;
  readonly faultCode: FaultCode | undefined;
  /** Where the value of `detailValue` begins. */
  readonly detailAt: number | undefined;
}

/** The entries of a map; none for any other value. */
function readEntries(reader: OctetReader, maxChars: number): Entries {
  const texts = new Map<string, string>();
  let faultCode: FaultCode | undefined;
  let detailAt: number | undefined;
  const pairs = reader.mapHead();
  for (let pair = 0; pair < pairs; pair++) {
    const key = textOrSkip(reader);
    const at = reader.at;
    if (key === 'detailValue') detailAt = at;
    if (key === 'faultCode') faultCode = readFaultCode(reader, maxChars);
    reader.at = at;
    const text = textOrSkip(reader);
    if (key !== undefined && text !== undefined) texts.set(key, text);
  }
  return { texts, faultCode, detailAt };
}

/** `undefined` for anything but a code. */
function readFaultCode(reader: OctetReader, maxChars: number): FaultCode | undefined {
  const pairs = reader.mapHead();
  let name: string | undefined;
  let namespace: string | undefined;
  let subcode: FaultCode | undefined;
  for (let pair = 0; pair < pairs; pair++) {
    const key = textOrSkip(reader);
    const at = reader.at;
    if (key === 'subcode') subcode = readFaultCode(reader, maxChars);
    reader.at = at;
    const text = textOrSkip(reader);
    if (key === 'name') name = text;
    if (key === 'namespace') namespace = text;
  }
  if (name === undefined) return undefined;
  return {
    name: cut(name, maxChars),
    namespace: cut(namespace ?? FAULT_CODE_NAMESPACE, maxChars),
    ...(subcode && { subcode }),
  };
}

/** As in WCF, a detail that is not what the contract says is dropped; somebody is told. */
function readTyped(
  reader: OctetReader,
  { type, ...name }: FaultContract,
  at: number | undefined,
): Fault['typed'] {
  if (at === undefined) return undefined;
  reader.at = at;
  try {
    return { type, value: readValue(reader, type, DEPTH + 1) };
  } catch (caught) {
    if (!(caught instanceof Mismatch)) throw caught;
    const mismatch = caught.describe();
    const part = { what: 'detail', name: untrusted(nameOf(name)), isMisplaced: false } as const;
    reader.unknown = withUnknown(reader.unknown, { ...part, mismatch });
    return undefined;
  }
}

function textOrSkip(reader: OctetReader): string | undefined {
  const text = readLossyText(reader);
  if (text === undefined) skip(reader, DEPTH + 1);
  return text;
}
