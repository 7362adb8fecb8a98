/**
 * Loads `node:crypto` where it is needed. To import it takes a twentieth of a command's start, and most services and
 * clients never do.
 */
export function loadCrypto(): typeof import('node:crypto') {
  return process.getBuiltinModule('node:crypto');
}
