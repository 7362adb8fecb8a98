// What a user of the package sees of it in an editor: the declarations that `npm run build` writes.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../scripts/run.ts';

const INDEX = 'dist/shared/index.d.ts';
const PRIVATE = ['framing', 'session', 'transport', 'encoding', 'port-sharing', 'command-line'];

/** Every declaration file that the package's own leads to, `types` apart: its names are a vocabulary. */
function reached(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    const text = readFileSync(file, 'utf8');
    files.set(file, text);
    for (const [, name = ''] of text.matchAll(/(?:\bfrom |\bimport\()['"](\.[^'"]+)\.ts['"]/g)) {
      visit(path.posix.join(path.posix.dirname(file), `${name}.d.ts`));
    }
  };
  visit(INDEX);
  return files;
}

/** The names that the package exports, and the file where each is declared. */
function exportedNames(): readonly (readonly [name: string, file: string])[] {
  const lists = readFileSync(INDEX, 'utf8').matchAll(/export \{([^}]*)\} from '\.\/(.+)\.ts'/g);
  return [...lists].flatMap(([, names = '', file = '']) =>
    names
      .split(',')
      .map((name) => name.replace('type ', '').trim())
      .filter((name) => name !== '')
      .map((name) => [name, `dist/shared/${file}.d.ts`] as const),
  );
}

test('the declarations lead to nothing internal', () => {
  const folders = [...reached().keys()].map((file) => file.split('/')[2]);
  expect(folders).toContain('rpc');
  for (const folder of PRIVATE) expect(folders).not.toContain(folder);
});

test.for(exportedNames())('%s has a comment', ([name, file]) => {
  const text = readFileSync(file, 'utf8');
  const commented = new RegExp(
    `\\*/\\nexport (?:declare )?(?:const|class|function|type|interface) ${name}\\b`,
  );
  expect(text).toMatch(commented);
});

/** The members of an exported class or interface; `undefined` for what has none of its own. */
function membersOf(name: string, file: string): readonly string[] | undefined {
  const declared = new RegExp(`(?:class|interface) ${name}\\b[^{]*\\{\\n([^]*?)\\n\\}`);
  return declared.exec(readFileSync(file, 'utf8'))?.[1]?.split('\n');
}

// What is used of another package is described there.
const own = exportedNames().filter(([name]) => name !== 'OpenTelemetryApi');

test.for(own.filter(([name, file]) => membersOf(name, file) !== undefined))(
  'every member of %s has a comment',
  ([name, file]) => {
    const lines = membersOf(name, file) ?? [];
    const bare = lines.filter(
      (line, index) =>
        /^ {4}\w/.test(line) &&
        !/^ {4}(?:private|override)/.test(line) &&
        !lines[index - 1]?.trimEnd().endsWith('*/'),
    );
    expect(bare).toEqual([]);
  },
);

test('there are such members', () => {
  const names = own.filter(([name, file]) => (membersOf(name, file)?.length ?? 0) > 1);
  expect(names.map(([name]) => name)).toEqual(
    expect.arrayContaining(['ServiceHost', 'NetTcpBinding', 'ChannelFactory', 'Channel']),
  );
});

test('every declaration has its source in the package', () => {
  const { files }: { readonly files: readonly string[] } = JSON.parse(
    readFileSync('package.json', 'utf8'),
  );
  for (const file of reached().keys()) {
    const { sources }: { readonly sources: readonly string[] } = JSON.parse(
      readFileSync(`${file}.map`, 'utf8'),
    );
    for (const source of sources) {
      const target = path.posix.join(path.posix.dirname(file), source);
      expect(existsSync(target), target).toBe(true);
      expect(
        files.some((shipped) => target.startsWith(`${shipped}/`)),
        target,
      ).toBe(true);
    }
  }
});

test('the declarations are complete: a compiler that checks them finds nothing', async () => {
  const compiler = 'node_modules/typescript/lib/tsc.js';
  const options = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--types', 'node'];
  const module = ['--module', 'nodenext', '--target', 'es2023', '--ignoreConfig'];
  const args = [compiler, ...options, ...module, INDEX];
  const { status, stdout } = await run([process.execPath, ...args]);
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
});
