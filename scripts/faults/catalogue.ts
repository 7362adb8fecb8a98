import { killDaemon, killDaemonAndHalf } from './faults/kill-daemon.ts';
import type { Fault } from './trial.ts';

/** Every fault that can be injected, in the order in which they are played. */
export const FAULTS: readonly Fault[] = [killDaemon, killDaemonAndHalf];
