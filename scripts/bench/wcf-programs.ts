import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Peer } from '../../test/interop/peers.ts';
import { freePort, startPeerService, type Result } from '../../test/interop/processes.ts';
import { SOAP } from './contenders/all.ts';
import { type ContestantOptions, Half } from './contestant.ts';

/** Services and clients of `ICalculator` over soap, ours and WCF's, of which any two speak with each other. */
export interface CalculatorService {
  /** Address of the endpoint. */
  readonly target: string;
  /** Seconds of user and system time so far. */
  cpu(): Promise<number>;
  end(): Promise<unknown>;
}

export interface CalculatorClient {
  /** Keeps so many calls in flight on its one connection. */
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
    end: () => half.ask({ do: 'end' }),
  };
}

export async function startOurClient(
  target: string,
  options: ContestantOptions,
): Promise<CalculatorClient> {
  const { half } = await Half.start(SOAP, ['client', target], options);
  return {
    call: (inFlight, forMs) => half.ask({ do: 'throughput', connections: 1, inFlight, forMs }),
    end: () => half.ask({ do: 'end' }),
  };
}

/** @throws {Error} when it does not get ready */
export async function startWcfService(peer: Peer): Promise<CalculatorService> {
  const address = `net.tcp://localhost:${await freePort()}`;
  const service = await startPeerService(peer, { addresses: [address] });
  return {
    target: `${address}/calculator`,
    cpu: () => Promise.resolve(cpuSeconds(service.pid ?? NaN)),
    end: () => service.stop(),
  };
}

/** The scenario `speed` of a WCF client. A turn that fails rejects with what the client said of it. */
export function startWcfClient({ name, client = [] }: Peer, target: string): CalculatorClient {
  const [program, ...words] = [...client, target, 'speed', '--exact'];
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  // Whoever started this ends: so does the client, because its input ends. A write to one that has ended is
  // answered by the end of its output.
  child.stdin.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async call(inFlight, forMs) {
      child.stdin.write(`${inFlight} ${Math.ceil(forMs)}\n`);
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`the client of ${name} has ended`);
      const { ok, calls, milliseconds, exception } = JSON.parse(value) as Result;
      if (!ok) throw new Error(`the client of ${name} failed: ${JSON.stringify(exception)}`);
      return { calls, seconds: Number(milliseconds) / 1_000 };
    },
    end() {
      child.stdin.end();
      return exited;
    },
  };
}

/** `USER_HZ`, the unit of times in `/proc`: 100 on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;
const COMMAND_END = ') ';
const USER_TICKS_FIELD = 11;

/** User and system time of a process; NaN where the system has no `/proc`. See proc_pid_stat(5). */
function cpuSeconds(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name may have blanks and brackets of its own.
    const fields = stat.slice(stat.lastIndexOf(COMMAND_END) + COMMAND_END.length).split(' ');
    const [user, system] = fields.slice(USER_TICKS_FIELD, USER_TICKS_FIELD + 2);
    return (Number(user) + Number(system)) / TICKS_PER_SECOND;
  } catch {
    return NaN;
  }
}
