import { createHmac } from 'node:crypto';
import { concat } from '../bytes.ts';

/** Bytes of the entropy that each side gives, and of the key: WCF's KeySize of 256 bits. */
export const KEY_BYTES = 32;

/**
 * P_SHA-1 of RFC 2246 5: the key that both sides make of their entropies. WS-Trust of February 2005,
 * whose namespace WCF uses: “Returning Computed Keys”
 *
 * @param secret the client's entropy
 * @param seed   the service's
 * @param size   bytes of the key
 */
export function proofKey(
  secret: Uint8Array,
  seed: Uint8Array,
  size: number = KEY_BYTES,
): Uint8Array {
  const blocks: Uint8Array[] = [];
  let chained = seed;
  for (let made = 0; made < size; made += 20) {
    chained = createHmac('sha1', secret).update(chained).digest();
    blocks.push(createHmac('sha1', secret).update(chained).update(seed).digest());
  }
  return concat(...blocks).subarray(0, size);
}
