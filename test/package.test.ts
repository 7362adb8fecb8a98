// The package as npm makes and takes it.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Manifest {
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly files: readonly string[];
}

const { version, scripts, files }: Manifest = JSON.parse(readFileSync('package.json', 'utf8'));

test('whoever installs it is not warned of scripts, and a clone is built all the same', () => {
  // npm lists packages with one of these, `prepare` where the package is a file or comes from git.
  for (const name of ['preinstall', 'install', 'postinstall', 'prepare']) {
    expect(Object.keys(scripts)).not.toContain(name);
  }
  // `npm ci` and `npm install` run this in the repository itself, `npm pack` the other.
  expect(scripts['postprepare']).toBe('npm run build');
  expect(scripts['prepack']).toBe('npm run build');
});

test('licences of what is part of the commands go with them', () => {
  expect(files).toEqual(expect.arrayContaining(['dist/yargs.js', 'dist/LICENSE-3rd-party.txt']));
  const text = readFileSync('dist/LICENSE-3rd-party.txt', 'utf8');
  for (const name of ['yargs', 'chalk', 'cliui', 'string-width']) {
    expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(\\w+\\)\\n\\n.*\\S`, 'm'));
  }
});

test('its version is that of the newest chapter of the changelog, and of the lock file', () => {
  const [, newest] = /^## (\S+)$/m.exec(readFileSync('CHANGELOG.md', 'utf8')) ?? [];
  expect(version).toBe(newest);
  const lock: Manifest = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  expect(lock.version).toBe(version);
});
