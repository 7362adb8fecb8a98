import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';

/** Fails unless `file` is there and has a test, or a group of tests, with this title. */
export function expectTest(file: string, title: string): void {
  expect(existsSync(file), `${file} exists`).toBe(true);
  const code = readFileSync(file, 'utf8');
  const isThere = [`'${title}'`, `"${title}"`, `\`${title}\``].some((quoted) => {
    const at = code.indexOf(quoted);
    // What comes before a title: `test(`, `describe(`, `test.for(…)(`.
    return at > 0 && /\(\s*$/.test(code.slice(0, at));
  });
  expect(isThere, `${file} has the test ${JSON.stringify(title)}`).toBe(true);
}
