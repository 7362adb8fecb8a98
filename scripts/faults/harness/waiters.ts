import type { Worker } from '../../worker.ts';
import { until } from './clock.ts';

export interface WaitersOptions {
  readonly address: string;
  readonly count: number;
  /** How long the service is to take for each call. */
  readonly ms: number;
}

/** A call that was answered, or failed. */
export interface Settled {
  /** Both on the clock of `now()`. */
  readonly begunAt: number;
  readonly at: number;
  /** `answered`, the framing fault, or the error's code. */
  readonly code: string;
}

/** Collects how the calls of a `waiters` process end. */
export class Waiters {
  readonly child: Worker;
  readonly all: Settled[] = [];
  waiting = 0;

  constructor(child: Worker) {
    this.child = child;
  }

  /** Looks until no call waits, or `timeoutMs` have gone by. */
  async collect(timeoutMs: number): Promise<void> {
    await until(async () => (await this.look()) === 0, timeoutMs);
  }

  /** @returns how many calls still wait */
  async look(): Promise<number> {
    const { settled, waiting } = await this.child.ask<{
      readonly settled: readonly Settled[];
      readonly waiting: number;
    }>('settled');
    this.all.push(...settled);
    this.waiting = waiting;
    return waiting;
  }

  /** How many ended with each code. */
  counts(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { code } of this.all) counts[code] = (counts[code] ?? 0) + 1;
    return counts;
  }

  show(): string {
    const shown = Object.entries(this.counts()).map(([code, count]) => `${count} x ${code}`);
    return (
      [...shown, ...(this.waiting > 0 ? [`${this.waiting} waiting`] : [])].join(', ') || 'none'
    );
  }
}
