// Control characters (C0, DEL, C1), line and paragraph separators, bidirectional and other format
// characters, lone surrogates: what can move a cursor, forge a log line or reorder what is read.
// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/gu;

/**
 * Makes a string that came from somebody else fit for a terminal or a log line.
 *
 * @param maxLength characters kept; what is cut is replaced by `…`
 */
export function printable(text: string, maxLength = 256): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
  return cut.replace(UNPRINTABLE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}
