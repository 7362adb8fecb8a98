import { usageOf } from '../../proc.ts';
import type { Fault } from '../trial.ts';

const OCTETS = 1_073_741_824;
/** Compiled code, and buffers that have found their size, are no stream's. */
const WARM_UP = 16;
const MAX_GROWTH_KIB = 65_536;
const WAYS = ['up', 'down', 'both'] as const;
const LOOK_MS = 20;

/** Streams far larger than what any side may hold of them, with readers that stop now and then. */
export const stream: Fault = {
  name: 'stream',
  does: '1 GiB as one message to a service, from it, and there and back',
  async play(trial) {
    const stage = await trial.stage();
    const octets = trial.size(OCTETS, OCTETS / 4);
    const address = stage.address(1, 'streams');
    const service = stage.start('streams/files', 'service');
    await service.ask('open', { address });
    const { pid } = await stage.ready(1);
    const client = stage.start('streams/files', 'client');
    for (const way of WAYS) await client.ask('pass', { address, way, octets: octets / WARM_UP });
    const pids = { service: service.pid, client: client.pid, daemon: pid };
    const watches = Object.entries(pids).map(([name, each]) => trial.watch(name, each));
    for (const way of WAYS) {
      const before = Object.values(pids).map((each) => usageOf(each).residentKiB);
      const most = [...before];
      const look = (): void => {
        for (const [index, each] of Object.values(pids).entries()) {
          most[index] = Math.max(most[index] ?? 0, usageOf(each).residentKiB);
        }
      };
      const looking = setInterval(look, LOOK_MS);
      const isSame = await client
        .ask<boolean>('pass', { address, way, octets })
        .finally(() => clearInterval(looking));
      const grown = most.map((kib, index) => kib - (before[index] ?? 0));
      trial.promise(`${way}: all bytes come, as they were sent`, isSame, `${octets} bytes`);
      trial.promise(
        `${way}: service, client and daemon each grow by ${MAX_GROWTH_KIB / 1_024} MiB at most`,
        Math.max(...grown) <= MAX_GROWTH_KIB,
        `${grown.map((kib) => (kib / 1_024).toFixed(1)).join(', ')} MiB`,
      );
    }
    for (const watch of watches) watch();
  },
};
