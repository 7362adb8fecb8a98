// Text that controls a terminal, and what must not be left of it.
import { expect } from 'vitest';

// A title, a colour by C1, a turn of direction, an isolate that is never closed, separators of lines and paragraphs, a
// mark nobody sees, a tag character, and a line of its own.
export const HOSTILE =
  'A\x1b]0;owned\x07\x1b[2J\x9b31m\u202Egnp\u2066\u2028\u2029\u200f\ufeff\u{e0041}\r\nForged: Z';
const ORDERS = /[^\P{C}\n]|[\u2028\u2029]/u;

/** Fails where a terminal would obey, or show a line that nobody of ours has written. */
export function expectHarmless(...texts: readonly string[]): void {
  for (const text of texts) {
    expect(text).not.toMatch(ORDERS);
    expect(text).not.toMatch(/^Forged/m);
  }
}
