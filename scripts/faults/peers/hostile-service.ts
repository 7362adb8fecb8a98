import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { isAlive } from '../../proc.ts';
import { until } from '../harness/clock.ts';
import type { Stage } from '../harness/stage.ts';
import { calmDown, loadedStage } from '../loaded-stage.ts';
import type { Worker } from '../../worker.ts';
import type { Fault, Trial } from '../trial.ts';

// What a garbage collector leaves behind after 16,384 paths and 1,023 ports.
const MAX_GROWTH_KIB = 131_072;
const WRONG_DESCRIPTORS = 8;

/** A service of the same user that does everything wrong, by mistake or on purpose. */
export const hostileService: Fault = {
  name: 'hostile-service',
  does: 'a service of the same user takes all it can get, lies, and does not read',
  async play(trial) {
    const { stage, services, pid, load, watched } = await loadedStage(trial, 2);
    const registrations = 2 * services.length;
    const daemon = trial.watch('daemon under attack', pid);
    const hostile = stage.start('hostile-service', 'hostile service');
    await take(trial, stage, hostile);
    await lie(trial, stage, hostile);
    await hostile.ask('drop');
    await calmDown(trial, load);
    await until(async () => (await stage.status())?.registrations.length === registrations, 5_000);
    watched();
    const { before, after } = daemon();
    trial.promise('the daemon runs as before', isAlive(pid), `pid ${pid}`);
    trial.promiseNothingLost();
    const more = after.descriptors - before.descriptors;
    trial.promise('descriptors back to the start', more <= 2, `${more} more`);
    const grown = after.residentKiB - before.residentKiB;
    trial.promise(
      `memory within ${MAX_GROWTH_KIB / 1_024} MiB of the start`,
      grown <= MAX_GROWTH_KIB,
      `${(grown / 1_024).toFixed(1)} MiB more`,
    );
  },
};

/** It takes and keeps all it can get; each time another service must still find room. */
async function take(trial: Trial, stage: Stage, hostile: Worker): Promise<void> {
  const options = { path: stage.paths.controlSocket, port: stage.port };
  const rows = [
    ['silent', 'connections that say no more than hello', trial.size(2_000, 1_200)],
    ['paths', 'paths', trial.size(40_000, 20_000)],
    ['ports', 'ports', trial.size(2_000, 1_200)],
  ] as const;
  for (const [index, [task, what, count]] of rows.entries()) {
    const had = await hostile.ask<number>(task, { ...options, count });
    trial.promise(
      `one process gets some ${what}, not all`,
      had > 0 && had < count,
      `${had} of ${count}`,
    );
    const another = await stage.service([90 + index]);
    trial.promise(`with that, another service finds room`, true, `pid ${another.pid}`);
    await another.end();
    await hostile.ask('drop');
  }
}

async function lie(trial: Trial, stage: Stage, hostile: Worker): Promise<void> {
  const options = { path: stage.paths.controlSocket, port: stage.port };
  if (trial.isHandOver) {
    const closed = await hostile.ask<number>('descriptors', options);
    trial.promise(
      'a descriptor that is not what was announced costs its own link',
      closed === WRONG_DESCRIPTORS,
      `${closed} of ${WRONG_DESCRIPTORS} closed`,
    );
  }
  const isClosed = await hostile.ask<boolean>('deaf', { ...options, count: 100_000 });
  trial.promise('who does not read is closed', isClosed, isClosed ? 'closed' : 'still open');
  const program = createServer().listen(0, '127.0.0.1');
  await once(program, 'listening');
  const { port } = program.address() as AddressInfo;
  const count = trial.size(300, 100);
  const refused = await hostile.ask<number>('taken', { ...options, port, count });
  program.close();
  trial.promise(
    'a port that another program has is refused, to all who ask',
    refused === count,
    `${refused} of ${count}`,
  );
  await hostile.ask('storm', { ...options, count: trial.size(1_000, 200) });
  await hostile.ask('drip', { ...options, count: 50 });
}
