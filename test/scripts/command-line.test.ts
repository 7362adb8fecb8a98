// The command line of every program that `npm run` starts from scripts/.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Finished } from '../../scripts/process.ts';
import { program } from '../helpers/command.ts';

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  scripts: Readonly<Record<string, string>>;
};

const FILES = new Map<string, string>();
for (const [name, command] of Object.entries(scripts)) {
  const [, file] = /^node (dist\/scripts\/\S+)$/.exec(command) ?? [];
  if (file !== undefined) FILES.set(name, file);
}

/** What each refuses beside what none has, and the word of the sentence that says which it was. */
const WRONG: Readonly<Record<string, readonly (readonly [line: string, said: string])[]>> = {
  demo: [
    ['--secure=perhaps', 'secure'],
    ['secure', 'secure'],
  ],
  faults: [
    ['no-such-fault', 'no-such-fault'],
    ['--rounds 0', '--rounds'],
    ['--rounds many', 'rounds'],
    ['--seconds 1.5', '--seconds'],
    ['--seed -1', '--seed'],
    ['--transfer by-hand', 'by-hand'],
    ['--security Kerberos', 'Kerberos'],
    ['--write --quick', '--write'],
    ['--security tls upgrade one-user', 'one-user'],
  ],
  fleet: [
    ['--only no-such-fault', 'no-such-fault'],
    ['machine-cut', 'machine-cut'],
    ['--write --short', '--write'],
    ['--scale --short', '--scale'],
    ['--scale --machines 0', '--machines'],
    ['--scale --machines 3 --paths 5', '--paths'],
  ],
  fuzz: [
    ['--minutes 0', '--minutes'],
    ['--minutes soon', 'minutes'],
    ['--seed 1.5', '--seed'],
    ['5', '5'],
  ],
  platforms: [
    ['--only amiga', 'amiga'],
    ['--require amiga', 'amiga'],
    ['arm64', 'arm64'],
  ],
  interop: [
    ['--require nobody', 'nobody'],
    ['--client nobody', 'nobody'],
    ['--service nobody', 'nobody'],
    ['--mode backwards', 'backwards'],
    ['--scenario tragedy', 'tragedy'],
    ['--at-a-time 0', '--at-a-time'],
    ['--at-a-time all', 'at-a-time'],
    ['--write --client ours', '--write'],
    ['mono', 'mono'],
  ],
  bench: [
    ['--case nothing', 'nothing'],
    ['--against HEAD --case codec', 'codec'],
    ['--rounds 0', '--rounds'],
    ['--rounds 1.5', '--rounds'],
    ['--write --quick', '--write'],
    ['--write --against HEAD', '--write'],
    ['--plot --against HEAD', '--plot'],
    ['--json', '--json'],
    ['codec', 'codec'],
  ],
};

function runLine(name: string, line: string): Promise<Finished> {
  const words = line.split(' ').filter((word) => word !== '');
  return program([process.execPath, FILES.get(name) ?? '', ...words], { input: '' }).finished;
}

test('the table has every program', () => {
  expect(Object.keys(WRONG).toSorted()).toEqual([...FILES.keys()].toSorted());
});

test.for([...FILES.keys()])(
  '%s --help says how to call it, and does nothing else',
  async (name) => {
    const { status, stdout, stderr } = await runLine(name, '--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^npm run ${name} -- \\[`));
    expect(stdout).toMatch(/^Exit status: 0[^]*\b64\s+for\s+a\s+wrong\s+option/m);
  },
);

const REFUSED = [...FILES.keys()].flatMap((name) =>
  [['--nonsense', 'nonsense'] as const, ['-x', '-x'] as const, ...(WRONG[name] ?? [])].map(
    ([line, said]) => ({ name, line, said }),
  ),
);

test.for(REFUSED)('$name refuses $line in one sentence', async ({ name, line, said }) => {
  const { status, stdout, stderr } = await runLine(name, line);
  expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
  expect(stderr).toMatch(/^Usage: [^\n]+\.\n$/);
  expect(stderr).toContain(said);
});
