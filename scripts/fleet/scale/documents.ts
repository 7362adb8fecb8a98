import type { Machine } from '../../../shared/fleet/registry/machine.ts';

/** Addresses of loopback in one of its networks of 16 bits, without the first and the last. */
const HOSTS_A_NET = 250;

/**
 * Machines that are only documents, with as many paths each, and none twice. Their addresses are those of loopback
 * from 127.1.0.1 on, where one program can stand for all.
 *
 * @param port of each
 */
export function* simulatedMachines(count: number, paths: number, port: number): Generator<Machine> {
  for (let index = 0; index < count; index++) {
    const end = Math.floor((paths * (index + 1)) / count);
    const own = new Set<string>();
    for (let path = Math.floor((paths * index) / count); path < end; path++) {
      own.add(`/fleet/service-${path}/`);
    }
    yield { at: `${hostOf(index)}:${port}`, state: 'ready', paths: own };
  }
}

function hostOf(index: number): string {
  const net = Math.floor(index / HOSTS_A_NET);
  return `127.${1 + Math.floor(net / 256)}.${net % 256}.${1 + (index % HOSTS_A_NET)}`;
}
