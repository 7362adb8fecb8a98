import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { type Finished, RunningProcess } from '../../scripts/process.ts';
import type { ProcessOptions } from '../../scripts/spawn.ts';
import { removeDirectory, temporaryDirectory } from '../../scripts/temporary.ts';
import { sleep } from '../../shared/time.ts';

export const SERVICE = 'dist/service/main.cjs';
export const CLIENT = 'dist/client/main.cjs';
export const PORT_SHARING = 'dist/shared/tool/main.cjs';

/**
 * A directory of this test's own for a daemon. When the test ends so does the daemon, and the
 * directory is removed.
 */
export function privateDirectory(): string {
  const directory = temporaryDirectory();
  onTestFinished(async () => {
    await stopDaemons(directory);
    removeDirectory(directory);
  });
  return directory;
}

/** Ends whatever daemon uses `directory`, by the pids that its log names. */
async function stopDaemons(directory: string): Promise<void> {
  const log = path.join(directory, 'daemon.log');
  if (!existsSync(log)) return;
  const pids = [...readFileSync(log, 'utf8').matchAll(/ started pid=(\d+)/g)].map(([, pid]) =>
    Number(pid),
  );
  for (const pid of pids) if (isDaemon(pid)) process.kill(pid, 'SIGKILL');
  while (pids.some(isDaemon)) await sleep(5);
}

/** Whether `pid` is a daemon of the suite: pids are used again. */
export function isDaemon(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const file = `/proc/${pid}/cmdline`;
    if (!existsSync('/proc/self/cmdline')) return true;
    const command = readFileSync(file, 'utf8');
    return (
      command.includes('port-sharing') &&
      !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
    );
  } catch {
    return false;
  }
}

interface CommandOptions extends Pick<ProcessOptions, 'env' | 'descriptors' | 'input'> {
  /** Directory of the daemon; see {@link privateDirectory}. */
  readonly directory?: string;
}

/** A process of any program. It is killed when the test ends, whatever the test did. */
export function program(command: readonly string[], options: ProcessOptions = {}): RunningProcess {
  const started = new RunningProcess(command, options);
  onTestFinished(async () => {
    await started.end();
  });
  return started;
}

/** One real process of the suite. It is killed when the test ends, whatever the test did. */
export class Command extends RunningProcess {
  constructor(entry: string, args: readonly string[], options: CommandOptions = {}) {
    const { directory, env, ...others } = options;
    super([process.execPath, entry, ...args], {
      ...others,
      env: {
        ...process.env,
        NO_COLOR: '1',
        FORCE_COLOR: undefined,
        NODE_OPTIONS: undefined,
        NET_TCP_PORT_SHARING_DIR: directory,
        ...env,
      },
    });
    onTestFinished(async () => {
      await this.end();
    });
  }
}

/** Runs a command to its end. */
export function runCommand(
  entry: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Finished> {
  return new Command(entry, args, { input: '', ...options }).finished;
}

/** A service of the suite, on a free port. */
export async function startService(
  directory: string | undefined,
  args: readonly string[] = ['--port', '0'],
  env: NodeJS.ProcessEnv = {},
): Promise<{
  readonly service: Command;
  readonly number: string;
  readonly port: string;
  readonly address: string;
}> {
  const service = new Command(SERVICE, ['--json', ...args], {
    env,
    ...(directory === undefined ? {} : { directory }),
  });
  const { number, address } = await service.ready();
  const port = /:(\d+)\//.exec(String(address))?.[1] ?? '';
  return { service, number: String(number), port, address: String(address) };
}
