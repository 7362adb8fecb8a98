import { Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import * as v8 from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Arrival } from '../../../shared/port-sharing/daemon/arrival.ts';
import { ServiceConnection } from '../../../shared/rpc/service/service-connection.ts';
import { Connection } from '../../../shared/transport/connection.ts';

/** What a process keeps alive. */
export interface Census {
  /** Timers that are armed. */
  readonly timers: number;
  /** Objects left after a collection, by class; -1 where this Node cannot count them. */
  readonly objects: Readonly<Record<string, number>>;
  readonly heapKiB: number;
}

const CLASSES = { Arrival, Connection, ServiceConnection, Socket };

/** Counts what a process keeps while nothing goes on: whatever grows here is a leak. */
export function census(): Census {
  const heapKiB = heap();
  const timers = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const objects = Object.fromEntries(
    Object.entries(CLASSES).map(([name, constructor]) => [name, count(constructor)]),
  );
  return { timers, objects, heapKiB };
}

/** KiB on the heap, after a collection. (Counting objects makes V8 keep notes of them: weigh before counting.) */
export function heap(): number {
  collect();
  return Math.round(process.memoryUsage().heapUsed / 1_024);
}

function collect(): void {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  gc();
  gc();
}

/** Node 20.13 and later can count. */
function count(constructor: object): number {
  const { queryObjects } = v8 as unknown as {
    readonly queryObjects?: (of: object, options: { readonly format: 'count' }) => number;
  };
  return queryObjects?.(constructor, { format: 'count' }) ?? -1;
}
