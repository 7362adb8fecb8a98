// What V8 has compiled of the commands goes with them, and is only ever used for what it was made of.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { privateDirectory } from '../../helpers/command.ts';
import { output } from '../../../scripts/run.ts';
import { sleep } from '../../../shared/time.ts';
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
    expect(codeOf(folder)).toContain(`.${process.version}-${process.arch}`);
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

type Damage = readonly [string, (code: string) => void];

function change(code: string, damage: (bytes: Buffer) => unknown): void {
  const bytes = readFileSync(code);
  damage(bytes);
  writeFileSync(code, bytes);
}

/** As if another version of V8 had made it; the sum is right. */
function ofOtherNode(bytes: Buffer): void {
  bytes.writeUInt32LE(0x12_34_56_78, 4);
  const sum = crc32(readFileSync('dist/client/program.cjs'), crc32(bytes.subarray(0, -4)));
  bytes.writeUInt32LE(sum, bytes.length - 4);
}

const DAMAGE: readonly Damage[] = [
  ['missing', (code) => rmSync(code)],
  ['empty', (code) => truncateSync(code, 0)],
  ['cut', (code) => truncateSync(code, 10_000)],
  ['three bytes', (code) => truncateSync(code, 3)],
  ['something else', (code) => writeFileSync(code, 'x'.repeat(100_000))],
  ['zeros', (code) => change(code, (bytes) => bytes.fill(0))],
  ['zeros behind what V8 looks at', (code) => change(code, (bytes) => bytes.fill(0, 64))],
  ['zeros in its second half', (code) => change(code, (bytes) => bytes.fill(0, bytes.length / 2))],
  ...[1, 2, 3, 4, 5, 6, 7].map((eighths): Damage => {
    const from = (bytes: Buffer): number => Math.floor((bytes.length * eighths) / 8);
    const damage = (bytes: Buffer): Buffer => bytes.fill(0, from(bytes), from(bytes) + 4_096);
    return [`without a page after ${eighths} eighths`, (code) => change(code, damage)];
  }),
  ['a folder', (code) => (rmSync(code), mkdirSync(code))],
  ["another Node's", (code) => renameSync(code, code.replace(/v[\d.]+/, 'v20.0.0'))],
  ["another Node's, by its name this one's", (code) => change(code, ofOtherNode)],
  ["another program's", (code) => cpSync(codeOf('dist/service'), code)],
];

function copyOfClient(): string {
  const suite = privateDirectory();
  cpSync('dist/client', path.join(suite, 'dist/client'), { recursive: true });
  cpSync('dist/yargs.cjs', path.join(suite, 'dist/yargs.cjs'));
  cpSync('package.json', path.join(suite, 'package.json'));
  return suite;
}

const mainOf = (suite: string): string => path.join(suite, 'dist/client/main.cjs');

test.skipIf(process.platform === 'win32').for(DAMAGE)(
  'a command starts where it is %s',
  async ([, damage]) => {
    const suite = copyOfClient();
    damage(codeOf(path.join(suite, 'dist/client')));
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    const printed = await output([process.execPath, mainOf(suite), '--version']);
    expect(printed.trim()).toBe(version);
  },
);

test.skipIf(process.platform === 'win32')(
  'a program that was changed since, to one as long, is what runs',
  async () => {
    const suite = copyOfClient();
    const program = path.join(suite, 'dist/client/program.cjs');
    const text = readFileSync(program, 'utf8');
    const changed = text.replaceAll('calculator-client', 'calculator-CLIENT');
    expect(changed).toHaveLength(text.length);
    writeFileSync(program, changed);
    expect(await output([process.execPath, mainOf(suite), '--help'])).toContain(
      'calculator-CLIENT',
    );
  },
);

test.skipIf(process.platform === 'win32')(
  'commands that start while it is replaced all start',
  async () => {
    const suite = copyOfClient();
    const code = codeOf(path.join(suite, 'dist/client'));
    const bytes = readFileSync(code);
    let isDone = false;
    const replacing = (async () => {
      for (let round = 0; !isDone; round++) {
        writeFileSync(code, bytes.subarray(0, bytes.length / 2));
        await sleep(1);
        writeFileSync(code, round % 2 === 0 ? bytes : Buffer.alloc(bytes.length));
        await sleep(1);
      }
    })();
    const command = [process.execPath, mainOf(suite), '--version'];
    const ended = await Promise.allSettled(Array.from({ length: 10 }, () => output(command)));
    isDone = true;
    await replacing;
    expect(ended.map(({ status }) => status)).toEqual(ended.map(() => 'fulfilled'));
  },
);

test('nothing is left of the modules that a program is made of, by its name', () => {
  for (const [folder] of PROGRAMS) expect(existsSync(path.join(folder, 'main.js'))).toBe(false);
});
