import { createCipheriv, createDecipheriv } from 'node:crypto';

/** Bytes of a block of AES. */
export const BLOCK_BYTES = 16;
const ZERO_IV = new Uint8Array(BLOCK_BYTES);

/**
 * AES in CBC with ciphertext stealing: the result is as long as `data`. RFC 3962 5, 8009 5 (mode CS3: the last
 * two blocks always change places).
 *
 * @param key  16 or 32 bytes
 * @param data at least one block
 */
export function encryptStealing(key: Uint8Array, data: Uint8Array): Uint8Array {
  const length = data.length;
  const blocks = Math.ceil(length / BLOCK_BYTES);
  const cipher = createCipheriv(algorithm(key), key, ZERO_IV);
  cipher.setAutoPadding(false);
  if (blocks === 1) return new Uint8Array(cipher.update(data));
  let padded = data;
  if (length % BLOCK_BYTES !== 0) {
    padded = new Uint8Array(blocks * BLOCK_BYTES);
    padded.set(data);
  }
  const chained = cipher.update(padded);
  const last = (blocks - 1) * BLOCK_BYTES;
  const result = new Uint8Array(length);
  result.set(chained.subarray(0, last - BLOCK_BYTES));
  result.set(chained.subarray(last), last - BLOCK_BYTES);
  result.set(chained.subarray(last - BLOCK_BYTES, length - BLOCK_BYTES), last);
  return result;
}

/** The counterpart of {@link encryptStealing}. @param data at least one block */
export function decryptStealing(key: Uint8Array, data: Uint8Array): Uint8Array {
  const length = data.length;
  const blocks = Math.ceil(length / BLOCK_BYTES);
  if (blocks === 1) return decryptChained(key, data);
  // Put the last two blocks back in order. The shorter one gets back the bytes that were stolen from it: they
  // stand at the end of the longer one once that is decrypted.
  const last = (blocks - 1) * BLOCK_BYTES;
  const chained = new Uint8Array(blocks * BLOCK_BYTES);
  chained.set(data.subarray(0, last - BLOCK_BYTES));
  const whole = data.subarray(last - BLOCK_BYTES, last);
  const tail = length - last;
  if (tail < BLOCK_BYTES) chained.set(decryptChained(key, whole), last - BLOCK_BYTES);
  chained.set(data.subarray(last), last - BLOCK_BYTES);
  chained.set(whole, last);
  const plain = decryptChained(key, chained);
  return plain.subarray(0, length);
}

function decryptChained(key: Uint8Array, data: Uint8Array): Uint8Array {
  const decipher = createDecipheriv(algorithm(key), key, ZERO_IV);
  decipher.setAutoPadding(false);
  return decipher.update(data);
}

function algorithm(key: Uint8Array): string {
  return key.length === 32 ? 'aes-256-cbc' : 'aes-128-cbc';
}
