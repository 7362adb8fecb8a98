import { now } from '../../faults/harness/clock.ts';
import type { Machine } from '../stage/machine.ts';
import { NUMBERS } from '../stage/fleet.ts';
import type { FleetFault, FleetTrial } from '../trial.ts';

function firstMachine({ fleet }: FleetTrial): Machine {
  const [machine] = fleet.machines;
  if (machine === undefined) throw new Error('the fleet has no machine');
  return machine;
}

/** For how long nobody publishes it, in a whole run and in a short one. */
const UNPUBLISHED_S = [3, 1] as const;

/** What publishes a machine dies, and another one takes over. */
export const publisherKilled: FleetFault = {
  name: 'publisher-killed',
  does: (seconds) =>
    `kill -9 of publish on one machine, and another one ${seconds(...UNPUBLISHED_S)} s later`,
  async play(trial) {
    const machine = firstMachine(trial);
    await trial.calm();
    await machine.publisher.end();
    const early = trial.watch(trial.seconds(...UNPUBLISHED_S));
    trial.promiseNothingLost(await early);
    await machine.publish();
  },
};

/** A machine's daemon dies; its services start another one. */
export const daemonKilled: FleetFault = {
  name: 'daemon-killed',
  does: 'kill -9 of the daemon on one machine, whose services start another one',
  async play(trial) {
    const machine = firstMachine(trial);
    const pid = await machine.daemon();
    if (pid === undefined) throw new Error(`no daemon answers on ${machine.host}`);
    await trial.calm();
    process.kill(pid, 'SIGKILL');
    await machine.otherDaemon(pid);
    trial.promiseNothingLost(await trial.watch(trial.seconds(4, 2)));
  },
};

/** A machine leaves in order: publish first, then its services. */
export const machineLeaves: FleetFault = {
  name: 'machine-leaves',
  does: 'a machine leaves in order: publish is stopped, then its services',
  async play(trial) {
    const machine = firstMachine(trial);
    await trial.calm();
    await machine.publisher.stop('SIGTERM');
    trial.promiseNothingLost(await trial.watch(trial.seconds(2, 1)));
    for (const service of machine.services) await machine.stop(service);
    trial.promiseOrder(await trial.watch(trial.seconds(3, 2)));
    await trial.fleet.startMachine(machine);
  },
};

/** The service of one machine ends in order; others have its addresses, too. */
export const replicaStopped: FleetFault = {
  name: 'replica-stopped',
  does: 'the service of one machine is stopped in order; others have its addresses, too',
  async play(trial) {
    const machine = firstMachine(trial);
    await trial.calm();
    await machine.stop(machine.serviceOf(NUMBERS[0]));
    trial.promiseOrder(await trial.watch(trial.seconds(4, 8)));
    await machine.serve(NUMBERS);
  },
};

/** The service of one machine dies. */
export const replicaKilled: FleetFault = {
  name: 'replica-killed',
  does: 'kill -9 of the service of one machine; others have its addresses, too',
  async play(trial) {
    const machine = firstMachine(trial);
    await trial.calm();
    const at = now();
    await machine.kill(machine.serviceOf(NUMBERS[0]));
    trial.promiseOnlyInFlight(await trial.watch(trial.seconds(4, 8)), at);
    await machine.serve(NUMBERS);
  },
};

/** A machine dies. */
export const machineKilled: FleetFault = {
  name: 'machine-killed',
  does: 'kill -9 of everything on one machine',
  async play(trial) {
    const machine = firstMachine(trial);
    await trial.calm();
    await machine.die();
    const at = now();
    trial.promiseOnlyInFlight(await trial.watch(trial.seconds(6, 3)), at);
    await trial.fleet.startMachine(machine);
  },
};

/** A machine cannot be reached any more, and nobody is told so. */
export const machineCut: FleetFault = {
  name: 'machine-cut',
  does: 'one machine is cut off for 15 s',
  isLong: true,
  async play(trial) {
    const machine = firstMachine(trial);
    const { network } = trial.fleet;
    await trial.calm();
    const at = now();
    await network.cut(machine.host);
    trial.promiseOnlyInFlight(await trial.watch(15), at, 2);
    await network.heal(machine.host);
  },
};

/** A service that is new is reachable through the fronts. */
export const newService: FleetFault = {
  name: 'new-service',
  does: 'a service with another number opens on one machine',
  async play(trial) {
    const machine = firstMachine(trial);
    const { fleet } = trial;
    await trial.calm();
    const reached = fleet.reach(NEW_NUMBER);
    const service = await machine.serve([NEW_NUMBER]);
    const openedAt = now();
    const at = await reached;
    const tookMs = at === undefined ? NaN : Math.max(0, at - openedAt);
    trial.promise(
      'it answers through the fronts',
      at !== undefined,
      `${tookMs.toFixed(0)} ms after it had opened`,
    );
    trial.promiseNothingLost(await trial.watch(1));
    await machine.stop(service);
  },
};

const NEW_NUMBER = 77;
