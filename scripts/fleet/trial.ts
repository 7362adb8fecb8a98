import { sleep } from '../../shared/time.ts';
import type { Verdict } from '../faults/trial.ts';
import { type AllFared, type Fared, type Kind, KINDS, sum } from './callers.ts';
import { type Fleet, LOAD } from './stage/fleet.ts';

/** So many seconds of a whole run, or of a short one. */
type Seconds = (full: number, short: number) => number;

/** A fault of a fleet, by name. */
export interface FleetFault {
  readonly name: string;
  /** What is done, in a few words; where it waits, it says for how long. */
  readonly does: string | ((seconds: Seconds) => string);
  /** Whether a short run leaves it out: it takes long by itself. */
  readonly isLong?: boolean;
  /** Plays it under load, checks promises, and makes the fleet whole again. */
  play(trial: FleetTrial): Promise<void>;
}

/** A fault that is about to be played: it says what it does. */
export type SaidFault = FleetFault & { readonly does: string };

/** Says what a fault does in a whole run, or in a short one. */
export function said(fault: FleetFault, isShort: boolean): SaidFault {
  const { does } = fault;
  const text = typeof does === 'string' ? does : does((full, short) => (isShort ? short : full));
  return { ...fault, does: text };
}

/** Between two calls a caller pauses for 20 ms. A session that is to end does so after 50 ms without a call. */
const LONG_PAUSE_MS = 40;
/** Seconds of load before a fault. */
const BEFORE_S = 2;

/** One fault in progress. */
export class FleetTrial {
  readonly fleet: Fleet;
  readonly #isShort: boolean;
  readonly verdicts: Verdict[] = [];
  /** What a reader should know beside the figures. */
  readonly notes: string[] = [];
  /** How callers fared before the fault; `undefined`: they had not been asked yet. */
  before: AllFared | undefined;
  /** How they fared from its beginning on, part by part. */
  readonly during: AllFared[] = [];

  constructor(fleet: Fleet, isShort: boolean) {
    this.fleet = fleet;
    this.#isShort = isShort;
  }

  /** `full` seconds, or in a short run `short`. */
  seconds(full: number, short: number): number {
    return this.#isShort ? short : full;
  }

  /** Lets callers call while nothing happens: what comes after this is the fault. */
  async calm(): Promise<void> {
    await this.fleet.take();
    await sleep(this.seconds(BEFORE_S, 1) * 1_000);
    this.before = await this.fleet.take();
  }

  /** Lets callers call on for so many seconds, and notes how they have fared since this, or {@link calm}. */
  async watch(seconds: number): Promise<AllFared> {
    await sleep(seconds * 1_000);
    const fared = await this.fleet.take();
    this.during.push(fared);
    return fared;
  }

  /** Records whether a promise was kept. */
  promise(promise: string, isKept: boolean, got: string): void {
    this.verdicts.push({ promise, isKept, got });
  }

  /** The promise that no caller of these kinds notices anything. */
  promiseNothingLost(fared: AllFared, kinds: readonly Kind[] = KINDS): void {
    const lost = kinds.flatMap((kind) => fared[kind].lost.map((one) => [kind, one] as const));
    const made = sum([fared], kinds, (each) => each.made);
    const whose =
      kinds.length === KINDS.length ? '' : `, of those who ${kinds.map(who).join(', ')}`;
    this.promise(
      `0 calls lost, 0 opens refused${whose}`,
      lost.length === 0 && kinds.every((kind) => fared[kind].made > 0),
      `${lost.length} of ${made}${showLost(lost)}`,
    );
  }

  /**
   * {@link promiseNothingLost} where a service ends in order, for all but kept channels that do not reopen. A session
   * ends after an answer, or when no call has come for a moment: a call that comes just then may be lost, which a
   * caller without pauses never makes. On a machine with other work pauses are longer than they should be.
   */
  promiseOrder(fared: AllFared): void {
    const { reopening } = fared;
    const crossed = reopening.lost.filter(({ pausedMs }) => pausedMs >= LONG_PAUSE_MS).length;
    if (crossed > 0) {
      const text = `${crossed} calls crossed the end of their session, after pauses of more than ${LONG_PAUSE_MS} ms`;
      this.notes.push(text);
    }
    const lost = reopening.lost.filter(({ pausedMs }) => !(pausedMs >= LONG_PAUSE_MS));
    const counted = { ...fared, reopening: { ...reopening, lost } };
    this.promiseNothingLost(counted, ['open', 'pooled', 'reopening']);
  }

  /** The promise that only calls are lost that ran there at that moment. @param at on the clock of `now()` */
  promiseOnlyInFlight(fared: AllFared, at: number, callsEach = 1): void {
    for (const kind of ['open', 'pooled'] as const) {
      const late = fared[kind].lost.filter(({ begunAt }) => begunAt > at);
      this.promise(
        `those who ${who(kind)}: none is refused from then on`,
        late.length === 0 && fared[kind].made > 0,
        `${late.length} of ${fared[kind].made}, ${fared[kind].lostCount} were running${showLost(late.map((one) => [kind, one]))}`,
      );
    }
    for (const kind of ['kept', 'reopening'] as const) {
      const most = LOAD[kind] * (kind === 'reopening' ? callsEach : 1);
      const { made, lostCount, lost } = fared[kind];
      this.promise(
        `those who ${who(kind)}: at most ${kind === 'kept' || callsEach === 1 ? 'the call' : `${callsEach} calls`} of each channel`,
        lostCount <= most && made > 0,
        `${lostCount} of ${made}${showLost(lost.map((one) => [kind, one]))}`,
      );
    }
  }

  /** The promise that counts in every fault: nobody gets another's answer. */
  promiseNothingWrong(): void {
    const wrong = sum(this.during, KINDS, ({ wrong: count }) => count);
    const made = sum(this.during, KINDS, ({ made: count }) => count);
    this.promise('0 wrong answers', wrong === 0, `${wrong} of ${made}`);
  }
}

function who(kind: Kind): string {
  const does: Readonly<Record<Kind, string>> = {
    open: 'open a channel for each call',
    pooled: 'open a channel for each call on pooled connections',
    kept: 'keep a channel',
    reopening: 'keep a channel with reopen',
  };
  return does[kind];
}

const MAX_SHOWN = 3;

function showLost(lost: readonly (readonly [Kind, Fared['lost'][number]])[]): string {
  const counts = new Map<string, number>();
  for (const [kind, { code, reason, message }] of lost) {
    const what = `${kind}: ${reason === undefined ? code : `${code}, ${reason}`} (${message})`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  const shown = [...counts].slice(0, MAX_SHOWN).map(([what, count]) => `${count} x ${what}`);
  return shown.length === 0 ? '' : `: ${shown.join('; ')}`;
}
