// `net-tcp-port-sharing user add`, as somebody types it.
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../../scripts/temporary.ts';
import { findAccount, parseAccounts } from '../../shared/security/accounts.ts';
import { ntHash } from '../../shared/security/negotiate/ntlm/hashes.ts';
import { parseUsers, validateAgainst } from '../../shared/security/users.ts';
import { program, PORT_SHARING, runCommand } from '../helpers/command.ts';

const PASSWORD = 'marker-of-a-pässword';

function add(file: string, name: string, password = PASSWORD): ReturnType<typeof runCommand> {
  return runCommand(PORT_SHARING, ['user', 'add', name, ...file.split(' ')], {
    input: `${password}\n`,
  });
}

test('a user is added, and changed, with a password from a pipe', async () => {
  const file = join(temporaryDirectory(), 'users');
  writeFileSync(file, '# ours\n');
  expect(await add(`--users ${file}`, 'dave', 'first')).toMatchObject({
    status: 0,
    stdout: `Added: "dave" in "${file}"\n`,
  });
  expect(await add(`--users ${file}`, 'Dave')).toMatchObject({
    status: 0,
    stdout: `Changed: "Dave" in "${file}"\n`,
  });
  const text = readFileSync(file, 'utf8');
  expect(text).toMatch(/^# ours\nDave:scrypt\$/);
  const validate = validateAgainst(() => parseUsers(text, file));
  expect(await validate('dave', PASSWORD)).toBe(true);
  expect(await validate('dave', 'first')).toBe(false);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('an account has the hash that NTLM needs', async () => {
  const file = join(temporaryDirectory(), 'accounts');
  expect(await add(`--accounts ${file}`, 'DOM\\carol')).toMatchObject({ status: 0, stderr: '' });
  const accounts = parseAccounts(readFileSync(file, 'utf8'), file);
  expect(findAccount(accounts, 'carol', 'dom')?.hash).toEqual(ntHash(PASSWORD));
});

test.for<[string, readonly string[], RegExp]>([
  ['no file', [], /Say which file/],
  ['both kinds of file', ['--users', 'FILE', '--accounts', 'FILE'], /Say which file/],
  ['a file of another kind', ['--accounts', 'OTHER'], /line 1: the hash is not one/],
])('%s is refused, and nothing is written', async ([, words, why]) => {
  const directory = temporaryDirectory();
  const [file, other] = [join(directory, 'new'), join(directory, 'other')];
  writeFileSync(other, 'dave:scrypt$\n');
  const names = words.map((word) => word.replace('FILE', file).replace('OTHER', other));
  const run = await runCommand(PORT_SHARING, ['user', 'add', 'dave', ...names], { input: 'x\n' });
  expect(run.status).toBe(64);
  expect(run.stderr).toMatch(why);
  expect(existsSync(file)).toBe(false);
});

test('a name that cannot be one is refused before a password is asked for', async () => {
  const file = join(temporaryDirectory(), 'users');
  const run = await runCommand(PORT_SHARING, ['user', 'add', 'a:b', '--users', file]);
  expect(run.stderr).toContain('"a:b" cannot be a user');
});

/** Types at a pseudo-terminal, once the program asks. @returns all that the terminal showed */
async function type(lines: readonly string[], command: readonly string[]): Promise<string> {
  const line = [process.execPath, ...command].join(' ');
  const running = program(['script', '-qec', line, '/dev/null'], { env: process.env });
  const prompts = [/Password for .*: $/, /Repeat it: $/];
  for (const [index, typed] of lines.entries()) {
    await running.said(prompts[index] ?? /$/);
    running.type(`${typed}\r`);
  }
  const { stdout } = await running.finished;
  return stdout;
}

test.skipIf(!existsSync('/usr/bin/script'))('a terminal shows no password', async () => {
  const file = join(temporaryDirectory(), 'accounts');
  const command = [PORT_SHARING, 'user', 'add', 'carol', '--accounts', file];
  const shown = await type(
    [`mistake\u007f${''.padEnd(6, '\u007f')}${PASSWORD}`, PASSWORD],
    command,
  );
  expect(shown).not.toContain('marker');
  expect(shown).toContain('Added: "carol"');
  const accounts = parseAccounts(readFileSync(file, 'utf8'), file);
  expect(findAccount(accounts, 'carol', '')?.hash).toEqual(ntHash(PASSWORD));
  expect(await type(['one', 'another'], command)).toContain('The two passwords differ');
});
