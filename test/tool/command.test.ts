// What the tool says to somebody who does not know it yet.
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { PORT_SHARING, privateDirectory, runCommand, SERVICE } from '../helpers/command.ts';
import { scratchDirectory } from '../helpers/directory.ts';

test('without a word it shows its commands', async () => {
  const { status, stdout, stderr } = await runCommand(PORT_SHARING, []);
  expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
  for (const command of ['status', 'start', 'stop', 'restart', 'route', 'decode']) {
    expect(stderr).toContain(`net-tcp-port-sharing ${command}`);
  }
  expect(stderr).toMatch(/Usage: Say what to do: one of the commands above\.\n$/);
  const json = await runCommand(PORT_SHARING, ['--json']);
  expect(JSON.parse(json.stderr)).toMatchObject({ event: 'error', code: 'Usage' });
});

test.for<[args: string[], text: string]>([
  [['stats'], 'Did you mean status?'],
  [['restrat'], 'Did you mean restart?'],
  [['nonsense'], 'Unknown argument: nonsense.'],
  [['status', 'nonsense'], 'Unknown argument: nonsense.'],
  [['route'], 'Say: route add /orders 127.0.0.1:9101'],
  [['route', 'ad'], 'Choices: "add", "remove", "list"'],
  [['decode'], 'Say which file to decode'],
])('%o', async ([args, text]) => {
  const { status, stdout, stderr } = await runCommand(PORT_SHARING, args);
  expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
  expect(stderr).toContain(text);
});

test.for<[word: string, text: string]>([
  ['4381', 'The number has an option of its own: --salt 4381'],
  ['hello', '"hello" is not an option'],
])('a service that is given %s', async ([word, text]) => {
  const { status, stdout, stderr } = await runCommand(SERVICE, [word]);
  expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
  expect(stderr).toContain(text);
});

/** The package as it is installed below `modules`; beside it what a package manager puts there. */
function install(files: (root: string) => string): { readonly entry: string } {
  const root = scratchDirectory();
  const folder = files(root);
  mkdirSync(path.join(folder, 'dist/shared'), { recursive: true });
  cpSync('package.json', path.join(folder, 'package.json'));
  cpSync('dist/shared/tool', path.join(folder, 'dist/shared/tool'), { recursive: true });
  cpSync('dist/yargs.cjs', path.join(folder, 'dist/yargs.cjs'));
  return { entry: path.join(folder, PORT_SHARING) };
}

test.for<[how: string, command: string, files: (root: string) => string]>([
  ['in a clone', 'npm run port-sharing enable', (root) => path.join(root, 'clone')],
  [
    'in a project',
    'npx net-tcp-port-sharing enable',
    (root) => {
      mkdirSync(path.join(root, 'node_modules/.bin'), { recursive: true });
      writeFileSync(path.join(root, 'node_modules/.bin/net-tcp-port-sharing'), '');
      return path.join(root, 'node_modules/net-tcp-port-sharing');
    },
  ],
  [
    'for all',
    ' net-tcp-port-sharing enable',
    (root) => path.join(root, 'lib/node_modules/net-tcp-port-sharing'),
  ],
])('installed %s, messages name the command as it is run there', async ([, command, files]) => {
  const directory = privateDirectory();
  writeFileSync(path.join(directory, 'start-type'), 'disabled\n');
  const { entry } = install(files);
  symlinkSync(path.resolve('node_modules'), path.join(entry, '../../../../node_modules'));
  const { stdout } = await runCommand(entry, ['status'], { directory });
  expect(stdout).toContain(`enable with:${command.startsWith(' ') ? '' : ' '}${command})`);
});

// These commands are in bundles of their own, which share classes with the main one: their errors are handled as any.
test.for([
  ['import', '/nonexistent/orders.wsdl'],
  ['metrics', '--listen', 'nowhere'],
  ['dashboard', '--listen', 'nowhere:80'],
])('a mistake in %s is no bug', async (words) => {
  const refused = await runCommand(PORT_SHARING, words);
  expect(refused).toMatchObject({ status: 64, stdout: '' });
  expect(refused.stderr).not.toContain('bug');
});
