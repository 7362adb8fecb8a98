// What V8 has compiled of the commands goes with them, and is only ever used for what it was made of.
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { privateDirectory } from '../../helpers/command.ts';
import { output } from '../../../scripts/run.ts';
import { YOUNG_GENERATION } from '../../../shared/port-sharing/service/start-daemon.ts';

const PROGRAMS = [
  ['dist/client', []],
  ['dist/service', []],
  ['dist/shared/tool', []],
  ['dist/shared/port-sharing/daemon', [YOUNG_GENERATION]],
] as const;

/** The file beside a program. */
function codeOf(folder: string): string {
  const code = readdirSync(folder).filter((name) => name.startsWith('program.cjs.'));
  expect(code).toHaveLength(1);
  return path.join(folder, code[0] ?? '');
}

/** Run before a command: says whether V8 took what it was given. */
const REPORT = `
import vm from 'node:vm';
const { Script } = vm;
vm.Script = class extends Script {
  constructor(...all) {
    super(...all);
    console.log('rejected:', this.cachedDataRejected);
    process.exit();
  }
};
`;

test.skipIf(process.platform === 'win32').for(PROGRAMS)(
  'V8 takes that of %s',
  async ([folder, options]) => {
    const report = path.join(privateDirectory(), 'report.mjs');
    writeFileSync(report, REPORT);
    expect(codeOf(folder)).toContain(`-${process.version}-${process.arch}`);
    const command = [
      process.execPath,
      ...options,
      '--import',
      report,
      path.join(folder, 'main.cjs'),
    ];
    expect(await output(command)).toBe('rejected: false\n');
  },
);

const DAMAGE: readonly (readonly [string, (code: string) => void])[] = [
  ['missing', (code) => rmSync(code)],
  ['empty', (code) => truncateSync(code, 0)],
  ['cut', (code) => truncateSync(code, 10_000)],
  ['something else', (code) => writeFileSync(code, 'x'.repeat(100_000))],
  ["another program's", (code) => cpSync(codeOf('dist/service'), code)],
];

test.skipIf(process.platform === 'win32').for(DAMAGE)(
  'a command starts where it is %s',
  async ([, damage]) => {
    const suite = privateDirectory();
    cpSync('dist/client', path.join(suite, 'dist/client'), { recursive: true });
    cpSync('package.json', path.join(suite, 'package.json'));
    damage(codeOf(path.join(suite, 'dist/client')));
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    cpSync('dist/yargs.cjs', path.join(suite, 'dist/yargs.cjs'));
    const printed = await output([
      process.execPath,
      path.join(suite, 'dist/client/main.cjs'),
      '--version',
    ]);
    expect(printed.trim()).toBe(version);
  },
);

test('nothing is left of the modules that a program is made of, by its name', () => {
  for (const [folder] of PROGRAMS) expect(existsSync(path.join(folder, 'main.js'))).toBe(false);
});
