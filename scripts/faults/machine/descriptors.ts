import type { Worker } from '../../worker.ts';
import { sleep } from '../../../shared/time.ts';
import { now, until } from '../harness/clock.ts';
import { type LoadFigures, showFailures } from '../harness/figures.ts';
import type { Stage } from '../harness/stage.ts';
import type { Held } from '../processes/holder.ts';
import type { Fault, Trial } from '../trial.ts';

const DAEMON_LIMIT = 160;
const SERVICE_LIMIT = 96;
const RECOVER_MS = 200;
/** How long clients of the stopped service may take to fill the daemon. */
const FILLED_WITHIN_MS = 5_000;

/** First the daemon, then a service has hardly a descriptor left. */
export const descriptors: Fault = {
  name: 'descriptors',
  does: 'the daemon at its limit of descriptors, then a service at its own',
  async play(trial) {
    await daemonAtLimit(trial);
    await serviceAtLimit(trial);
  },
};

async function daemonAtLimit(trial: Trial): Promise<void> {
  const stage = await trial.stage({ preambleTimeoutMs: 60_000 });
  const keeper = stage.start('daemon', 'daemon', { descriptors: DAEMON_LIMIT });
  await keeper.ask('run');
  const services = await stage.services(2);
  const { pid } = await stage.ready(4);
  const established = await startLoad(trial, stage, 0);
  await sleep(500);
  const daemon = trial.watch('daemon with few descriptors', pid);
  await established.ask('phase', 'during');
  const silent = stage.start('silent', 'silent clients');
  await silent.ask('begin', { port: stage.port, count: 400, everyMs: 0 });
  await sleep(300);
  const holder = stage.start('holder', 'new clients');
  const beside = await openSome(stage, holder, 100);
  promiseTyped(trial, 'new clients beside 400 silent ones', beside);
  // Now clients wait for a stopped service, too: not one descriptor is left for others.
  const [, stopped] = services;
  stopped?.kill('SIGSTOP');
  const waiting = stage.start('holder', 'clients that wait');
  const waited = waiting.ask<Held>('open', {
    port: stage.port,
    addresses: [stage.address(2)],
    count: 120,
    atOnce: 120,
  });
  const isFull = async (): Promise<boolean> => (await openSome(stage, holder, 1)).opened === 0;
  await until(isFull, FILLED_WITHIN_MS);
  const told = await openSome(stage, holder, 20);
  stopped?.kill('SIGCONT');
  await silent.ask('close');
  await promiseRecovery(trial, stage, holder, 'the daemon');
  promiseTyped(trial, 'clients that waited at the limit of the daemon', await waited);
  await established.ask('phase', 'after');
  await sleep(500);
  trial.figures = await established.ask<LoadFigures>('stop');
  daemon();
  promiseEstablished(trial, 'the daemon', trial.figures);
  promiseTyped(trial, 'new clients at the limit of the daemon', told);
  trial.promise('it is at its limit: nobody gets in', told.opened === 0, `${told.opened} of 20`);
  await Promise.all(services.map((service) => service.end()));
  await keeper.end();
}

async function serviceAtLimit(trial: Trial): Promise<void> {
  const stage = await trial.stage();
  // This one comes first, because a daemon inherits the limit of the service that starts it.
  await stage.service([2]);
  const poor = await stage.service([1], { descriptors: SERVICE_LIMIT });
  await stage.ready(4);
  const established = await startLoad(trial, stage, 0);
  const others = await stage.load({
    ...loadOf(trial, 20),
    addresses: [stage.address(2)],
  });
  await sleep(500);
  const service = trial.watch('service with few descriptors', poor.pid);
  await established.ask('phase', 'during');
  const holder = stage.start('holder', 'new clients');
  const address = stage.address(1);
  const filled = await openSome(stage, holder, 200, [address]);
  const told = await openSome(stage, holder, 20, [address]);
  await holder.ask('drop', {});
  await promiseRecovery(trial, stage, holder, 'the service', [address]);
  await established.ask('phase', 'after');
  await sleep(500);
  const figures = await established.ask<LoadFigures>('stop');
  const figuresOfOthers = await others.ask<LoadFigures>('stop');
  service();
  promiseEstablished(trial, 'a service', figures);
  promiseTyped(trial, 'new clients at the limit of a service', told);
  trial.promise('nobody gets in when it is full', told.opened === 0, `${told.opened} of 20`);
  const { calls, failures } = figuresOfOthers;
  trial.promise(
    'clients of another service notice nothing',
    calls.lost + calls.wrong === 0,
    showFailures(failures),
  );
  const { notices } = await poor.ask<{ readonly notices: readonly string[] }>('observed');
  trial.promise('the service says so, once', notices.length === 1, notices.join('; '));
  trial.notes.push(
    `service with ${SERVICE_LIMIT} descriptors: of 200 new clients ${filled.opened} were served, ${JSON.stringify(filled.told)}`,
  );
}

/** Calls on channels that stay open, and `opensPerSecond` new connections a second. */
function startLoad(trial: Trial, stage: Stage, opensPerSecond: number): Promise<Worker> {
  const addresses = [stage.address(1), stage.address(2)];
  return stage.load({ ...loadOf(trial, opensPerSecond), addresses });
}

function loadOf(trial: Trial, opensPerSecond: number) {
  return { channels: 10, callsPerSecond: 500, opensPerSecond, seed: trial.options.seed };
}

function openSome(
  stage: Stage,
  holder: Worker,
  count: number,
  addresses = [stage.address(1)],
): Promise<Held> {
  return holder.ask<Held>('open', { port: stage.port, addresses, count, atOnce: 20 });
}

async function promiseRecovery(
  trial: Trial,
  stage: Stage,
  holder: Worker,
  who: string,
  addresses?: readonly string[],
): Promise<void> {
  const freeAt = now();
  let servedAt = Infinity;
  await until(async () => {
    const { opened, lastAt } = await openSome(stage, holder, 1, addresses && [...addresses]);
    if (opened === 1) servedAt = lastAt;
    return opened === 1;
  }, 5_000);
  const within = trial.withinMs(RECOVER_MS);
  const took = servedAt - freeAt;
  trial.promise(
    `${who} serves new clients within ${within} ms after descriptors come free`,
    took <= within,
    `${took.toFixed(0)} ms`,
  );
}

function promiseEstablished(trial: Trial, who: string, { calls, failures }: LoadFigures): void {
  trial.promise(
    `with ${who} at its limit, established calls are unaffected`,
    calls.lost + calls.wrong === 0,
    `${calls.lost} lost of ${calls.made}: ${showFailures(failures)}`,
  );
}

function promiseTyped(trial: Trial, who: string, { opened, told }: Held): void {
  const others = Object.keys(told).filter((code) => code !== 'ServerTooBusy');
  trial.promise(
    `${who} are served or told ServerTooBusy, never left with a silent end`,
    others.length === 0,
    `${opened} served, ${JSON.stringify(told)}`,
  );
}
