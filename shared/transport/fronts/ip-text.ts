/** An IPv4 address as text. @param bytes four of them */
export function ipv4Text(bytes: Uint8Array): string {
  return bytes.join('.');
}

/**
 * An IPv6 address in the one form that Node writes, too, so that the same machine is the same text everywhere: an
 * IPv4 address that was mapped into it is that. [RFC 5952]
 *
 * @param bytes sixteen of them
 */
export function ipv6Text(bytes: Uint8Array): string {
  const groups: number[] = [];
  for (let at = 0; at < 16; at += 2) groups.push(((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
  const isMapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
  if (isMapped) return ipv4Text(bytes.subarray(12));
  const [from, length] = longestZeros(groups);
  const text = (some: readonly number[]): string => some.map((one) => one.toString(16)).join(':');
  if (length < 2) return text(groups);
  return `${text(groups.slice(0, from))}::${text(groups.slice(from + length))}`;
}

/** The first of the longest runs of zeros. */
function longestZeros(groups: readonly number[]): readonly [from: number, length: number] {
  let best: readonly [number, number] = [0, 0];
  let length = 0;
  for (const [at, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0;
    if (length > best[1]) best = [at - length + 1, length];
  }
  return best;
}
