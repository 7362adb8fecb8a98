import { arch, cpus, release, totalmem, type } from 'node:os';
import { packageVersion } from '../../shared/version.ts';
import { run } from '../run.ts';
import { peerVersions } from './peers.ts';

/** What was measured on, and with which versions. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly versions: Readonly<Record<string, string>>;
}

export async function thisMachine(): Promise<Machine> {
  const [first] = cpus();
  const haproxy = /version (\S+)/.exec((await run(['haproxy', '-v'])).stdout)?.[1];
  return {
    processor: first?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()} ${arch()}`,
    node: process.versions.node,
    versions: {
      'net-tcp-port-sharing': packageVersion(),
      ...peerVersions(),
      ...(haproxy === undefined ? {} : { HAProxy: haproxy }),
    },
  };
}

export function formatMachine(machine: Machine): string {
  const { processor, cores, memoryGiB, system, node, versions } = machine;
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${processor}, ${cores} cores, ${memoryGiB} GiB; ${system}; Node ${node}\n${list.join(', ')}\n`;
}
