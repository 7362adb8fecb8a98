import { constants } from 'node:os';

/** Lets SIGINT, SIGTERM and SIGHUP end this process by `exit`, so that all that it started ends, too. */
export function exitOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  }
}
