// Programs that measure write their results into the documentation, between two comments of a page.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';

const END = '<!-- results:end -->';

/** Where results go. */
export interface Place {
  /** Path of the page. It is made if it is missing. */
  readonly page: string;
  /** Title of a page that is made. */
  readonly title: string;
  /** Which results of the page, if it has more than one kind: `<!-- results:begin NAME -->`. */
  readonly name?: string | undefined;
}

/**
 * Puts results into their place, and leaves the rest of the page alone. A page without the place gets a section
 * for it at its end.
 *
 * @param results Markdown
 */
export async function writeResults({ page, title, name }: Place, results: string): Promise<void> {
  const begin = `<!-- results:begin${name === undefined ? '' : ` ${name}`} -->`;
  const before = existsSync(page) ? readFileSync(page, 'utf8') : `# ${title}\n`;
  const heading = name === undefined ? 'Results' : `Results: ${name}`;
  const isPlaced = before.includes(begin) && before.indexOf(END, before.indexOf(begin)) >= 0;
  const text = isPlaced ? before : `${before}\n## ${heading}\n\n${begin}\n${END}\n`;
  const from = text.indexOf(begin) + begin.length;
  const after = text.slice(text.indexOf(END, from));
  const written = `${text.slice(0, from)}\n\n${results.trim()}\n\n${after}`;
  const options = await resolveConfig(page);
  mkdirSync(path.dirname(page), { recursive: true });
  // The page is replaced as a whole, or not at all.
  const temporary = `${page}.new`;
  writeFileSync(temporary, await format(written, { ...options, parser: 'markdown' }));
  renameSync(temporary, page);
}

/** A table in Markdown, its lines one by one. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}

/** The current date in UTC, as `2026-11-28`. */
export function today(): string {
  return new Date().toISOString().slice(0, 10);
}
