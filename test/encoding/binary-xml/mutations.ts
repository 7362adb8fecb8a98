/**
 * Payloads that are nearly right: bytes changed, removed, inserted, repeated. Seeded, so that a
 * failure can be repeated.
 */
export function* mutations(
  original: Uint8Array,
  count: number,
  seed: number,
): Generator<Uint8Array> {
  const random = randomInts(seed);
  for (let made = 0; made < count; made++) {
    let payload = original;
    for (let changes = 1 + random(4); changes > 0; changes--) payload = mutate(payload, random);
    yield payload;
  }
}

function mutate(payload: Uint8Array, random: (below: number) => number): Uint8Array {
  const at = random(payload.length + 1);
  switch (random(6)) {
    case 0: // another byte
      return splice(payload, at, 1, [random(0x100)]);
    case 1: // one bit
      return splice(payload, at, 1, [(payload[at] ?? 0) ^ (1 << random(8))]);
    case 2: // some bytes less
      return splice(payload, at, 1 + random(8), []);
    case 3: // some bytes more
      return splice(payload, at, 0, [random(0x100), random(0x100)]);
    case 4: // some bytes twice
      return splice(payload, at, 0, payload.subarray(Math.max(0, at - random(16)), at));
    default: // cut short
      return payload.subarray(0, at);
  }
}

function splice(
  payload: Uint8Array,
  at: number,
  remove: number,
  insert: ArrayLike<number>,
): Uint8Array {
  const behind = payload.subarray(at + remove);
  const result = new Uint8Array(at + insert.length + behind.length);
  result.set(payload.subarray(0, at));
  result.set(insert, at);
  result.set(behind, at + insert.length);
  return result;
}

/** Whole numbers from 0 to below a bound: mulberry32. */
function randomInts(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
