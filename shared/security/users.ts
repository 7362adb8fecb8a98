import { NetTcpError } from '../errors.ts';
import { type NameFile, namesOf, parseNameFile } from './name-file.ts';
import { isPassword, passwordHashFault } from './password-hash.ts';
import type { SourceAttempts } from './password-attempts.ts';

/** Whether a user name and a password belong together. What a library user may write in its place. */
export type ValidateUserName = (name: string, password: string) => boolean | Promise<boolean>;

/**
 * Users with scrypt hashes of their passwords: `dave:scrypt$16384$8$1$…`. For TransportWithMessageCredential.
 *
 * @throws {NetTcpError} `Usage` if it is not such a file
 */
export function parseUsers(text: string, file: string): NameFile {
  return parseNameFile(text, file, passwordHashFault);
}

/** Checks against such a file. Asked for with each caller, so that a new file holds from the next one on. */
export function validateAgainst(users: () => NameFile): ValidateUserName {
  return (name, password) => isPassword(password, namesOf(users()).get(name.toUpperCase())?.value);
}

export interface UserNameCheck {
  readonly validate: ValidateUserName;
  readonly attempts: SourceAttempts;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Lets a user in, or not; one answer for a wrong password, for a name that nobody has and for who must wait.
 *
 * @throws {NetTcpError} `SecurityNegotiation`, with the sentence that WCF puts into the fault
 */
export async function authenticateUser(
  name: string,
  password: string,
  { validate, attempts, now }: UserNameCheck,
): Promise<void> {
  if (!attempts.mayTry(name, now())) throw notAuthenticated();
  if (!(await validate(name, password))) {
    attempts.failed(name, now());
    throw notAuthenticated();
  }
  attempts.succeeded(name);
}

function notAuthenticated(): NetTcpError {
  return new NetTcpError(
    'SecurityNegotiation',
    'At least one security token in the message could not be validated.',
  );
}
