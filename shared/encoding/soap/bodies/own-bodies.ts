import type { Operation } from '../../../contract/contract.ts';
import { readElement } from '../../binary-xml/to-xml.ts';
import type { BinaryXmlWriter, ElementWriter } from '../../binary-xml/writer.ts';
import type { IssuedToken, TokenRequest } from '../../message-security.ts';
import { GET_METADATA } from '../../metadata-exchange.ts';
import { isTokenOperation } from '../../token-operations.ts';
import type { EnvelopeReader } from '../envelope-reader.ts';
import { readTokenAnswer } from '../security/read-trust.ts';
import { writeTokenAnswer, writeTokenRequest } from '../security/write-trust.ts';

/** Writes a request whose body is not parameters. @returns false for any other operation */
export function writeOwnRequest(
  xml: BinaryXmlWriter,
  operation: Operation,
  args: readonly unknown[],
): boolean {
  if (operation === GET_METADATA) return true;
  if (!isTokenOperation(operation)) return false;
  writeTokenRequest(xml, args[0] as TokenRequest);
  return true;
}

/** Writes an answer whose body is not a result. @returns false for any other operation */
export function writeOwnResult(
  xml: BinaryXmlWriter,
  operation: Operation,
  value: unknown,
): boolean {
  if (operation === GET_METADATA) (value as ElementWriter)(xml);
  else if (isTokenOperation(operation)) writeTokenAnswer(xml, value as IssuedToken | undefined);
  else return false;
  return true;
}

/** Reads such an answer. @returns `undefined` for any other operation */
export function readOwnAnswer(
  reader: EnvelopeReader,
  operation: Operation,
): { readonly value: unknown } | undefined {
  const isMetadata = operation === GET_METADATA;
  if (!isMetadata && !isTokenOperation(operation)) return undefined;
  const value = isMetadata ? readElement(reader.xml, Infinity) : readTokenAnswer(reader.xml);
  reader.finish();
  return { value };
}
