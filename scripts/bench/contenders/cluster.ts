import cluster from 'node:cluster';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Contender } from '../contender.ts';
import { echo, raw } from './raw.ts';
import { serveTcp } from './tcp.ts';

/**
 * Node's own way to share a port: the primary accepts and hands each connection to a worker (round robin). It
 * cannot see which service a connection wants; the worker echoes.
 */
export const clusterHandOver: Contender = {
  name: "Node's cluster hand-over",

  async serve() {
    cluster.schedulingPolicy = cluster.SCHED_RR;
    cluster.setupPrimary({ exec: fileURLToPath(import.meta.url), args: [] });
    const worker = cluster.fork();
    const [{ target }] = (await once(worker, 'message')) as [{ readonly target: string }];
    return {
      target,
      async close() {
        worker.process.kill();
        await once(worker, 'exit');
      },
    };
  },

  connect: (target) => raw.connect(target),
};

if (cluster.isWorker && process.argv[1] === fileURLToPath(import.meta.url)) {
  const { target } = await serveTcp(echo);
  process.send?.({ target });
}
