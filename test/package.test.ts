// The package as npm makes and takes it.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { CLIENT, privateDirectory, runCommand, SERVICE, startService } from './helpers/command.ts';

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
  expect(files).toEqual(expect.arrayContaining(['dist/yargs.cjs', 'dist/LICENSE-3rd-party.txt']));
  const text = readFileSync('dist/LICENSE-3rd-party.txt', 'utf8');
  for (const name of ['yargs', 'chalk', 'cliui', 'string-width']) {
    expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(\\w+\\)\\n\\n.*\\S`, 'm'));
  }
});

test.for([
  ['service', ['security']],
  ['client', ['security', 'soap']],
] as const)('a plain start of the %s loads nothing of what few starts need', ([name, later]) => {
  expect(files).toContain(`dist/${name}`);
  const text = readFileSync(`dist/${name}/program.cjs`, 'utf8');
  // What is loaded with it, and what later: `() => require(…)`, or `() => interop(require(…))`.
  const loads = [...text.matchAll(/(\(\)=>(?:\/\*.*?\*\/ )?(?:[\w$]+\()?)?\brequire\("(.+?)"/g)];
  const inTime = loads.flatMap(([, later, from]) => (later === undefined ? [] : [from ?? '']));
  const atOnce = loads.flatMap(([, later, from]) => (later === undefined ? [from ?? ''] : []));
  expect(atOnce).toContain('node:net');
  expect(atOnce.filter((from) => from.startsWith('.'))).toEqual([]);
  expect(atOnce).not.toContain('node:tls');
  expect(inTime).toEqual(expect.arrayContaining(later.map((file) => `./${file}.cjs`)));
  const found = inTime.filter((from) => from.startsWith('./'));
  expect(found.filter((from) => !existsSync(path.join('dist', name, from)))).toEqual([]);
});

test('service and client start without the modules of Node that only others need', async () => {
  const directory = privateDirectory();
  const preload = path.join(directory, 'preload.mjs');
  const report = path.join(directory, 'loaded.txt');
  const write = `writeFileSync(${JSON.stringify(report)}, process.moduleLoadList.join('\\n'))`;
  writeFileSync(
    preload,
    `import { writeFileSync } from 'node:fs';\nprocess.on('exit', () => ${write});\n`,
  );
  const loadedBy = (): string[] => {
    const names = readFileSync(report, 'utf8').split('\n');
    const rare = ['crypto', 'child_process', 'dns/promises', 'tls'];
    return rare.filter((name) => names.includes(`NativeModule ${name}`));
  };
  // A daemon is there before the service whose start counts.
  const { address } = await startService(directory);
  const options = { directory, input: '\n', env: { NODE_OPTIONS: `--import ${preload}` } };

  await runCommand(SERVICE, ['--port', '0'], options);
  expect(loadedBy()).toEqual([]);
  const { stdout } = await runCommand(CLIENT, ['--address', address, 'add', '1', '2'], options);
  expect(stdout).toContain('= 3');
  expect(loadedBy()).toEqual([]);
});

test('its version is that of the newest chapter of the changelog, and of the lock file', () => {
  const [, newest] = /^## (\S+)$/m.exec(readFileSync('CHANGELOG.md', 'utf8')) ?? [];
  expect(version).toBe(newest);
  const lock: Manifest = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  expect(lock.version).toBe(version);
});
