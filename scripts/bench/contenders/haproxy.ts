import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { sleep } from '../../../shared/time.ts';
import { parseAddress } from '../../../shared/address.ts';
import { freePort } from '../../free-port.ts';
import { RunningProcess } from '../../process.ts';
import { run } from '../../run.ts';
import { removeDirectory, temporaryDirectory } from '../../temporary.ts';
import type { Contender } from '../contender.ts';
import { ours } from './ours.ts';
import { raw } from './raw.ts';

/**
 * HAProxy in front of a service of ours: it reads the via from the preamble, looks it up in a map, and relays as
 * the port-sharing daemon does.
 */
export const haproxy = through(ours('msgpack', 'own port'), 'HAProxy, routing by via');

/** HAProxy with the same settings in front of what net.tcp is not: what it costs to be there at all. */
export const rawThroughHaproxy = through(raw, 'HAProxy, raw TCP');

/** A contender's service with HAProxy before it. One whose target is an address is found by its via. */
function through(service: Contender, name: string): Contender {
  return {
    name,

    async missing() {
      const { status } = await run(['haproxy', '-v']);
      return status === 0
        ? undefined
        : 'haproxy is not installed (Debian: apt-get install haproxy)';
    },

    async serve() {
      const served = await service.serve();
      const isAddress = served.target.includes('/');
      const backend = isAddress ? parseAddress(served.target).port : Number(served.target);
      const directory = temporaryDirectory();
      const port = await freePort();
      const target = isAddress ? served.target.replace(`:${backend}/`, `:${port}/`) : String(port);
      const map = path.join(directory, 'via.map');
      writeFileSync(map, `${target.replace('localhost', '127.0.0.1')} service\n`);
      const file = path.join(directory, 'haproxy.cfg');
      writeFileSync(file, configuration(port, backend, isAddress ? byVia(map) : ANY));
      const proxy = new RunningProcess(['haproxy', '-db', '-q', '-f', file], {
        shows: 'everything',
      });
      await listening(port, proxy);
      return {
        target,
        between: proxy.pid,
        async close() {
          await proxy.end();
          await served.close();
          removeDirectory(directory);
        },
      };
    },

    connect: (target) => service.connect(target),
  };
}

/** The via record comes after version (3 bytes) and mode (2): its type, its size, its bytes. */
function byVia(map: string): string {
  return `  tcp-request inspect-delay 5s
  tcp-request content accept if { req.payload_lv(6,1) -m found }
  use_backend %[req.payload_lv(6,1),map_beg(${map},none)]`;
}

const ANY = '  default_backend service';

function configuration(port: number, backend: number, rules: string): string {
  return `global
  maxconn 2000
defaults
  mode tcp
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend shared
  bind 127.0.0.1:${port}
${rules}
backend service
  server one 127.0.0.1:${backend}
backend none
`;
}

async function listening(port: number, proxy: RunningProcess): Promise<void> {
  for (;;) {
    if (!proxy.isRunning) throw new Error(`haproxy ${proxy.how}`);
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await sleep(10);
  }
}
