import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { NetTcpError } from '../errors.ts';
import { readFileUpTo } from '../read-file.ts';
import type { ClientCredentials } from '../security/credentials.ts';
import { environmentError } from '../system-error.ts';
import type { Input } from './input.ts';
import type { ClientSecurity } from './security.ts';

// One line counts; a wrong name may be that of a device without end.
const MAX_PASSWORD_FILE_BYTES = 65_536;

/**
 * Asks for a password: at a terminal, which does not show what is typed, or from a pipe, as its next line.
 *
 * @param prompt what to ask for, without a colon
 * @throws {NetTcpError} `Usage` if nothing is entered, `OperationCanceled` for Ctrl-C
 */
export async function askSecret(prompt: string, input: Input): Promise<string> {
  const secret = input.isTerminal ? await typed(prompt) : await input.line();
  if (secret !== undefined && secret !== '') return secret;
  throw new NetTcpError('Usage', `${prompt}: nothing was entered.`);
}

function typed(prompt: string): Promise<string | undefined> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  // Only now, as from now on the terminal shows nothing. To standard error, as results may go to a file.
  process.stderr.write(`${prompt}: `);
  return new Promise((resolve, reject) => {
    reader.on('line', (line) => {
      resolve(line);
      reader.close();
    });
    reader.on('SIGINT', () => {
      reject(new NetTcpError('OperationCanceled', 'No password was entered.'));
      reader.close();
    });
    reader.on('close', () => {
      process.stderr.write('\n');
      resolve(undefined);
    });
  });
}

/**
 * The credentials with the password of the named user, if any: from a file, typed at a terminal that does not show
 * it, or the next line of a pipe. It is never an argument: everybody on the machine can read those.
 *
 * @throws {NetTcpError} `Usage` if there is no password, `Communication` for a file that cannot be read
 */
export async function withPassword(
  { credentials, passwordFile }: ClientSecurity,
  input: Input,
): Promise<ClientCredentials> {
  const { userName } = credentials;
  if (userName === undefined) return credentials;
  const password =
    passwordFile === undefined
      ? await askSecret(`Password for ${userName}`, input)
      : await firstLine(passwordFile);
  return { ...credentials, password };
}

async function firstLine(file: string): Promise<string> {
  let text: string;
  try {
    text = (await readFileUpTo(file, MAX_PASSWORD_FILE_BYTES)).toString('utf8');
  } catch (cause) {
    throw environmentError(
      `The password file ${file} cannot be read`,
      cause,
      'Check --password-file.',
    );
  }
  const [line = ''] = text.split(/\r?\n/, 1);
  if (line === '') throw new NetTcpError('Usage', `The password file ${file} has no first line.`);
  return line;
}
