import { NetTcpError } from '../errors.ts';

const NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** @throws {NetTcpError} `Usage` for what is no XML name */
export function checkName(name: string): string {
  if (NAME.test(name)) return name;
  throw new NetTcpError('Usage', `"${name}" cannot be a name in a contract: it is not an XML name`);
}
