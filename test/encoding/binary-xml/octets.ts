/**
 * Bytes in the notation of hex dumps: pairs of digits, and `"text"` for its UTF-8. White space does
 * not matter.
 *
 *     octets('40 03 "Add" 01')
 */
export function octets(dump: string): Uint8Array {
  const bytes: number[] = [];
  for (const [, text, pair] of dump.matchAll(/"([^"]*)"|([0-9a-f]{2})|\S/gi)) {
    if (text !== undefined) bytes.push(...new TextEncoder().encode(text));
    else if (pair !== undefined) bytes.push(Number.parseInt(pair, 16));
    else throw new Error(`no bytes: ${dump}`);
  }
  return Uint8Array.from(bytes);
}

/** The same bytes as pairs of digits: what failing tests show. */
export function dump(bytes: Uint8Array): string {
  return Array.from(bytes, (octet) => octet.toString(16).padStart(2, '0')).join(' ');
}

/** A string as [MC-NBFX] has it: length (under 16,384), then UTF-8. */
export function counted(text: string): string {
  const { length } = new TextEncoder().encode(text);
  const size = length < 0x80 ? [length] : [(length & 0x7f) | 0x80, length >> 7];
  return `${dump(Uint8Array.from(size))} "${text}"`;
}
