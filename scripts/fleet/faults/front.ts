import { now } from '../../faults/harness/clock.ts';
import type { Front } from '../stage/front.ts';
import type { FleetFault, FleetTrial } from '../trial.ts';

const RELOADS = 3;

/** Three reloads of both fronts, as after changes of their configuration. */
export const frontsReloaded: FleetFault = {
  name: 'fronts-reloaded',
  does: `${RELOADS} reloads of both fronts`,
  async play(trial) {
    await trial.calm();
    for (let reload = 0; reload < RELOADS; reload++) {
      for (const front of trial.fleet.fronts) await front.reload();
    }
    trial.promiseNothingLost(await trial.watch(trial.seconds(4, 2)));
  },
};

/** What keeps HAProxy current dies in both fronts; HAProxy does not. */
export const feedersKilled: FleetFault = {
  name: 'feeders-killed',
  does: 'kill -9 of the command front in both fronts, while HAProxy goes on',
  isLong: true,
  async play(trial) {
    const { fronts } = trial.fleet;
    await trial.calm();
    await Promise.all(fronts.map((front) => front.feeder.end()));
    const fared = await trial.watch(4);
    await Promise.all(fronts.map((front) => front.feed()));
    trial.promiseNothingLost(fared);
  },
};

function firstFront({ fleet }: FleetTrial): Front {
  const [front] = fleet.fronts;
  if (front === undefined) throw new Error('the fleet has no front');
  return front;
}

/** One front of two dies. */
export const frontKilled: FleetFault = {
  name: 'front-killed',
  does: 'kill -9 of one front of two: HAProxy and the command front',
  async play(trial) {
    const front = firstFront(trial);
    await trial.calm();
    const at = now();
    await front.die();
    const fared = await trial.watch(trial.seconds(5, 2));
    trial.promiseOnlyInFlight(fared, at);
    await front.start();
  },
};

/** One front of two cannot be reached any more, and its clients are not told. */
export const frontCut: FleetFault = {
  name: 'front-cut',
  does: 'one front of two is cut off for 15 s',
  isLong: true,
  async play(trial) {
    const { fleet } = trial;
    const front = firstFront(trial);
    await trial.calm();
    const at = now();
    await fleet.network.cut(front.host);
    const fared = await trial.watch(15);
    // A client knows after two calls in vain that nobody hears it: silentPeerTimeoutMs.
    trial.promiseOnlyInFlight(fared, at, 2);
    await fleet.network.heal(front.host);
  },
};
