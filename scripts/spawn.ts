// The one place that starts processes for scripts and tests, most of them for `RunningProcess`.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';

export interface ProcessOptions {
  /** Words before the command, of a program that becomes it: to run it somewhere else, such as in a namespace. */
  readonly within?: readonly string[] | undefined;
  /** All of its environment. Default: this process's. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly cwd?: string | undefined;
  /** All of its standard input. Without it, standard input stays open. */
  readonly input?: string | Uint8Array | undefined;
  /** What is also shown on this process's own output. Default: nothing. */
  readonly shows?: 'errors' | 'everything' | undefined;
  /** Milliseconds after which it is killed. Default: never. */
  readonly deadlineMs?: number | undefined;
  /** How many descriptors it may have open (`ulimit -n`). */
  readonly descriptors?: number | undefined;
  /** Processor core that it and its children run on. Needs `taskset`. */
  readonly core?: number | undefined;
  /** User to run as; only root can choose. */
  readonly uid?: number | undefined;
  /** Descriptor of this process that it gets as its descriptor 3. */
  readonly inherits?: number | undefined;
  /** Whether signals go to all that it has started, too. Not on Windows. */
  readonly isGroup?: boolean | undefined;
  /** Whether it exchanges messages with this process; its output is then this process's. See `Worker`. */
  readonly hasMessages?: boolean | undefined;
}

/** Starts a process: program and arguments. */
export function start(command: readonly string[], options: ProcessOptions): ChildProcess {
  const { env, cwd, descriptors, core, uid, inherits, hasMessages = false, within = [] } = options;
  const there = [...within, ...command];
  const limited =
    descriptors === undefined
      ? there
      : ['/bin/sh', '-c', `ulimit -n ${descriptors} && exec "$@"`, 'sh', ...there];
  const [program = '', ...words] =
    core === undefined ? limited : ['taskset', '-c', String(core), ...limited];
  return spawn(program, words, {
    stdio: hasMessages
      ? ['ignore', 'inherit', 'inherit', 'ipc']
      : ['pipe', 'pipe', 'pipe', ...(inherits === undefined ? [] : [inherits])],
    env: env ?? process.env,
    cwd,
    detached: isGroup(options),
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
}

/**
 * Runs a short command while this process waits, for what cannot await: a constructor.
 *
 * @throws {Error} if it ends with another status than 0; with what it said on standard error
 */
export function runAtOnce([program = '', ...words]: readonly string[]): void {
  execFileSync(program, words, { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Whether signals go to all that the process has started, too. */
export function isGroup(options: ProcessOptions): boolean {
  return options.isGroup === true && process.platform !== 'win32';
}

/** How a process ended, in words. @param deadlineMs after which it was killed, if it was */
export function describeEnd(
  status: number | null,
  signal: NodeJS.Signals | null,
  failure: NodeJS.ErrnoException | undefined,
  deadlineMs: number | undefined,
): string {
  if (failure?.code === 'ENOENT') return 'is not installed here';
  if (failure !== undefined) return `could not be started (${failure.message})`;
  if (deadlineMs !== undefined) return `did not end within ${deadlineMs} ms`;
  return signal === null ? `ended with status ${status}` : `was ended by ${signal}`;
}
