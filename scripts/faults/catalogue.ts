import { certificateReload } from './peers/certificate-reload.ts';
import { churn } from './peers/churn.ts';
import { descriptors } from './machine/descriptors.ts';
import { files } from './machine/files.ts';
import { flood } from './peers/flood.ts';
import { halfOpen } from './peers/half-open.ts';
import { halfOpenHandshakes } from './peers/half-open-handshakes.ts';
import { hostileService } from './peers/hostile-service.ts';
import { idle } from './peers/idle.ts';
import { killDaemon, killDaemonAndHalf } from './deaths/kill-daemon.ts';
import { killService } from './deaths/kill-service.ts';
import { manySlowReaders } from './peers/many-slow-readers.ts';
import { oneUser } from './machine/one-user.ts';
import { otherUser } from './machine/other-user.ts';
import { pooled } from './peers/pooled.ts';
import { rollingRestart } from './deaths/rolling-restart.ts';
import { silentPeer } from './peers/silent-peer.ts';
import { slowReader } from './peers/slow-reader.ts';
import { startTogether } from './deaths/start-together.ts';
import { stopDaemon, stopService } from './deaths/stop.ts';
import { stream } from './peers/stream.ts';
import { upgrade } from './deaths/upgrade.ts';
import type { Fault } from './trial.ts';

/** Every fault that can be injected, in the order in which they are played. */
export const FAULTS: readonly Fault[] = [
  killDaemon,
  killDaemonAndHalf,
  killService,
  stopService,
  stopDaemon,
  upgrade,
  rollingRestart,
  startTogether,
  halfOpen,
  flood,
  descriptors,
  idle,
  slowReader,
  manySlowReaders,
  stream,
  silentPeer,
  files,
  otherUser,
  oneUser,
  hostileService,
  churn,
  pooled,
  certificateReload,
  halfOpenHandshakes,
];
