import { findPeers, type Peer } from '../../../test/interop/peers.ts';
import { type Case, type Effort, interleaved, type LeftOut, type Table } from '../case.ts';
import { tableOf } from '../table.ts';
import {
  type CalculatorClient,
  type CalculatorService,
  startOurClient,
  startOurService,
  startWcfClient,
  startWcfService,
} from '../wcf-programs.ts';

const TURN_MS = 250;
// What is called often, .NET compiles a second time, in the background.
const WARM_UP_MS = 3_000;
// Mono's service takes seconds for 64 calls.
const MAX_ROUNDS = 5;
const LOADS = [1, 64] as const;
const OURS = 'ours';
const MONO = 'mono';
const NAMES: Readonly<Record<string, string>> = { ours: 'ours', mono: 'Mono', dotnet: '.NET' };

interface Pair {
  readonly name: string;
  readonly clientName: string;
  readonly service: CalculatorService;
  readonly client: CalculatorClient;
}

/** The same calls over soap, to our service and to WCF's, each from our client and from WCF's. */
export const wcf: Case = {
  name: 'wcf',
  async run(effort) {
    const { peers, missing } = effort.isQuick ? { peers: [], missing: [] } : await findPeers();
    const leftOut: LeftOut[] = missing.map(({ name, reason }) => ({ name, why: reason }));
    const pairs: Pair[] = [];
    for (const service of [OURS, MONO]) {
      for (const client of [OURS, MONO, 'dotnet']) {
        const pair = await startPair(service, client, peers, effort);
        if (pair !== undefined) pairs.push(pair);
      }
    }
    const tables: Table[] = [];
    for (const inFlight of LOADS) tables.push(await measureLoad(pairs, inFlight, effort, leftOut));
    for (const { client, service } of pairs) {
      await client.end();
      await service.end();
    }
    const versions = peers.filter(({ name }) => name !== OURS).map(({ version }) => version);
    const note = versions.length === 0 ? '' : ` (${versions.join('; ')})`;
    return { tables: tables.map((table) => ({ ...table, title: table.title + note })), leftOut };
  },
};

/** Title of a load's table, without the versions after it. */
export function titleOf(inFlight: number): string {
  return `wcf: ${inFlight} ${inFlight === 1 ? 'call' : 'calls'} in flight on one connection, over soap`;
}

export function pairName(service: string, client: string): string {
  return `${NAMES[service]} ← ${NAMES[client]}`;
}

/** @returns `undefined` when one of the two cannot be had */
async function startPair(
  serviceName: string,
  clientName: string,
  peers: readonly Peer[],
  { options }: Effort,
): Promise<Pair | undefined> {
  const peerNamed = (wanted: string): Peer | undefined => peers.find(({ name }) => name === wanted);
  const servicePeer = peerNamed(serviceName);
  const clientPeer = peerNamed(clientName);
  if (serviceName !== OURS && servicePeer?.service === undefined) return undefined;
  if (clientName !== OURS && clientPeer?.client === undefined) return undefined;
  const service =
    serviceName === OURS || servicePeer === undefined
      ? await startOurService(options)
      : await startWcfService(servicePeer);
  const client =
    clientName === OURS || clientPeer === undefined
      ? await startOurClient(service.target, options)
      : startWcfClient(clientPeer, service.target);
  return { name: pairName(serviceName, clientName), clientName, service, client };
}

async function measureLoad(
  pairs: readonly Pair[],
  inFlight: number,
  effort: Effort,
  leftOut: LeftOut[],
): Promise<Table> {
  const { scale } = effort;
  const able: Pair[] = [];
  for (const pair of pairs) {
    try {
      await pair.client.call(inFlight, WARM_UP_MS * scale);
      able.push(pair);
    } catch (error) {
      leftOut.push({ name: `${pair.name}, ${inFlight} in flight`, why: String(error) });
    }
  }
  const rounds = Math.min(effort.rounds, MAX_ROUNDS);
  const measured = await interleaved(able, { ...effort, rounds }, async (pair) => {
    const before = await pair.service.cpu();
    const { calls, seconds } = await pair.client.call(inFlight, TURN_MS * scale);
    const spent = (await pair.service.cpu()) - before;
    return { perSecond: calls / seconds, load: spent / seconds };
  });
  const besideMono = (name: string): string =>
    pairName(MONO, able.find((pair) => pair.name === name)?.clientName ?? '');
  return tableOf(titleOf(inFlight), measured, [
    { heading: BESIDE_MONO, of: 'perSecond', base: besideMono },
    { heading: 'calls/s', of: 'perSecond' },
    { heading: "service's share of a core", of: 'load' },
  ]);
}

/** Heading: calls a second, divided by those of Mono's service with the same client. */
export const BESIDE_MONO = "÷ Mono's service";
