import { RunningProcess } from '../../../../scripts/process.ts';
import { messageOf, NetTcpError } from '../../../../shared/errors.ts';
import { ChannelFactory, ICalculator, NetTcpBinding } from '../../../../shared/index.ts';
import type { Missing, Talker } from '../programs.ts';
import type { Prove, Run } from '../proofs.ts';
import type { ServiceCertificate } from './prove-user-names.ts';

const SAYS_WITHIN_MS = 10_000;
const STARTS_WITHIN_MS = 60_000;
const security = { mode: 'TransportWithMessageCredential' } as const;

/** User names: our client, and a service that is made of parts of .NET and answers as CoreWCF does in captures. */
export async function proveUserNamesClient(
  prove: Prove,
  service: Talker | Missing,
  certificates: ServiceCertificate,
): Promise<void> {
  for (const streamed of [false, true]) {
    const how = streamed ? 'streamed' : 'buffered';
    for (const one of CALLS) {
      await prove(`As CoreWCF, user names, ${how}, ${one.name}`, service, (program) =>
        callTheirs(program, one, certificates, streamed),
      );
    }
  }
}

interface Call {
  readonly name: string;
  readonly args?: readonly string[];
  readonly password?: string;
  /** Results and codes of errors. */
  readonly run: (factory: ChannelFactory<typeof ICalculator>, address: string) => Promise<string>;
  readonly says: string;
  /** All that the service says. */
  readonly sees: readonly string[];
}

const ISSUED = 'issued to dave';
const ADDED = 'Add by dave';
const CANCELLED = 'cancelled by dave';

const CALLS: readonly Call[] = [
  {
    name: 'a right password, and a channel that cancels its token',
    run: async (factory, address) => {
      const proxy = factory.createChannel(address);
      const results = [
        await outcome(proxy.Add(100, 15.99)),
        await outcome(proxy.Subtract(145, 76.54)),
        await outcome(proxy.Divide(22, 7)),
      ];
      await proxy.close();
      return results.join(' ');
    },
    says: '115.99 68.46 3.142857142857143',
    sees: [ISSUED, ADDED, 'Subtract by dave', 'Divide by dave', CANCELLED],
  },
  {
    name: 'a wrong password costs one attempt',
    password: 'guess',
    run: async (factory, address) => {
      const proxy = factory.createChannel(address);
      const calls = await Promise.all([outcome(proxy.Add(1, 2)), outcome(proxy.Add(3, 4))]);
      return calls.join(' ');
    },
    says: 'MessageSecurity MessageSecurity',
    sees: ['refused dave'],
  },
  {
    name: 'a token that was forgotten costs a call, and the next channel has another',
    args: ['--forget', '1'],
    run: async (factory, address) => {
      const proxy = factory.createChannel(address);
      const results = [await outcome(proxy.Add(1, 2)), await outcome(proxy.Add(3, 4))];
      proxy.abort();
      const next = factory.createChannel(address);
      results.push(await outcome(next.Add(5, 6)));
      await next.close();
      return results.join(' ');
    },
    says: '3 MessageSecurity 11',
    // A token that is not known is not cancelled.
    sees: [ISSUED, ADDED, 'bad token', ISSUED, ADDED, CANCELLED],
  },
  {
    name: 'ten channels at once',
    run: async (factory, address) => {
      const proxies = Array.from({ length: 10 }, () => factory.createChannel(address));
      const results = await Promise.all(proxies.map((proxy, at) => outcome(proxy.Add(at, at))));
      await Promise.all(proxies.map((proxy) => proxy.close()));
      return results.join(' ');
    },
    says: '0 2 4 6 8 10 12 14 16 18',
    sees: Array.from({ length: 10 }, () => [ISSUED, ADDED, CANCELLED]).flat(),
  },
];

async function callTheirs(
  { command, args }: Talker,
  { args: more = [], password = 'secret-dave', run, says, sees }: Call,
  { ca, server }: ServiceCertificate,
  streamed: boolean,
): Promise<Run> {
  const line = [command, ...args, server.certificate, server.key, ...more];
  const service = new RunningProcess(line, {});
  try {
    const port = (await service.nextLine(STARTS_WITHIN_MS)).trim();
    const transferMode = streamed ? 'streamed' : 'buffered';
    const binding = new NetTcpBinding({ security, encoding: 'soap', transferMode });
    const credentials = { ca, userName: 'dave', password };
    using factory = new ChannelFactory(ICalculator, binding, { credentials });
    const said = await run(factory, `net.tcp://localhost:${port}/calculator/1`);
    // What several connections say comes in any order; one that the client has reset is no answer.
    const seen = (): readonly string[] =>
      service.stdout
        .split('\n')
        .slice(1, -1)
        .filter((said) => !said.startsWith('connection: '))
        .toSorted();
    // Its port, and what it is to say.
    const lines = new RegExp(`^(?:.*\\n){${sees.length + 1}}`);
    await service.said(lines, SAYS_WITHIN_MS).catch(() => undefined);
    return {
      said: { said },
      expected: { said: says },
      peer: `${seen().join()}.`,
      wanted: `${sees.toSorted().join()}.`,
    };
  } finally {
    await service.end();
  }
}

/** A result, or the code of an error. */
async function outcome(call: Promise<number>): Promise<string> {
  try {
    return String(await call);
  } catch (error) {
    return error instanceof NetTcpError ? error.code : messageOf(error);
  }
}
