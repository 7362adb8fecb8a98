import { randomBytes, scrypt } from 'node:crypto';
import { fromHex, isSameSecret, toHex } from './bytes.ts';

/**
 * scrypt with 16 MiB and some 50 ms for each password: N 2^14, r 8, p 1, Node's and RFC 7914's choice for
 * logging in. What a file asks for is bounded, so that no file takes the machine's memory.
 */
const COST = { N: 16_384, r: 8, p: 1 } as const;
const MAX_COST = 2 ** 20;
const KEY_BYTES = 32;
const SALT_BYTES = 16;

interface PasswordHash {
  readonly cost: { readonly N: number; readonly r: number; readonly p: number };
  readonly salt: Uint8Array;
  readonly key: Uint8Array;
}

/** `scrypt$16384$8$1$salt$key`, salt and key in hexadecimal digits. Computed on another thread. */
export async function hashPassword(
  password: string,
  salt: Uint8Array = randomBytes(SALT_BYTES),
): Promise<string> {
  const key = await derive(password, { cost: COST, salt, key: new Uint8Array(KEY_BYTES) });
  return ['scrypt', COST.N, COST.r, COST.p, toHex(salt), toHex(key)].join('$');
}

/** What is wrong with `hash`, or `undefined`. */
export function passwordHashFault(hash: string): string | undefined {
  return parse(hash) === undefined
    ? 'the hash is not one that "net-tcp-port-sharing user add" makes'
    : undefined;
}

/**
 * Whether `hash` was made of `password`. For `undefined` (nobody has that name) it was not, and the answer takes
 * as long: the time must not tell.
 */
export async function isPassword(password: string, hash: string | undefined): Promise<boolean> {
  const parsed = (hash === undefined ? undefined : parse(hash)) ?? NOBODY;
  const key = await derive(password, parsed);
  return isSameSecret(key, parsed.key) && parsed !== NOBODY;
}

const NOBODY: PasswordHash = {
  cost: COST,
  salt: new Uint8Array(SALT_BYTES),
  key: new Uint8Array(KEY_BYTES),
};

function parse(hash: string): PasswordHash | undefined {
  const match =
    /^scrypt\$(\d{1,8})\$(\d{1,2})\$(\d{1,2})\$([0-9a-f]{16,128})\$([0-9a-f]{32,128})$/.exec(hash);
  if (match === null) return undefined;
  const [, N, r, p, saltDigits = '', keyDigits = ''] = match;
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  const isPowerOfTwo = cost.N > 1 && (cost.N & (cost.N - 1)) === 0;
  if (!isPowerOfTwo || cost.r < 1 || cost.p < 1 || cost.N * cost.r * cost.p > MAX_COST)
    return undefined;
  const salt = fromHex(saltDigits);
  const key = fromHex(keyDigits);
  return salt === undefined || key === undefined ? undefined : { cost, salt, key };
}

function derive(password: string, { cost, salt, key }: PasswordHash): Promise<Uint8Array> {
  // Node refuses more than 32 MiB unless told.
  const options = { ...cost, maxmem: 256 * cost.N * cost.r };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, key.length, options, (error, derived) => {
      if (error === null) resolve(derived);
      else reject(error);
    });
  });
}
