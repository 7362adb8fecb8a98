import { NetTcpError } from '../errors.ts';
import { foldCase } from './fold-case.ts';
import { type NameFile, namesOf, parseNameFile } from './name-file.ts';
import { isPassword, passwordHashFault } from './password-hash.ts';
import type { SourceAttempts } from './password-attempts.ts';

/** Whether a user name and a password belong together. An application may give it in place of a file of users. */
export type ValidateUserName = (name: string, password: string) => boolean | Promise<boolean>;

/**
 * Parses users with scrypt hashes of passwords: `dave:scrypt$16384$8$1$…`. For TransportWithMessageCredential.
 *
 * @param file what the error calls the file
 * @throws {NetTcpError} `Usage` if it is not such a file
 */
export function parseUsers(text: string, file: string): NameFile {
  return parseNameFile(text, file, passwordHashFault);
}

/** Checks against such a file, which is asked for with each caller: a new one holds from the next caller on. */
export function validateAgainst(users: () => NameFile): ValidateUserName {
  return (name, password) => isPassword(password, namesOf(users()).get(foldCase(name))?.value);
}

export interface UserNameCheck {
  readonly validate: ValidateUserName;
  readonly attempts: SourceAttempts;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Lets a user in, or not; a wrong password, a name that nobody has and one that must wait get the same answer.
 *
 * @throws {NetTcpError} `SecurityNegotiation`, with the sentence that WCF puts into the fault
 */
export async function authenticateUser(
  name: string,
  password: string,
  { validate, attempts }: UserNameCheck,
): Promise<void> {
  if (!attempts.mayTry(name)) throw notAuthenticated();
  // From JavaScript anything may come; only one value is a yes.
  if ((await validate(name, password)) !== true) {
    attempts.failed(name);
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
