/**
 * A name without its case, for names in which case has no meaning: character by character, and never
 * from a letter beyond ASCII to one of ASCII. `toUpperCase` alone would make `ADMIN` of `admın` (U+0131), and `STRASSE`
 * of `straße`: another user's name. Nothing is normalized: é in one character and é in two are different names.
 */
export function foldCase(name: string): string {
  return name.replaceAll(/[^\0-\x7f]|[a-z]+/gu, (part) => {
    const upper = part.toUpperCase();
    const isBeyond = part > '\x7f';
    return isBeyond && (upper.length !== part.length || upper <= '\x7f') ? part : upper;
  });
}
