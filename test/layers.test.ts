// The architecture, as a test: a folder imports only from folders above it in this list.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

/** Each folder, and the folders it may import from, lowest first. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  shared: [],
  'shared/framing': ['shared'],
  'shared/session': ['shared', 'shared/framing'],
  'shared/contract': ['shared'],
  'shared/encoding': ['shared', 'shared/contract'],
  'shared/transport': ['shared'],
  'shared/rpc': [
    'shared',
    'shared/framing',
    'shared/session',
    'shared/contract',
    'shared/encoding',
    'shared/transport',
  ],
  'shared/port-sharing': ['shared', 'shared/framing', 'shared/session', 'shared/transport'],
  'shared/tool': ['shared', 'shared/framing', 'shared/encoding', 'shared/port-sharing'],
  service: ['shared', 'shared/contract', 'shared/rpc', 'shared/port-sharing'],
  client: ['shared', 'shared/contract', 'shared/rpc'],
};
/** Files beside the folders that put them together: what users of the package import. */
const COMPOSITION = ['shared/index.ts', 'shared/net-tcp-binding.ts'];
const PURE = ['shared/framing', 'shared/session', 'shared/contract', 'shared/encoding'];
const RUNTIME_PACKAGES = ['yargs', 'chalk', 'koffi'];

const files = ['shared', 'service', 'client'].flatMap((root) =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.posix.join(root, name.replaceAll('\\', '/'))),
);

/** `shared/encoding/msgpack` belongs to `shared/encoding`. */
function folderOf(file: string): string {
  const [first = '', second = ''] = path.posix.dirname(file).split('/');
  return second === '' ? first : `${first}/${second}`;
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(([, name = '']) => name);
}

test('the table has no circle and names every folder', () => {
  const above: string[] = [];
  for (const [folder, allowed] of Object.entries(MAY_IMPORT)) {
    expect(above, `above ${folder}`).toEqual(expect.arrayContaining([...allowed]));
    above.push(folder);
  }
  expect(new Set(files.map(folderOf))).toEqual(new Set(above));
});

test.for(files)('%s imports only what its folder may', (file) => {
  if (COMPOSITION.includes(file)) return;
  const folder = folderOf(file);
  for (const name of importsOf(file)) {
    const where = `${file} imports ${name}`;
    if (name.startsWith('.')) {
      const target = path.posix.join(path.posix.dirname(file), name);
      const isComposition = COMPOSITION.includes(target);
      if (isComposition) expect(['service', 'client'], where).toContain(folder);
      else expect([folder, ...(MAY_IMPORT[folder] ?? [])], where).toContain(folderOf(target));
    } else if (PURE.includes(folder)) {
      expect.fail(`${where}: this folder is pure`);
    } else if (!name.startsWith('node:')) {
      expect(RUNTIME_PACKAGES, where).toContain(name);
    }
  }
});

test.for(files.filter((file) => PURE.includes(folderOf(file))))(
  '%s knows no process and no Buffer',
  (file) => {
    const code = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    expect(code).not.toMatch(/\b(?:Buffer\b|process\.[a-z]|setTimeout|globalThis|require\()/);
  },
);

test('runtime dependencies are those that the design names', () => {
  const {
    dependencies,
    optionalDependencies,
  }: Record<string, Record<string, string>> = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(
    [...Object.keys(dependencies ?? {}), ...Object.keys(optionalDependencies ?? {})].sort(),
  ).toEqual([...RUNTIME_PACKAGES].sort());
});
