// A service of the harness: the calculator, and slow or large answers, under one or more numbers.
import { calculator } from '../../../service/calculator.ts';
import { ICalculator } from '../../../shared/contract/calculator.ts';
import type { Limits } from '../../../shared/limits.ts';
import { NetTcpBinding } from '../../../shared/net-tcp-binding.ts';
import { ServiceHost } from '../../../shared/rpc/service/service-host.ts';
import { sleep } from '../../../shared/time.ts';
import type { Issued } from '../../certificates.ts';
import { serve } from '../../serve.ts';
import { census, heap } from '../harness/census.ts';
import { TLS } from '../harness/client.ts';
import { IFixture } from '../harness/contract.ts';

interface OpenOptions {
  readonly port: number;
  readonly numbers: readonly number[];
  readonly limits: Partial<Limits>;
  readonly portSharing?: boolean;
  readonly replicas?: boolean;
  /** Where other machines reach it, which is then not secured. Default: loopback. */
  readonly bind?: string;
  /** Files of its certificate and key; without them it is not secured. */
  readonly tls?: Issued;
}

let host: ServiceHost | undefined;
const notices: string[] = [];
const connectionErrors: string[] = [];

serve({
  async open(options: OpenOptions) {
    const { port, numbers, limits, portSharing = true, replicas = false, bind, tls } = options;
    const binding = new NetTcpBinding({
      portSharing,
      replicas,
      limits,
      onNotice: (text) => notices.push(text),
      ...(bind === undefined ? {} : { bind, security: { mode: 'None' } }),
      ...(tls === undefined ? {} : { security: TLS }),
    });
    host = new ServiceHost(binding, {
      ...(tls === undefined ? {} : { credentials: tls }),
      onConnectionError: ({ message }) => {
        if (connectionErrors.length < 1_000) connectionErrors.push(message);
      },
    });
    for (const number of numbers) {
      const base = `net.tcp://localhost:${port}`;
      host.addEndpoint(ICalculator, calculator, `${base}/calculator/${number}`);
      host.addEndpoint(IFixture, fixture(number), `${base}/fixture/${number}`);
    }
    await host.open();
  },
  /** A second host, with Windows credentials. No account of it is known to anybody. */
  async openForWindows({ port, numbers, limits }: OpenOptions) {
    const transport = { clientCredentialType: 'Windows' } as const;
    const security = { mode: 'Transport', transport } as const;
    const binding = new NetTcpBinding({ portSharing: true, limits, security });
    const accounts = Buffer.from(`nobody:nt$${'0'.repeat(32)}\n`);
    const second = new ServiceHost(binding, { credentials: { accounts } });
    for (const number of numbers) {
      second.addEndpoint(
        ICalculator,
        calculator,
        `net.tcp://localhost:${port}/calculator/${number}`,
      );
      second.addEndpoint(
        IFixture,
        fixture(number),
        `net.tcp://localhost:${port}/fixture/${number}`,
      );
    }
    await second.open();
  },
  async close() {
    await host?.close();
    host = undefined;
  },
  observed: () => ({ connections: host?.connectionCount ?? 0, notices, connectionErrors }),
  census,
  heap,
});

/**
 * The same memory for each answer of a size: what a method itself leaves to the garbage collector is not the suite's,
 * and V8 lets it come to 64 MiB.
 */
const answers = new Map<number, Uint8Array>();

function answerOf(count: number): Uint8Array {
  const answer = answers.get(count) ?? new Uint8Array(count);
  answers.set(count, answer);
  return answer;
}

function fixture(number: number) {
  return {
    async Wait(ms: number) {
      await sleep(ms);
      return number;
    },
    Octets: answerOf,
  };
}
