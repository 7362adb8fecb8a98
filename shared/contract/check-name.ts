import { NetTcpError } from '../errors.ts';
import { isXmlName } from './types/text/xml-name.ts';

// A proxy has these itself, or JavaScript gives them a meaning (`then` makes it a promise).
const RESERVED = new Set([
  'open',
  'close',
  'abort',
  'unref',
  'state',
  'then',
  'constructor',
  '__proto__',
]);

/** Whether an operation cannot have that name for callers. */
export function isReserved(method: string): boolean {
  return RESERVED.has(method);
}

/** @throws {NetTcpError} `Usage` for what is no XML name */
export function checkName(name: string): string {
  if (isXmlName(name)) return name;
  throw new NetTcpError('Usage', `"${name}" cannot be a name in a contract: it is not an XML name`);
}
