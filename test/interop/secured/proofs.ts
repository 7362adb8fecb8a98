import { messageOf } from '../../../shared/errors.ts';
import type { Missing, Said, Talker } from './programs.ts';

/** What both ends of one run say, and what they should. */
export interface Run {
  readonly said: Said;
  /** Must be among what the other program said. */
  readonly expected: Said;
  /** What our end says of its peer. */
  readonly peer: string;
  /** Must be part of that. */
  readonly wanted: string;
}

export interface Proof {
  readonly name: string;
  readonly outcome: 'held' | 'broken' | 'skipped';
  /** Why it was skipped, or what was seen in place of what should be. */
  readonly detail: string;
  readonly seconds: number;
}

/** Runs one proof, unless its program is missing. */
export type Prove = (
  name: string,
  program: Talker | Missing,
  run: (program: Talker) => Promise<Run>,
) => Promise<void>;

/** @param tell is told of each proof as it ends */
export function collector(tell: (proof: Proof) => void): Prove {
  return async (name, program, run) => {
    if ('missing' in program) {
      tell({ name, outcome: 'skipped', detail: program.missing, seconds: 0 });
      return;
    }
    const started = performance.now();
    const seconds = (): number => (performance.now() - started) / 1_000;
    try {
      const done = await run(program);
      const isRight =
        Object.entries(done.expected).every(([key, value]) => done.said[key] === value) &&
        done.peer.includes(done.wanted);
      const detail = isRight ? '' : JSON.stringify(done);
      tell({ name, outcome: isRight ? 'held' : 'broken', detail, seconds: seconds() });
    } catch (error) {
      tell({ name, outcome: 'broken', detail: messageOf(error), seconds: seconds() });
    }
  };
}
