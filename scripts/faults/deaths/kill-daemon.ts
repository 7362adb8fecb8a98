import { timeNodeStart } from '../../machine.ts';
import type { Worker } from '../../worker.ts';
import { sleep } from '../../../shared/time.ts';
import { now, until } from '../harness/clock.ts';
import type { LoadFigures, Opening } from '../harness/figures.ts';
import { summarise } from '../harness/latency.ts';
import { kill, type Stage } from '../harness/stage.ts';
import { calmDown, loadedStage, standardLoad } from '../loaded-stage.ts';
import type { Fault, Trial } from '../trial.ts';

const SETTLE_MS = 300;
/** Limits of the p50 and of the slowest of all rounds, as multiples of what Node alone takes to start (p50). */
const P50_LIMIT = 3;
const MAX_LIMIT = 6;

/** `kill -9` of the daemon, again and again. */
export const killDaemon: Fault = {
  name: 'kill-daemon',
  does: 'kill -9 of the daemon under load',
  isSecurable: true,
  async play(trial) {
    const { stage, pid, load, watched } = await loadedStage(trial);
    const outages: Outage[] = [];
    let last = pid;
    for (let round = trial.rounds(100, 3); round > 0; round--) {
      const killed = await killOnce(stage, load, last, 8);
      outages.push(killed);
      last = killed.pid;
    }
    await calmDown(trial, load);
    watched(last);
    if (trial.isHandOver) trial.promiseNothingLost();
    promiseRecovery(trial, outages);
    await promiseOneDaemon(trial, stage, 8);
  },
};

/** `kill -9` of the daemon and half of the services, at the same moment. */
export const killDaemonAndHalf: Fault = {
  name: 'kill-daemon-and-half',
  does: 'kill -9 of the daemon and of half of the services under load',
  isSecurable: true,
  async play(trial) {
    const stage = await trial.stage();
    const lasting = await stage.services(2);
    const load = await stage.load(standardLoad(trial, stage, [1, 2]));
    await load.ask('phase', 'during');
    const watches = trial.watchAll(lasting);
    const outages: Outage[] = [];
    let freed = 0;
    const rounds = trial.rounds(20, 2);
    const first = await stage.ready(4);
    const daemon = trial.watch('daemon', first.pid);
    let last = first.pid;
    for (let round = 0; round < rounds; round++) {
      const mortal = await Promise.all([stage.service([3]), stage.service([4])]);
      await stage.ready(8);
      for (const { pid } of mortal) kill(pid);
      const killed = await killOnce(stage, load, last, 4);
      outages.push(killed);
      last = killed.pid;
      // Their numbers are free again: others can have them.
      const heirs = await Promise.allSettled([stage.service([3]), stage.service([4])]);
      freed += heirs.every(({ status }) => status === 'fulfilled') ? 1 : 0;
      for (const heir of heirs) if (heir.status === 'fulfilled') await heir.value.end();
      await stage.ready(4);
    }
    trial.figures = await load.ask<LoadFigures>('stop');
    watches();
    daemon(last);
    if (trial.isHandOver) trial.promiseNothingLost();
    promiseRecovery(trial, outages);
    trial.promise("the dead services' numbers are free again", freed === rounds, `${freed} rounds`);
    await promiseOneDaemon(trial, stage, 4);
  },
};

interface Outage {
  /** The longest that a new connection of the round took. */
  readonly ms: number;
  /** What Node alone took to start, in the same round. */
  readonly nodeMs: number;
  /** The new daemon's process id. */
  readonly pid: number;
}

async function killOnce(
  stage: Stage,
  load: Worker,
  pid: number,
  registrations: number,
): Promise<Outage> {
  const nodeMs = await timeNodeStart();
  await load.ask('openings');
  const killedAt = now();
  kill(pid);
  const status = await stage.ready(registrations, pid);
  await sleep(SETTLE_MS);
  const openings = await load.ask<readonly Opening[]>('openings');
  const late = openings.filter(([begunAt, took]) => begunAt + took >= killedAt);
  return { ms: Math.max(0, ...late.map(([, took]) => took)), nodeMs, pid: status.pid };
}

/**
 * How long a caller waits for a new connection while there is no daemon: a service has to notice, and a Node to
 * start. The machine decides how long that takes; we decide how many times the start of a bare Node it takes.
 */
function promiseRecovery(trial: Trial, outages: readonly Outage[]): void {
  const { p50, max } = summarise(outages.map(({ ms }) => ms));
  const node = summarise(outages.map(({ nodeMs }) => nodeMs));
  const [p50Limit, maxLimit] = [trial.atMost(P50_LIMIT), trial.atMost(MAX_LIMIT)];
  trial.promise(
    `the slowest new connection of a round is answered within ${p50Limit} (p50) and ${maxLimit} (max) times what Node alone takes to start`,
    p50 <= p50Limit * node.p50 && max <= maxLimit * node.p50,
    `p50 ${(p50 / node.p50).toFixed(1)} times (${p50.toFixed(0)} ms), max ${(max / node.p50).toFixed(1)} times (${max.toFixed(0)} ms), Node alone ${node.p50.toFixed(0)} ms`,
  );
}

/** Promises one daemon, however many services wanted to start it, with all of them registered. */
export async function promiseOneDaemon(
  trial: Trial,
  stage: Stage,
  registrations: number,
): Promise<void> {
  if (process.platform === 'linux') {
    // One that lost the race for the lock is on its way out.
    await until(() => stage.daemons().length === 1, 3_000);
    const { length } = stage.daemons();
    trial.promise('exactly one daemon runs', length === 1, length);
  }
  const status = await stage.status();
  const registered = status?.registrations.length ?? 0;
  trial.promise(
    'every service is registered',
    registered === registrations,
    `${registered} of ${registrations}`,
  );
}
