// Results get into pages of the documentation, and nothing else of the page changes.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { writeResults } from '../../scripts/write-results.ts';
import { scratchDirectory } from '../helpers/directory.ts';

const TABLE = '| a | b |\n| --- | --- |\n| 1 | longer |';
const WRITTEN = '| a   | b      |\n| --- | ------ |\n| 1   | longer |';

test.for<[what: string, name: string | undefined, before: string | undefined, after: string]>([
  [
    'a page that is missing',
    undefined,
    undefined,
    `# Title\n\n## Results\n\n<!-- results:begin -->\n\n${WRITTEN}\n\n<!-- results:end -->\n`,
  ],
  [
    'a page without the place',
    undefined,
    '# Page\n\nText.\n',
    `# Page\n\nText.\n\n## Results\n\n<!-- results:begin -->\n\n${WRITTEN}\n\n<!-- results:end -->\n`,
  ],
  [
    'old results',
    undefined,
    '# Page\n\n<!-- results:begin -->\n\nold\n\n<!-- results:end -->\n\n## More\n',
    `# Page\n\n<!-- results:begin -->\n\n${WRITTEN}\n\n<!-- results:end -->\n\n## More\n`,
  ],
  [
    'one of two places',
    'relay',
    '# Page\n\n<!-- results:begin -->\n\nfirst\n\n<!-- results:end -->\n\n<!-- results:begin relay -->\n\nold\n\n<!-- results:end -->\n',
    `# Page\n\n<!-- results:begin -->\n\nfirst\n\n<!-- results:end -->\n\n<!-- results:begin relay -->\n\n${WRITTEN}\n\n<!-- results:end -->\n`,
  ],
])('%s', async ([, name, before, after]) => {
  const directory = scratchDirectory();
  const page = path.join(directory, 'page.md');
  if (before !== undefined) writeFileSync(page, before);
  for (let time = 0; time < 2; time++) {
    await writeResults({ page, title: 'Title', name }, TABLE);
    expect(readFileSync(page, 'utf8')).toBe(after);
  }
  expect(existsSync(`${page}.new`)).toBe(false);
});
