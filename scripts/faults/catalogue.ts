import { killDaemon, killDaemonAndHalf } from './faults/kill-daemon.ts';
import { killService } from './faults/kill-service.ts';
import { startTogether } from './faults/start-together.ts';
import { stopDaemon, stopService } from './faults/stop.ts';
import { upgrade } from './faults/upgrade.ts';
import type { Fault } from './trial.ts';

/** Every fault that can be injected, in the order in which they are played. */
export const FAULTS: readonly Fault[] = [
  killDaemon,
  killDaemonAndHalf,
  killService,
  stopService,
  stopDaemon,
  upgrade,
  startTogether,
];
