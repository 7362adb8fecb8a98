import { churn } from './faults/churn.ts';
import { descriptors } from './faults/descriptors.ts';
import { files } from './faults/files.ts';
import { flood } from './faults/flood.ts';
import { halfOpen } from './faults/half-open.ts';
import { idle } from './faults/idle.ts';
import { killDaemon, killDaemonAndHalf } from './faults/kill-daemon.ts';
import { killService } from './faults/kill-service.ts';
import { otherUser } from './faults/other-user.ts';
import { pooled } from './faults/pooled.ts';
import { slowReader } from './faults/slow-reader.ts';
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
  halfOpen,
  flood,
  descriptors,
  idle,
  slowReader,
  files,
  otherUser,
  churn,
  pooled,
];
