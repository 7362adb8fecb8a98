import { ours } from './ours.ts';

/** How many have one address, to measure the growth of a look-up. */
const MANY = 100;

/** At `BENCH_ADDRESS`, which others may have, too; each call takes its service a millisecond of CPU. */
export const busy = ours('msgpack', 'hand-over', { isBusy: true });
export const BUSY = busy.name;

export const manyReplicas = ours('msgpack', 'hand-over', { replicas: MANY });
