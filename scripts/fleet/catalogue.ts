import { feedersKilled, frontCut, frontKilled, frontsReloaded } from './faults/front.ts';
import {
  daemonKilled,
  machineCut,
  machineKilled,
  machineLeaves,
  newService,
  publisherKilled,
  replicaKilled,
  replicaStopped,
} from './faults/machine.ts';
import { registryCut, registryKilled } from './faults/registry.ts';
import type { FleetFault } from './trial.ts';

/** Every fault that a fleet can have, in the order in which they are played. */
export const FLEET_FAULTS: readonly FleetFault[] = [
  frontsReloaded,
  registryKilled,
  registryCut,
  publisherKilled,
  feedersKilled,
  daemonKilled,
  machineLeaves,
  replicaStopped,
  replicaKilled,
  machineKilled,
  machineCut,
  frontKilled,
  frontCut,
  newService,
];
