import { existsSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Registry } from '../../../shared/fleet/registry/registry.ts';
import { parseRegistry } from '../../../shared/fleet/registry/registry-address.ts';
import { writeMachine, type Machine } from '../../../shared/fleet/registry/machine.ts';
import { NetTcpError } from '../../../shared/errors.ts';
import { descriptorLimit } from '../../../shared/port-sharing/machine/descriptor-limit.ts';
import { sleep } from '../../../shared/time.ts';
import { now } from '../../faults/harness/clock.ts';
import type { Latency } from '../../faults/harness/latency.ts';
import { freePort } from '../../free-port.ts';
import { usageOf } from '../../proc.ts';
import { RunningProcess } from '../../process.ts';
import { output } from '../../run.ts';
import { removeDirectory, temporaryDirectory } from '../../temporary.ts';
import { Worker } from '../../worker.ts';
import { startEtcd } from '../etcd.ts';
import { TOOL } from '../stage/machine.ts';
import { connectsDuring } from './connects.ts';
import { simulatedMachines } from './documents.ts';

/** What a large fleet takes. */
export interface ScaleResult {
  readonly machines: number;
  readonly paths: number;
  /** Seconds from the first document to the last, and from there until HAProxy has all paths. */
  readonly publishSeconds: number;
  readonly applySeconds: number;
  /** Seconds from the word that one path has gone until HAProxy has it: above 10,000 paths, a new version of all. */
  readonly swapSeconds: number;
  /** KiB, resident. */
  readonly memory: Readonly<Record<'HAProxy' | 'front' | 'etcd', number>>;
  /** A connection through HAProxy to its acknowledgement, before the change and during it. */
  readonly before: Latency;
  readonly during: Latency;
  readonly failed: number;
}

const RESPONDER = fileURLToPath(new URL('../processes/responder.js', import.meta.url));
const LEASE_SECONDS = 3_600;
const WRITERS = 8;
const LONGEST_MS = 600_000;
const BEFORE_MS = 3_000;
const LOOK_EVERY_MS = 100;
/** Paths of the first machine. */
const STAYING = '/fleet/service-0/';
const GOING = '/fleet/service-1/';

/** Publishes machines that are only documents, has one front follow them, and changes one of them. */
export async function measureScale(
  machines: number,
  paths: number,
  show: (text: string) => void,
): Promise<ScaleResult> {
  const directory = temporaryDirectory();
  const started: RunningProcess[] = [];
  const [registryPort, listenPort, machinePort] = [
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const address = `etcd://127.0.0.1:${registryPort}/scale`;
  const registry = new Registry({ address: parseRegistry(address) });
  try {
    show('starting');
    const etcd = await startEtcd({ directory, port: registryPort });
    started.push(etcd);
    const responder = new Worker('responder', [RESPONDER]);
    started.push(responder);
    await responder.ask('listen', { port: machinePort });
    show(`${machines} machines publish ${paths} paths`);
    const lease = await registry.grant(LEASE_SECONDS);
    const publishBegun = now();
    const all = simulatedMachines(machines, paths, machinePort);
    const writer = async (): Promise<void> => {
      for (const machine of all) await publish(registry, lease, machine);
    };
    await Promise.all(Array.from({ length: WRITERS }, writer));
    const publishSeconds = (now() - publishBegun) / 1_000;
    show('a front starts');
    const socket = path.join(directory, 'admin.sock');
    const where = `--haproxy ${socket} --directory ${directory} --listen 127.0.0.1:${listenPort}`;
    const words = [...where.split(' '), '--no-proxy-protocol', '--json'];
    const configuration = path.join(directory, 'haproxy.cfg');
    const printed = JSON.parse(await output([...TOOL, 'front', '--print-config', ...words])) as {
      readonly configuration: string;
    };
    writeFileSync(configuration, withinLimit(printed.configuration, machines));
    const applyBegun = now();
    const front = new RunningProcess([...TOOL, 'front', '--registry', address, ...words]);
    started.push(front);
    // HAProxy starts from files, as after `front` on a new machine; the map is written last, and empty at first.
    show('a front writes what HAProxy starts from');
    const map = path.join(directory, 'fleet.map');
    await until(() => existsSync(map) && statSync(map).size > 1);
    show('HAProxy starts');
    const files = ['-f', configuration, '-f', path.join(directory, 'backends.cfg')];
    const haproxy = new RunningProcess(['haproxy', '-db', ...files]);
    started.push(haproxy);
    await Promise.race([front.said(`"paths":${paths}}`, LONGEST_MS), endedEarly(haproxy)]);
    const applySeconds = (now() - applyBegun) / 1_000;
    show('connections before a change');
    const calm = await connectsDuring(listenPort, STAYING, sleep(BEFORE_MS));
    show('a path of one machine goes');
    const swapBegun = now();
    const change = async (): Promise<number> => {
      const [machine] = simulatedMachines(machines, paths, machinePort);
      if (machine === undefined) throw new Error('there is no machine');
      const left = new Set([...machine.paths].filter((each) => each !== GOING));
      await publish(registry, lease, { ...machine, paths: left });
      await front.said(`"paths":${paths - 1}}`, LONGEST_MS);
      return (now() - swapBegun) / 1_000;
    };
    const swap = await connectsDuring(listenPort, STAYING, change());
    const memory = {
      HAProxy: usageOf(haproxy.pid).residentKiB,
      front: usageOf(front.pid).residentKiB,
      etcd: usageOf(etcd.pid).residentKiB,
    };
    return {
      machines,
      paths,
      publishSeconds,
      applySeconds,
      swapSeconds: swap.result,
      memory,
      before: calm.took,
      during: swap.took,
      failed: calm.failed + swap.failed,
    };
  } finally {
    registry.close();
    await Promise.all(started.map((one) => one.end()));
    removeDirectory(directory);
  }
}

/**
 * A configuration with which HAProxy starts here: it refuses to where it may not have two descriptors for each
 * connection and one for the check of each server, and some more. A service of systemd may have 65,536.
 */
function withinLimit(configuration: string, machines: number): string {
  const limit = descriptorLimit(undefined);
  const connections = Math.floor((limit - machines - 1_000) / 2);
  if (connections < 1) {
    const text = `HAProxy may have ${limit} files open here, too few for ${machines} machines: raise ulimit -n.`;
    throw new NetTcpError('Communication', text);
  }
  return configuration.replace(
    /maxconn (\d+)/,
    (_, asked: string) => `maxconn ${Math.min(Number(asked), connections)}`,
  );
}

/** @throws {NetTcpError} `Communication` once HAProxy has ended, with what it said last */
async function endedEarly(haproxy: RunningProcess): Promise<never> {
  const { stderr } = await haproxy.finished;
  const last = stderr.trimEnd().split('\n').slice(-3).join(' ');
  throw new NetTcpError('Communication', `HAProxy ended: ${haproxy.how}. It said: ${last}`);
}

async function until(isSo: () => boolean): Promise<void> {
  const late = now() + LONGEST_MS;
  while (!isSo()) {
    if (now() > late) throw new Error(`nothing came of it in ${LONGEST_MS} ms`);
    await sleep(LOOK_EVERY_MS);
  }
}

async function publish(registry: Registry, lease: string, machine: Machine): Promise<void> {
  const values = new Map<string, string>();
  for (const [slice, value] of writeMachine(machine)) {
    values.set(`machines/${machine.at}/${slice}`, value);
  }
  await registry.write(lease, values);
}
