// How large a file and a folder may get: what a reader takes in at once.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const MAX_LINES = 249;
const MAX_FILES = 16;

function filesIn(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((name) => path.posix.join(root, name.replaceAll('\\', '/')))
    .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'));
}

const files = ['shared', 'service', 'client', 'scripts'].flatMap(filesIn);

test(`no file has more than ${MAX_LINES} lines`, () => {
  const linesOf = (file: string): number => readFileSync(file, 'utf8').split('\n').length - 1;
  expect(files.filter((file) => linesOf(file) > MAX_LINES)).toEqual([]);
});

test(`no folder has more than ${MAX_FILES} files of its own`, () => {
  const counts = new Map<string, number>();
  for (const file of [...files, ...filesIn('test')]) {
    const folder = path.posix.dirname(file);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  const full = [...counts].filter(([, count]) => count > MAX_FILES);
  expect(full).toEqual([]);
});
