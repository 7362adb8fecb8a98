import { randomFillSync } from 'node:crypto';

// To ask for a few bytes takes as long as to encrypt a message with them.
const POOL_BYTES = 1_024;
const pool = new Uint8Array(POOL_BYTES);
let used = POOL_BYTES;

/**
 * Random bytes, asked of the system many at a time: those that wait are in this process's memory, as are the keys that
 * it needs to use them at all.
 *
 * @param count at most 1,024
 * @returns memory of its own: nothing else has these bytes any more
 */
export function pooledRandom(count: number): Uint8Array {
  if (used + count > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const bytes = pool.slice(used, used + count);
  pool.fill(0, used, used + count);
  used += count;
  return bytes;
}
