import type { Worker } from '../worker.ts';
import { sleep } from '../../shared/time.ts';
import type { LoadFigures } from './harness/figures.ts';
import type { Stage } from './harness/stage.ts';
import type { Trial } from './trial.ts';

interface BusyStage {
  readonly stage: Stage;
  readonly services: readonly Worker[];
  /** Process id of the daemon. */
  readonly pid: number;
  readonly load: Worker;
}

interface LoadedStage extends BusyStage {
  /** Looks at memory and descriptors again; `pid` is the daemon's, if it is another by then. */
  readonly watched: (pid?: number) => void;
}

/**
 * Services, each with two registrations, under the standard load.
 *
 * @param limits the daemon's
 * @param security of services and load. Default: as the trial is played
 */
export async function busyStage(
  trial: Trial,
  count: number,
  limits: Readonly<Record<string, number>> = {},
  security = trial.options.security,
): Promise<BusyStage> {
  const stage = await trial.stage(limits, security);
  const services = await stage.services(count);
  const { pid } = await stage.ready(2 * count);
  const numbers = services.map((_, index) => index + 1);
  const load = await stage.load(standardLoad(trial, stage, numbers));
  return { stage, services, pid, load };
}

/** As {@link busyStage}, once the load has gone on for a while and the fault may begin. */
export async function loadedStage(
  trial: Trial,
  count = 4,
  security = trial.options.security,
): Promise<LoadedStage> {
  const { stage, services, pid, load } = await busyStage(trial, count, {}, security);
  await sleep(trial.size(3_000, 1_000));
  const watches = trial.watchAll(services);
  const daemon = trial.watch('daemon', pid);
  await load.ask('phase', 'during');
  const watched = (now?: number): void => {
    watches();
    daemon(now);
  };
  return { stage, services, pid, load, watched };
}

/** After the fault: lets the load go on for a while, and ends it. Its figures become the trial's. */
export async function calmDown(trial: Trial, load: Worker): Promise<void> {
  await load.ask('phase', 'after');
  await sleep(trial.size(3_000, 1_000));
  trial.figures = await load.ask<LoadFigures>('stop');
}

/** Calls on channels that stay open, and new connections, at a pace that two processors can bear. */
export function standardLoad(trial: Trial, stage: Stage, numbers: readonly number[]) {
  return {
    addresses: numbers.map((number) => stage.address(number)),
    channels: 40,
    callsPerSecond: trial.size(2_000, 500),
    // A handshake costs as much as some hundred calls.
    opensPerSecond: trial.size(100, 50) / (stage.tls === undefined ? 1 : 2),
    seed: trial.options.seed,
  };
}
