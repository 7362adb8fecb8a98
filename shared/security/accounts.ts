import { fromHex, toHex } from './bytes.ts';
import { foldCase } from './fold-case.ts';
import { type NameFile, namesOf, parseNameFile } from './name-file.ts';

/** An account of an accounts file. */
interface Account {
  readonly name: string;
  /** NT hash of the password. */
  readonly hash: Uint8Array;
}

const HASH_DIGITS = 32;

/**
 * Parses accounts for NTLM, with the hash that NTLM needs: `EXAMPLE\carol:nt$32 digits`. Whoever reads such a file
 * can log in as each of them.
 *
 * @param file what the error calls the file
 * @throws {NetTcpError} `Usage` if it is not such a file
 */
export function parseAccounts(text: string, file: string): NameFile {
  return parseNameFile(text, file, (value) =>
    readHash(value) === undefined
      ? 'the hash is not one that "net-tcp-port-sharing user add --accounts" makes'
      : undefined,
  );
}

/** An account's value in the file. @param hash NT hash of the password, 16 bytes */
export function accountValue(hash: Uint8Array): string {
  return `nt$${toHex(hash)}`;
}

/**
 * The account of a user of a domain. The name `EXAMPLE\carol` is for that domain only, `carol` for any domain, as
 * a machine's own account is. A client that gives its name as `carol@example.org` has no domain.
 */
export function findAccount(file: NameFile, user: string, domain: string): Account | undefined {
  const names = namesOf(file);
  const entry = names.get(foldCase(`${domain}\\${user}`)) ?? names.get(foldCase(user));
  const hash = entry === undefined ? undefined : readHash(entry.value);
  return entry === undefined || hash === undefined ? undefined : { name: entry.name, hash };
}

function readHash(value: string): Uint8Array | undefined {
  if (!value.startsWith('nt$') || value.length !== HASH_DIGITS + 3) return undefined;
  return fromHex(value.slice(3));
}
