import type { Latency } from '../faults/harness/latency.ts';

/**
 * Kinds of callers: `open` a channel and a connection for each call, `pooled` a channel for each call, `kept` one
 * channel until it ends, `reopening` one that opens again, at any front.
 */
export const KINDS = ['open', 'pooled', 'kept', 'reopening'] as const;
export type Kind = (typeof KINDS)[number];

/** What callers are to do. */
export interface CallersOptions {
  /** `HOST:PORT`, where the host is a name of all fronts: used in turn. */
  readonly names: readonly string[];
  /** `HOST:PORT` of each front, for those that reopen. */
  readonly addresses: readonly string[];
  /** Endpoints `/fixture/NUMBER`, which answer with their number; kept channels are at the first one. */
  readonly numbers: readonly number[];
  /** Channels opened a second, a quarter of them pooled. */
  readonly opensPerSecond: number;
  /** Channels that are kept, and make a call each 20 ms. */
  readonly kept: number;
  readonly reopening: number;
}

/** A call that failed. */
export interface Lost {
  /** Both on the clock of `now()`. */
  readonly begunAt: number;
  readonly at: number;
  /** Milliseconds since the answer before it on that channel; NaN if there was none. */
  readonly pausedMs: number;
  readonly code: string;
  readonly reason: string | undefined;
  readonly message: string;
}

/** How callers of one kind fared. */
export interface Fared {
  readonly made: number;
  /** Answers that were not the right ones. */
  readonly wrong: number;
  readonly lostCount: number;
  readonly took: Latency;
  /** The first two hundred. */
  readonly lost: readonly Lost[];
}

export type AllFared = Readonly<Record<Kind, Fared>>;

/** Adds up one figure, over parts of a trial and kinds of callers. */
export function sum(
  parts: readonly AllFared[],
  kinds: readonly Kind[],
  figure: (fared: Fared) => number,
): number {
  let all = 0;
  for (const part of parts) for (const kind of kinds) all += figure(part[kind]);
  return all;
}
