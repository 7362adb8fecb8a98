import { NetTcpError } from './errors.ts';

export type Koffi = typeof import('koffi');

/**
 * Loads koffi, which calls C libraries.
 *
 * @throws {NetTcpError} `Communication` if it cannot be loaded: it is an optional dependency
 */
export async function loadKoffi(): Promise<Koffi> {
  try {
    return (await import('koffi')).default as unknown as Koffi;
  } catch (cause) {
    throw new NetTcpError('Communication', 'koffi cannot be loaded', { cause });
  }
}

/**
 * Loads `node:crypto` where it is needed. To import it takes a twentieth of a command's start, and most services and
 * clients never do.
 */
export function loadCrypto(): typeof import('node:crypto') {
  return process.getBuiltinModule('node:crypto');
}
