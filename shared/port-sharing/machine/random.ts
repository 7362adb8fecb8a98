import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { loadCrypto } from '../../load-later.ts';

const SOURCE = '/dev/urandom';

/**
 * Bytes that nobody can guess, from the system. A daemon needs nothing else of `node:crypto`, which would be most of
 * a megabyte of its memory.
 *
 * @param count of bytes @param source where the system gives them; if that is no device, `node:crypto` does
 * @returns two hexadecimal digits for each
 */
export function randomHex(count: number, source = SOURCE): string {
  return fromDevice(count, source) ?? loadCrypto().randomBytes(count).toString('hex');
}

/** `undefined` where there is no such device: on Windows, and in a root directory that lacks it. */
function fromDevice(count: number, source: string): string | undefined {
  const octets = Buffer.alloc(count);
  let file: number | undefined;
  try {
    file = openSync(source, 'r');
    if (!fstatSync(file).isCharacterDevice() || readSync(file, octets) < count) return undefined;
    return octets.toString('hex');
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
