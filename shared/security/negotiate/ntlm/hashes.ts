import { createHash, createHmac } from 'node:crypto';
import { concat, utf16 } from '../../bytes.ts';
import { md4 } from './md4.ts';

/** What NTLM keeps of a password; whoever has it can log in, just as with the password. [MS-NLMP] 3.3.1 */
export function ntHash(password: string): Uint8Array {
  return md4(utf16(password));
}

/** NTOWFv2: the key with which an account answers a challenge. [MS-NLMP] 3.3.2 */
export function responseKey(hash: Uint8Array, user: string, domain: string): Uint8Array {
  return hmacMd5(hash, utf16(user.toUpperCase() + domain));
}

export function hmacMd5(key: Uint8Array, ...data: readonly Uint8Array[]): Uint8Array {
  return createHmac('md5', key)
    .update(concat(...data))
    .digest();
}

export function md5(...data: readonly Uint8Array[]): Uint8Array {
  return createHash('md5')
    .update(concat(...data))
    .digest();
}
