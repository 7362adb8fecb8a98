// npm run platforms: see SCRIPT.
import { join } from 'node:path';
import chalk from 'chalk';
import { COMMON_OPTIONS, type Values } from '../shared/command-line/command.ts';
import { type Script, startScript } from './command-line.ts';
import { findArm64 } from './platforms/arm64.ts';
import type { Platform, PlatformName } from './platforms/platform.ts';
import { scenarioOn } from './platforms/scenario.ts';
import { findWindows } from './platforms/windows.ts';
import { removeDirectory, temporaryDirectory } from './temporary.ts';

/** How to find each platform, and the directory of its daemon, as the platform writes paths. */
const PLATFORMS: Readonly<
  Record<
    PlatformName,
    {
      find(directory: string): Promise<Platform>;
      daemonAt(directory: string, name: string): string;
    }
  >
> = {
  windows: { find: findWindows, daemonAt: (_, name) => `C:\\ntps-${name}` },
  arm64: { find: findArm64, daemonAt: join },
};
const NAMES = Object.keys(PLATFORMS) as PlatformName[];

const OPTIONS = {
  require: {
    choices: NAMES,
    array: true,
    default: [] as PlatformName[],
    describe: 'a platform that has to be had; may be repeated',
  },
  only: { choices: NAMES, describe: 'this platform alone' },
  // An emulator takes half a minute for each.
  short: {
    type: 'boolean',
    default: false,
    describe: 'without the steps that take long: a restart, and a killed daemon',
  },
  color: COMMON_OPTIONS.color,
} as const;
type Options = Values<typeof OPTIONS>;

const SCRIPT: Script<typeof OPTIONS> = {
  name: 'npm run platforms --',
  usage:
    '$0 [options]\n\nRuns the sample on other systems: Windows under Wine, arm64 under qemu. Says what holds on each, and what was skipped and why.',
  examples: [['$0 --only arm64', 'one platform']],
  options: OPTIONS,
  exitStatuses:
    'Exit status: 0 if all holds, 1 if something does not, 2 if a required platform cannot be had, 64 for a wrong option.',
};

await startScript(SCRIPT, main);

async function main(options: Options): Promise<number> {
  const started = performance.now();
  const outcomes = new Map<PlatformName, 'holds' | 'fails' | 'skipped'>();
  for (const name of NAMES.filter((each) => (options.only ?? each) === each)) {
    outcomes.set(name, await show(name, options.short));
  }
  const seconds = Math.round((performance.now() - started) / 1_000);
  const counted = [...outcomes].map(([name, outcome]) => `${name} ${outcome}`).join(', ');
  console.log(`${counted} in ${seconds} s`);
  const absent = options.require.filter((name) =>
    [undefined, 'skipped'].includes(outcomes.get(name)),
  );
  if (absent.length > 0) {
    console.error(`platforms: required, but not to be had: ${absent.join(', ')}`);
    return 2;
  }
  return [...outcomes.values()].includes('fails') ? 1 : 0;
}

async function show(name: PlatformName, isShort: boolean): Promise<'holds' | 'fails' | 'skipped'> {
  const directory = temporaryDirectory();
  let platform: Platform;
  try {
    platform = await PLATFORMS[name].find(directory);
  } catch (error) {
    console.log(`${name}  ${chalk.yellow('skipped')}: ${messageOf(error)}`);
    removeDirectory(directory);
    return 'skipped';
  }
  console.log(`${name}  ${platform.version}, ${platform.transfer}`);
  try {
    // An emulator with too little processor time may hang by itself.
    const [first, second] = ['1', '2'].map((each) => PLATFORMS[name].daemonAt(directory, each));
    if (await holds(platform, first ?? '', isShort)) return 'holds';
    console.log('    once more:');
    return (await holds(platform, second ?? '', isShort)) ? 'holds' : 'fails';
  } finally {
    await platform.close();
    removeDirectory(directory);
  }
}

async function holds(platform: Platform, daemonAt: string, isShort: boolean): Promise<boolean> {
  const scenario = scenarioOn(platform, daemonAt);
  try {
    for (const step of scenario.steps) {
      if (isShort && step.isLong === true) continue;
      const started = performance.now();
      const error = await step.run().then(
        () => undefined,
        (caught: unknown) => messageOf(caught),
      );
      const seconds = ((performance.now() - started) / 1_000).toFixed(1).padStart(5);
      const word = error === undefined ? chalk.green('ok   ') : chalk.red('fails');
      console.log(`    ${step.name.padEnd(50)}${word}${chalk.dim(`${seconds} s`)}`);
      if (error === undefined) continue;
      console.log(`    ${error}`);
      return false;
    }
    return true;
  } finally {
    await scenario.close();
  }
}

function messageOf(caught: unknown): string {
  return caught instanceof Error ? caught.message : String(caught);
}
