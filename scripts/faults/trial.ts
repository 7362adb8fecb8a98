import type { Worker } from '../worker.ts';
import { type LoadFigures, NOTHING_YET, showFailures } from './harness/figures.ts';
import type { Latency } from './harness/latency.ts';
import { Stage } from './harness/stage.ts';
import { type Usage, usageOf } from '../proc.ts';

// What the processes of a trial do to each other on two processors; and when these have other work, too.
const QUICK_PATIENCE = 10;
const QUICK_TOLERANCE = 3;
const CHANCE_MS = 20;
const BUSY_CHANCE_MS = 1_000;

/** A fault that can be injected, by name. */
export interface Fault {
  readonly name: string;
  /** What is done, in a few words. */
  readonly does: string;
  /** Plays it. Promises are checked on the way; whatever is thrown is a broken promise, too. */
  play(trial: Trial): Promise<void>;
}

/** How trials are played. */
export interface TrialOptions {
  readonly transfer: 'hand-over' | 'relay';
  readonly seed: number;
  /** Small numbers, and four times the time for what has to be done in time: for machines that have other work. */
  readonly quick: boolean;
  /** Instead of each fault's own. */
  readonly rounds?: number | undefined;
  readonly seconds?: number | undefined;
}

/** A promise, and whether it was kept. */
export interface Verdict {
  readonly promise: string;
  readonly isKept: boolean;
  /** What was seen. */
  readonly got: string;
}

export interface ProcessFigures {
  readonly name: string;
  readonly before: Usage;
  readonly after: Usage;
}

/** One fault being played: its numbers, what it has measured, and what became of its promises. */
export class Trial {
  readonly options: TrialOptions;
  readonly random: () => number;
  readonly verdicts: Verdict[] = [];
  readonly processes: ProcessFigures[] = [];
  /** What a reader should know beside the figures. */
  readonly notes: string[] = [];
  figures: LoadFigures = NOTHING_YET;
  /** Why the fault cannot be played here. */
  skipped: string | undefined;
  /** Rounds that were played, for the table. */
  played = 1;
  readonly #stages: Stage[] = [];

  constructor(options: TrialOptions, random: () => number) {
    this.options = options;
    this.random = random;
  }

  get isHandOver(): boolean {
    return this.options.transfer === 'hand-over';
  }

  /** How often to play, and how long. */
  rounds(full: number, quick: number): number {
    this.played = this.options.rounds ?? (this.options.quick ? quick : full);
    return this.played;
  }

  seconds(full: number, quick: number): number {
    return this.options.seconds ?? (this.options.quick ? quick : full);
  }

  /** The one number, or the other in a quick trial. */
  size(full: number, quick: number): number {
    return this.options.quick ? quick : full;
  }

  /** A time limit as this trial allows it: a quick one shows that it does not take for ever, on a machine that has other work. */
  withinMs(ms: number): number {
    return this.options.quick ? ms * QUICK_PATIENCE : ms;
  }

  /** The same for a multiple of what was measured meanwhile: it has seen the other work, too, most of it. */
  atMost(times: number): number {
    return this.options.quick ? times * QUICK_TOLERANCE : times;
  }

  /** A private directory and a free port; removed, with all that runs in it, at the end. */
  async stage(limits: Readonly<Record<string, number>> = {}): Promise<Stage> {
    const pairs = Object.entries(limits).map(([name, value]) => `${name}=${value}`);
    const { transfer } = this.options;
    const stage = await Stage.create({ transfer, limits: pairs.join(',') });
    this.#stages.push(stage);
    return stage;
  }

  /** Says whether a promise was kept. */
  promise(promise: string, isKept: boolean, got: string | number): void {
    this.verdicts.push({ promise, isKept, got: String(got) });
  }

  /** The promise that nobody who calls may notice anything. */
  promiseNothingLost(figures: LoadFigures = this.figures): void {
    const { calls, connections, failures } = figures;
    this.promise(
      '0 calls lost or wrong, 0 errors for those who open channels',
      calls.lost + calls.wrong === 0,
      `${calls.lost} lost, ${calls.wrong} wrong of ${calls.made}; errors: ${showFailures(failures)}`,
    );
    this.promise('0 connections refused', connections.refused === 0, connections.refused);
  }

  /** The promise that the 99th percentile is no worse than twice what it was; below a limit it is chance. */
  promiseCalm(
    who: string,
    { before, during }: Readonly<Record<'before' | 'during', Latency>>,
  ): void {
    const chanceMs = this.size(CHANCE_MS, BUSY_CHANCE_MS);
    this.promise(
      `${who}: p99 at most twice what it was, or ${chanceMs} ms`,
      during.p99 <= Math.max(2 * before.p99, chanceMs),
      `${before.p99.toFixed(1)} ms before, ${during.p99.toFixed(1)} ms meanwhile`,
    );
  }

  /** Notes what a process holds now; the function it returns notes it again, at the end. */
  watch(name: string, pid: number): (pidNow?: number) => ProcessFigures {
    const before = usageOf(pid);
    return (pidNow = pid) => {
      const figures = { name, before, after: usageOf(pidNow) };
      this.processes.push(figures);
      return figures;
    };
  }

  /** The same for many. */
  watchAll(children: readonly Worker[]): () => void {
    const watches = children.map(({ name, pid }) => this.watch(name, pid));
    return () => {
      for (const done of watches) done();
    };
  }

  /** Ends everything. What does not end is a broken promise. */
  async close(): Promise<void> {
    for (const stage of this.#stages) {
      const left = await stage.close();
      if (left.length > 0) this.promise('nothing is left running', false, left.join(', '));
    }
  }

  /** The same at once, for a process that is ending. */
  abandon(): void {
    for (const stage of this.#stages) stage.abandon();
  }
}
