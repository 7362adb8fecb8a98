import type { Worker } from '../worker.ts';
import { type LoadFigures, NOTHING_YET, showFailures } from './harness/figures.ts';
import type { Latency } from './harness/latency.ts';
import { Stage } from './harness/stage.ts';
import { type Usage, usageOf } from '../proc.ts';

// A quick trial's factors for time limits and for multiples. Below a p99 of CHANCE_MS, differences are the
// processes disturbing each other on two processors; BUSY_CHANCE_MS holds when these have other work, too.
const QUICK_PATIENCE = 10;
const QUICK_TOLERANCE = 3;
const CHANCE_MS = 20;
const BUSY_CHANCE_MS = 1_000;

/** A fault that can be injected, by name. */
export interface Fault {
  readonly name: string;
  /** What is done, in a few words. */
  readonly does: string;
  /** Whether it can be played over TLS, too. */
  readonly isSecurable?: boolean;
  /** Plays it, and checks promises on the way. An error that it throws is a broken promise, too. */
  play(trial: Trial): Promise<void>;
}

/** How trials are played. */
export interface TrialOptions {
  readonly transfer: 'hand-over' | 'relay';
  readonly security: 'none' | 'tls';
  readonly seed: number;
  /** Small numbers, and ten times as long time limits, for machines that have other work. */
  readonly quick: boolean;
  /** Instead of each fault's own number. */
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

/** One fault in progress: its numbers, what it has measured, and which promises were kept. */
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

  /** How many rounds to play. */
  rounds(full: number, quick: number): number {
    this.played = this.options.rounds ?? (this.options.quick ? quick : full);
    return this.played;
  }

  seconds(full: number, quick: number): number {
    return this.options.seconds ?? (this.options.quick ? quick : full);
  }

  /** `full`, or in a quick trial `quick`. */
  size(full: number, quick: number): number {
    return this.options.quick ? quick : full;
  }

  /** The time limit of this trial: on a busy machine, a quick one only shows that something ends. */
  withinMs(ms: number): number {
    return this.options.quick ? ms * QUICK_PATIENCE : ms;
  }

  /** The limit for a multiple of what was measured meanwhile, which the other work has mostly slowed, too. */
  atMost(times: number): number {
    return this.options.quick ? times * QUICK_TOLERANCE : times;
  }

  /**
   * A private directory and a free port; removed, with all that runs in it, at the end.
   *
   * @param security of its services and of the load. Default: as this trial is played
   */
  async stage(
    limits: Readonly<Record<string, number>> = {},
    security = this.options.security,
  ): Promise<Stage> {
    const pairs = Object.entries(limits).map(([name, value]) => `${name}=${value}`);
    const { transfer } = this.options;
    // A handshake takes both sides' time, and on a busy machine more than a preamble's.
    const serviceLimits = { preambleTimeoutMs: this.withinMs(5_000) };
    const stage = await Stage.create({
      transfer,
      limits: pairs.join(','),
      security,
      ...(security === 'tls' ? { serviceLimits } : {}),
    });
    this.#stages.push(stage);
    return stage;
  }

  /** Records whether a promise was kept. */
  promise(promise: string, isKept: boolean, got: string | number): void {
    this.verdicts.push({ promise, isKept, got: String(got) });
  }

  /** The promise that no caller notices anything. */
  promiseNothingLost(figures: LoadFigures = this.figures): void {
    const { calls, connections, failures } = figures;
    this.promise(
      '0 calls lost or wrong, 0 errors for those who open channels',
      calls.lost + calls.wrong === 0,
      `${calls.lost} lost, ${calls.wrong} wrong of ${calls.made}; errors: ${showFailures(failures)}`,
    );
    this.promise('0 connections refused', connections.refused === 0, connections.refused);
  }

  /** The promise that the 99th percentile is at most so many times what it was; below a limit it is chance. */
  promiseCalm(
    who: string,
    { before, during }: Readonly<Record<'before' | 'during', Latency>>,
    times = 2,
  ): void {
    const chanceMs = this.size(CHANCE_MS, BUSY_CHANCE_MS);
    this.promise(
      `${who}: p99 at most ${times === 2 ? 'twice' : `${times} times`} what it was, or ${chanceMs} ms`,
      during.p99 <= Math.max(times * before.p99, chanceMs),
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

  /** {@link watch} for many. */
  watchAll(children: readonly Worker[]): () => void {
    const watches = children.map(({ name, pid }) => this.watch(name, pid));
    return () => {
      for (const done of watches) done();
    };
  }

  /** Ends everything. A process that does not end is a broken promise. */
  async close(): Promise<void> {
    for (const stage of this.#stages) {
      const left = await stage.close();
      if (left.length > 0) this.promise('nothing is left running', false, left.join(', '));
    }
  }

  /** Ends daemons at once, for a process that is ending. */
  abandon(): void {
    for (const stage of this.#stages) stage.abandon();
  }
}
