import type { Input } from '../command-line/input.ts';
import { askSecret } from '../command-line/secret.ts';
import { NetTcpError, systemCode } from '../errors.ts';
import { replaceWhole } from '../port-sharing/machine/files/write-file.ts';
import { jsonLine, quoted } from '../printable.ts';
import { readFileUpTo } from '../read-file.ts';
import { accountValue, parseAccounts } from '../security/accounts.ts';
import { MAX_CREDENTIAL_BYTES } from '../security/credentials.ts';
import { foldCase } from '../security/fold-case.ts';
import { namesOf, withName, writeNameFile } from '../security/name-file.ts';
import { ntHash } from '../security/negotiate/ntlm/hashes.ts';
import { hashPassword } from '../security/password-hash.ts';
import { parseUsers } from '../security/users.ts';
import { environmentError } from '../system-error.ts';
import type { Context } from './context.ts';

interface UserArguments {
  readonly name: string;
  readonly users?: string | undefined;
  readonly accounts?: string | undefined;
}

/** The kinds of files with names and passwords. */
const KINDS = {
  users: { parse: parseUsers, hash: (password: string) => hashPassword(password) },
  accounts: { parse: parseAccounts, hash: (password: string) => accountValue(ntHash(password)) },
} as const;

const ADVICE = 'Run this as the user whose file it is.';

/**
 * `net-tcp-port-sharing user add NAME --users FILE | --accounts FILE`: adds a user, or changes the password. It
 * asks for that, twice at a terminal; a password is never an argument, which everybody on the machine can read.
 *
 * @returns exit status
 */
export async function user(
  { terminal, json }: Context,
  { name, users, accounts }: UserArguments,
  input: Input,
): Promise<number> {
  const kind = KINDS[users === undefined ? 'accounts' : 'users'];
  const file = users ?? accounts;
  if (file === undefined || (users !== undefined && accounts !== undefined)) {
    const text = 'Say which file: user add NAME --users FILE, or user add NAME --accounts FILE.';
    throw new NetTcpError('Usage', text);
  }
  const known = kind.parse(await read(file), quoted(file));
  // A bad name is refused before a password is typed in vain.
  withName(known, name, '');
  const isNew = !namesOf(known).has(foldCase(name));
  try {
    const changed = withName(known, name, await kind.hash(await askTwice(name, input)));
    replaceWhole(file, writeNameFile(changed), ADVICE);
  } finally {
    input.close();
  }
  const event = isNew ? 'added' : 'changed';
  if (json) terminal.out(jsonLine({ event, name, file }));
  else terminal.out(`${isNew ? 'Added' : 'Changed'}: ${quoted(name)} in ${quoted(file)}`);
  return 0;
}

async function askTwice(name: string, input: Input): Promise<string> {
  const password = await askSecret(`Password for ${quoted(name)}`, input);
  if (!input.isTerminal || (await askSecret('Repeat it', input)) === password) return password;
  throw new NetTcpError('Usage', 'The two passwords differ. Nothing was changed.');
}

/** @returns its text; empty if the file does not exist yet */
async function read(file: string): Promise<string> {
  try {
    return (await readFileUpTo(file, MAX_CREDENTIAL_BYTES)).toString('utf8');
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return '';
    throw environmentError(`The file ${file} cannot be read`, cause, ADVICE);
  }
}
