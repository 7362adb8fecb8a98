import { sleep } from '../../../shared/time.ts';
import type { FleetFault } from '../trial.ts';

/** For how long the registry is away, in a whole run and in a short one. */
const AWAY_S = [8, 3] as const;

/** The registry dies, and comes back with its data. */
export const registryKilled: FleetFault = {
  name: 'registry-killed',
  does: (seconds) => `kill -9 of the registry, which starts again ${seconds(...AWAY_S)} s later`,
  async play(trial) {
    const { fleet } = trial;
    await trial.calm();
    await fleet.killRegistry();
    await sleep(trial.seconds(...AWAY_S) * 1_000);
    await fleet.startRegistry();
    trial.promiseNothingLost(await trial.watch(trial.seconds(4, 2)));
  },
};

/** The registry cannot be reached, and nobody is told so. */
export const registryCut: FleetFault = {
  name: 'registry-cut',
  does: 'the registry is cut off for 8 s',
  isLong: true,
  async play(trial) {
    const { fleet } = trial;
    await trial.calm();
    await fleet.network.cut(fleet.registryHost);
    await sleep(8_000);
    await fleet.network.heal(fleet.registryHost);
    trial.promiseNothingLost(await trial.watch(4));
  },
};
