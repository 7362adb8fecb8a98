import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { NetTcpError } from '../errors.ts';
import type { Input } from './input.ts';

/**
 * Asks for a password: at a terminal, which does not show what is typed; of a pipe it is the next line.
 *
 * @param prompt what to ask for, without a colon
 * @throws {NetTcpError} `Usage` where nothing comes, `OperationCanceled` for Ctrl-C
 */
export async function askSecret(prompt: string, input: Input): Promise<string> {
  const secret = input.isTerminal ? await typed(prompt) : await input.line();
  if (secret !== undefined && secret !== '') return secret;
  throw new NetTcpError('Usage', `${prompt}: nothing was entered.`);
}

function typed(prompt: string): Promise<string | undefined> {
  // Standard error: results may go to a file.
  process.stderr.write(`${prompt}: `);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: nowhere, terminal: true });
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
