import type { Peer } from '../../test/interop/peers.ts';
import { startPeerService, type Result } from '../../test/interop/processes.ts';
import { freePort } from '../free-port.ts';
import { cpuSeconds } from '../proc.ts';
import { RunningProcess } from '../process.ts';
import { SOAP } from './contenders/all.ts';
import { type ContestantOptions, Half } from './contestant.ts';

/** A service of `ICalculator` over soap, ours or WCF's. Any client, ours or WCF's, can call any of them. */
export interface CalculatorService {
  /** Address of the endpoint. */
  readonly target: string;
  /** Seconds of user and system time so far. */
  cpu(): Promise<number>;
  end(): Promise<unknown>;
}

export interface CalculatorClient {
  /** Keeps `inFlight` calls in flight on its one connection. */
  call(
    inFlight: number,
    forMs: number,
  ): Promise<{ readonly calls: number; readonly seconds: number }>;
  end(): Promise<unknown>;
}

export async function startOurService(options: ContestantOptions): Promise<CalculatorService> {
  const { half, ready } = await Half.start(SOAP, ['service'], options);
  return {
    target: (ready as { readonly target: string }).target,
    cpu: () => half.ask({ do: 'cpu' }),
    end: () => half.end(),
  };
}

export async function startOurClient(
  target: string,
  options: ContestantOptions,
): Promise<CalculatorClient> {
  const { half } = await Half.start(SOAP, ['client', target], options);
  return {
    call: (inFlight, forMs) => half.ask({ do: 'throughput', connections: 1, inFlight, forMs }),
    end: () => half.end(),
  };
}

/** @throws {Error} if it does not become ready */
export async function startWcfService(peer: Peer): Promise<CalculatorService> {
  const address = `net.tcp://localhost:${await freePort()}`;
  const service = await startPeerService(peer, { addresses: [address] });
  return {
    target: `${address}/calculator`,
    cpu: () => Promise.resolve(cpuSeconds(service.pid ?? NaN)),
    end: () => service.stop(),
  };
}

/** Starts the scenario `speed` of a WCF client. A turn that fails rejects with what the client said of it. */
export function startWcfClient({ name, client = [] }: Peer, target: string): CalculatorClient {
  const running = new RunningProcess([...client, target, 'speed', '--exact'], { shows: 'errors' });
  return {
    async call(inFlight, forMs) {
      running.type(`${inFlight} ${Math.ceil(forMs)}\n`);
      const line = await running.nextLine();
      const { ok, calls, milliseconds, exception } = JSON.parse(line) as Result;
      if (!ok) throw new Error(`the client of ${name} failed: ${JSON.stringify(exception)}`);
      return { calls, seconds: Number(milliseconds) / 1_000 };
    },
    end: () => running.stop(),
  };
}
