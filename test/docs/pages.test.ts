// Pages: their links lead somewhere, files that they name exist, and code that they show is what runs.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { anchorsOf, blocksOf, codeOf, linksOf, NEEDS, PAGES, proseOf } from './pages.ts';

const read = (file: string): string => readFileSync(file, 'utf8');

test('the README fits on a few screens', () => {
  expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(200);
  expect(statSync('README.md').size).toBeLessThanOrEqual(12 * 1_024);
});

test.for(PAGES)('%s: every link leads to a file, and to a heading in it', (page) => {
  const broken = linksOf(page).filter((target) => {
    if (/^https?:/.test(target)) return false;
    const [file = '', anchor] = target.split('#');
    const found = file === '' ? page : path.posix.join(path.posix.dirname(page), file);
    if (!existsSync(found)) return true;
    return anchor !== undefined && !anchorsOf(found).has(anchor);
  });
  expect(broken).toEqual([]);
});

test.for([...PAGES, ...unitFiles()])(
  '%s: systemd finds what a unit starts, and leaves its quotes',
  (file) => {
    for (const [line] of read(file).matchAll(/^Exec\w+=.*/gm)) {
      // systemd looks for names in places of its own, and takes backslashes away, within quotes, too.
      expect(line).toMatch(/^Exec\w+=\/[^\\]*$/);
    }
  },
);

function unitFiles(): readonly string[] {
  const folders = ['scripts/systemd', 'docs/examples'];
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true }).map((file) => path.join(folder, String(file))),
  );
  return files.filter((file) => file.endsWith('.service'));
}

test('every page is in the package, and the README leads to it', () => {
  const { files } = JSON.parse(read('package.json')) as { files: string[] };
  for (const page of PAGES) {
    const isIn = files.some((entry) => page === entry || page.startsWith(`${entry}/`));
    expect(isIn, `${page} is in the package`).toBe(true);
  }
  const reached = new Set(['README.md']);
  for (const page of reached) {
    for (const target of linksOf(page)) {
      if (/^https?:|^#/.test(target)) continue;
      const file = path.posix.join(path.posix.dirname(page), target.split('#', 1)[0] ?? '');
      const found = file.endsWith('/') ? `${file}README.md` : file;
      if (PAGES.includes(found)) reached.add(found);
    }
  }
  expect([...reached].sort()).toEqual([...PAGES].sort());
});

/** Paths that a page names: a folder, or a file in one. Content types look like that, too. */
const PATH =
  /^(?!application\/)(?:[\w.-]+\/)+(?:[\w.-]+\.(?:ts|js|json|md|svg|sh|cs|cjs|css)|[\w-]*)$/;

// The CHANGELOG names what was.
test.for(PAGES.filter((page) => page !== 'CHANGELOG.md'))(
  '%s: every file and folder that it names exists',
  (page) => {
    // Shared files are named without their first folder, and built ones exist after a build.
    const named = codeOf(page).filter((code) => PATH.test(code) && !code.startsWith('dist/'));
    const missing = named.filter((name) => ![name, `shared/${name}`].some(existsSync));
    expect(missing).toEqual([]);
    if (page === 'ARCHITECTURE.md') expect(named.length).toBeGreaterThan(40);
  },
);

test('ARCHITECTURE names every folder of the product that has files', () => {
  const text = read('ARCHITECTURE.md');
  const folders = readdirSync('shared', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && name.includes(path.sep))
    .map((name) => path.posix.dirname(name.replaceAll('\\', '/')));
  const unnamed = [...new Set(folders)].filter(
    (folder) => !text.includes(`${folder}/`) && !text.includes(`\`${path.basename(folder)}/\``),
  );
  expect(unnamed).toEqual([]);
});

const LANGUAGES = ['sh', 'console', 'ts', 'csharp', 'text'];

test.for(PAGES)('%s: every block is of a kind that is tested', (page) => {
  for (const { line, language, attributes } of blocksOf(page)) {
    const where = `${page}:${line}`;
    expect(LANGUAGES, where).toContain(language);
    if (attributes['needs'] !== undefined) {
      expect(Object.keys(NEEDS), where).toContain(attributes['needs']);
    }
    const isCode = language === 'ts' || language === 'csharp';
    if (isCode) expect(attributes['file'] ?? attributes['part'], where).toBeDefined();
  }
});

const code = PAGES.flatMap(blocksOf).filter(({ attributes: { file, part } }) => file ?? part);

test('there is code in pages', () => expect(code.length).toBeGreaterThan(5));

/** The formatter of the page moves a part to the left. */
const unindented = (text: string): string => text.replaceAll(/^ +/gm, '').trim();

test.for(code)('$page:$line shows what the file has', ({ text, attributes: { file, part } }) => {
  const source = read(file ?? part ?? '');
  if (file === undefined) expect(unindented(source)).toContain(unindented(text));
  else expect(source.replace(/^(?:\/\/.*\n)+/, '').trim()).toBe(text.trim());
});

test.for(PAGES.filter((page) => /^<!-- results:/m.test(proseOf(page))))(
  '%s: results are between their marks, with the machine they are from',
  (page) => {
    const regions = [
      ...read(page).matchAll(/^<!-- results:begin[ \w-]* -->\n([\s\S]*?)<!-- results:end -->/gm),
    ];
    expect(regions.length).toBe([...read(page).matchAll(/^<!-- results:begin/gm)].length);
    for (const [, results = ''] of regions) expect(results).toMatch(/^\|/m);
  },
);

test.for(readdirSync('docs').filter((name) => name.endsWith('.svg')))(
  '%s can be read on a dark page, too: it has a ground of its own',
  (name) => {
    const svg = read(`docs/${name}`);
    const [first = ''] =
      /<(?:rect|path|line|text|circle)[^>]*>/.exec(svg.replace(/<defs>[\s\S]*?<\/defs>/, '')) ?? [];
    expect(first).toMatch(/^<rect/);
  },
);
