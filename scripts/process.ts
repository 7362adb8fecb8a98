// How scripts and tests start a process, wait for what it says, and end it.
import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { stopSignals } from '../shared/command-line/signals.ts';
import { describeEnd, isGroup, type ProcessOptions, start } from './spawn.ts';

/** Milliseconds to wait for what a process is to say: nothing here may hang. */
const PATIENCE_MS = 50_000;
const STOP_MS = 10_000;
/** Milliseconds after its end in which the last output of a killed process is read. */
const LAST_WORDS_MS = 1_000;

/** How a process ended, and everything that it said. */
export interface Finished {
  /** Exit status; `null` if a signal ended it, or if it never started. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const running = new Set<RunningProcess>();
// However this process ends, nothing that it started goes on.
process.on('exit', () => {
  for (const one of running) one.kill('SIGKILL');
});

/** A process that was started. It is killed when this process exits, unless it has ended before. */
export class RunningProcess {
  /** Settles when the process has ended and its output has been read. Never rejects. */
  readonly finished: Promise<Finished>;
  protected readonly child: ChildProcess;
  readonly #program: string;
  readonly #isGroup: boolean;
  readonly #watchers = new Set<() => void>();
  #stdout = '';
  #stderr = '';
  #isOver = false;
  #isLate = false;
  #how = 'runs';
  /** How much of standard output {@link nextLine} has returned. */
  #linesEnd = 0;

  /** @param command program and arguments */
  constructor(command: readonly string[], options: ProcessOptions = {}) {
    this.#program = command.slice(0, 2).join(' ');
    this.#isGroup = isGroup(options);
    this.child = start(command, options);
    running.add(this);
    this.finished = this.#untilItEnds(options.deadlineMs);
    const { stdin, stdout, stderr } = this.child;
    stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      if (options.shows === 'everything') process.stdout.write(text);
      this.#look();
    });
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
      if (options.shows !== undefined) process.stderr.write(text);
      this.#look();
    });
    // If it ends while it is written to, its end tells.
    stdin?.on('error', () => {});
    if (options.input !== undefined) stdin?.end(options.input);
  }

  /** Process id; -1 if it did not start. */
  get pid(): number {
    return this.child.pid ?? -1;
  }

  get isRunning(): boolean {
    return !this.#isOver;
  }

  /** Whether it was killed because its deadline had passed. */
  get isLate(): boolean {
    return this.#isLate;
  }

  /** How it ended, in words: `ended with status 1`, `was ended by SIGKILL`, … */
  get how(): string {
    return this.#how;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /**
   * Waits until its output holds a text or matches a pattern.
   *
   * @throws {Error} if it ends first, or does not say it in time; with what it said
   */
  async said(wanted: string | RegExp, withinMs = PATIENCE_MS): Promise<void> {
    const isSaid = (text: string): boolean =>
      typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text);
    await this.until(
      () => (isSaid(this.#stdout) || isSaid(this.#stderr) ? true : undefined),
      `said ${typeof wanted === 'string' ? JSON.stringify(wanted) : String(wanted)}`,
      withinMs,
    );
  }

  /**
   * Waits for the next line of standard output that was not returned yet.
   *
   * @throws {Error} as {@link said}
   */
  async nextLine(withinMs = PATIENCE_MS): Promise<string> {
    const line = (): string | undefined => {
      const end = this.#stdout.indexOf('\n', this.#linesEnd);
      if (end < 0) return undefined;
      const text = this.#stdout.slice(this.#linesEnd, end);
      this.#linesEnd = end + 1;
      return text;
    };
    return await this.until(line, 'said another line', withinMs);
  }

  /**
   * Waits for the first line of standard output and parses it as JSON: what a service with `--json` prints when it
   * is ready.
   */
  async ready(): Promise<Readonly<Record<string, unknown>>> {
    await this.until(() => (this.#stdout.includes('\n') ? true : undefined), 'said a line');
    return JSON.parse(this.#stdout.split('\n', 1)[0] ?? '') as Readonly<Record<string, unknown>>;
  }

  type(text: string): void {
    this.child.stdin?.write(text);
  }

  endInput(): void {
    this.child.stdin?.end();
  }

  /** Closes this side of its standard output: its next write fails. */
  stopReading(): void {
    this.child.stdout?.destroy();
  }

  /** Sends a signal, unless the process has ended. */
  kill(signal: NodeJS.Signals): void {
    if (this.#isOver || this.child.pid === undefined) return;
    try {
      process.kill(this.#isGroup ? -this.child.pid : this.child.pid, signal);
    } catch {
      // It has just ended.
    }
    if (signal === 'SIGKILL') this.#letGo();
  }

  /** Processes that it has started may go on, and hold its output open for ever: their end is not waited for. */
  #letGo(): void {
    const { stdout, stderr } = this.child;
    setTimeout(() => {
      stdout?.destroy();
      stderr?.destroy();
    }, LAST_WORDS_MS).unref();
  }

  /** Kills it, stopped or not, and waits for its end. */
  async end(): Promise<Finished> {
    this.kill('SIGKILL');
    return await this.finished;
  }

  /** Ends it as its user would, by the end of its input or by a signal; kills it if that does not help. */
  async stop(how: 'input' | NodeJS.Signals = 'input', withinMs = STOP_MS): Promise<Finished> {
    if (how === 'input') this.endInput();
    else this.kill(how);
    const timer = setTimeout(() => this.kill('SIGKILL'), withinMs);
    const finished = await this.finished;
    clearTimeout(timer);
    return finished;
  }

  /** Waits until `find`, asked whenever the process says something, gives a value. */
  protected until<T>(find: () => T | undefined, what: string, withinMs = PATIENCE_MS): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.#watchers.delete(look);
      };
      const look = (): boolean => {
        const found = find();
        if (found === undefined) return false;
        settle();
        resolve(found);
        return true;
      };
      const fail = (why: string): void => {
        settle();
        const said = JSON.stringify({ stdout: this.#stdout, stderr: this.#stderr });
        reject(new Error(`${this.#program} ${why} before it ${what}: ${said}`));
      };
      const timer = setTimeout(() => fail(`took more than ${withinMs} ms`), withinMs);
      if (look()) return;
      this.#watchers.add(look);
      void this.finished.then(() => {
        if (this.#watchers.has(look) && !look()) fail(this.#how);
      });
    });
  }

  #look(): void {
    for (const look of this.#watchers) look();
  }

  #untilItEnds(deadlineMs: number | undefined): Promise<Finished> {
    return new Promise((resolve) => {
      const onLate = (): void => {
        this.#isLate = true;
        this.kill('SIGKILL');
      };
      const timer = deadlineMs === undefined ? undefined : setTimeout(onLate, deadlineMs);
      let failure: NodeJS.ErrnoException | undefined;
      const over = (exitStatus: number | null, signal: NodeJS.Signals | null): void => {
        this.#isOver = true;
        running.delete(this);
        clearTimeout(timer);
        const status = failure === undefined ? exitStatus : null;
        this.#how = describeEnd(status, signal, failure, this.#isLate ? deadlineMs : undefined);
        resolve({ status, signal, stdout: this.#stdout, stderr: this.#stderr });
      };
      this.child.once('error', (error) => (failure = error));
      this.child.once('close', over);
    });
  }
}

/** Lets SIGINT, SIGTERM and SIGHUP end this process by `exit`, so that all processes that it started end, too. */
export function exitOnSignals(): void {
  const { signal } = stopSignals('stop');
  signal.addEventListener('abort', () => {
    process.exit(128 + constants.signals[signal.reason as NodeJS.Signals]);
  });
}
