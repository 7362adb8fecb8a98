import { callWithPromises, type Contender, OPERANDS, raise, type Served } from '../contender.ts';
import { BuiltPackage, type Suite } from '../package.ts';

type Encoding = 'msgpack' | 'soap';
export type Port = 'own port' | 'hand-over' | 'relay';

/** Its name in the tables. */
export function oursName(encoding: Encoding, port: Port, security?: Securing): string {
  const where = `${encoding}, ${port === 'own port' ? port : `shared (${port})`}`;
  return `ours, ${where}${security === undefined ? '' : `, ${security.name}`}`;
}

type ServiceOptions = NonNullable<ConstructorParameters<Suite['ServiceHost']>[1]>;
type ClientOptions = NonNullable<ConstructorParameters<Suite['ChannelFactory']>[2]>;
type BindingOptions = NonNullable<ConstructorParameters<Suite['NetTcpBinding']>[0]>;

/** How connections are secured. */
export interface Securing {
  readonly name: string;
  readonly binding: Pick<BindingOptions, 'security'>;
  /** In the service's process. */
  service(): Pick<ServiceOptions, 'credentials'>;
  /** In the client's. */
  client(): Pick<ClientOptions, 'credentials'>;
  /** Changes a client's binding. */
  readonly adapt?: (binding: InstanceType<Suite['NetTcpBinding']>) => void;
}

interface Extras {
  /** Endpoints of the service; the last one is called. Default: 1. */
  readonly registrations?: number;
  readonly security?: Securing;
  /** Whether the next session begins on the connection of the last one. Default: each has a connection. */
  readonly isKept?: boolean;
  /** How many have the one address. Default: 1, which nobody else may have. */
  readonly replicas?: number;
  /** Whether calls take a millisecond of CPU, at the address `BENCH_ADDRESS`, which others may have. */
  readonly isBusy?: boolean;
}

/** Behind the name of a contender whose sessions are on one connection. */
export const KEPT = ', connection kept';

/** 0 stands for a free port. */
const PORT = 0;
const MAX_MESSAGE = 8 * 1_024 * 1_024;

/** The sample's Add, which WCF programs also have, and two operations that take many bytes. */
function contractOf({ defineContract, operation, types: { base64Binary, double } }: Suite) {
  return defineContract({
    name: 'ICalculator',
    namespace: 'http://Microsoft.Samples.PortSharing',
    operations: {
      Add: operation(
        [
          ['n1', double],
          ['n2', double],
        ],
        double,
      ),
      Size: operation([['octets', base64Binary]], double),
      Echo: operation([['octets', base64Binary]], base64Binary),
    },
  });
}

const implementation = {
  Add: (n1: number, n2: number) => n1 + n2,
  Size: (octets: Uint8Array) => octets.length,
  Echo: (octets: Uint8Array) => octets,
};

const BUSY_MICROSECONDS = 1_000;

/** An operation that has something to do. */
const busily = {
  ...implementation,
  Add(n1: number, n2: number): number {
    const before = process.cpuUsage();
    for (let spent = 0; spent < BUSY_MICROSECONDS;) {
      const { user, system } = process.cpuUsage(before);
      spent = user + system;
    }
    return n1 + n2;
  },
};

/** This suite, through what the package exports. */
export function ours(
  encoding: Encoding,
  port: Port,
  { registrations = 1, security, isKept = false, replicas = 1, isBusy = false }: Extras = {},
): Contender {
  const base = `${oursName(encoding, port, security)}${isKept ? KEPT : ''}`;
  let client: Promise<ReturnType<typeof clientOf>> | undefined;
  return {
    name: [
      base,
      ...(registrations === 1 ? [] : [`${registrations} registrations`]),
      ...(replicas === 1 ? [] : [`${replicas} replicas`]),
      ...(isBusy ? ['1 ms of CPU'] : []),
    ].join(', '),

    missing: async () =>
      port === 'hand-over' ? await new BuiltPackage().missingHandOver() : undefined,

    async serve() {
      if (port === 'relay') process.env['NET_TCP_PORT_SHARING_TRANSFER'] = 'relay';
      const used = new BuiltPackage();
      const suite = await used.load();
      const portSharing = port !== 'own port';
      const limits = { maxReceivedMessageSize: MAX_MESSAGE };
      const isShared = replicas > 1 || isBusy;
      const sharing = { portSharing, ...(isShared && { replicas: true }) };
      const binding = new suite.NetTcpBinding({ ...sharing, limits, ...security?.binding });
      const contract = contractOf(suite);
      const hosts: InstanceType<Suite['ServiceHost']>[] = [];
      let address = isBusy ? (process.env['BENCH_ADDRESS'] ?? '') : '';
      for (let replica = 0; replica < replicas; replica++) {
        const host = new suite.ServiceHost(binding, security?.service());
        for (let index = 0; index < registrations; index++) {
          const own = `net.tcp://localhost:${PORT}/calculator/${index}`;
          host.addEndpoint(contract, isBusy ? busily : implementation, address || own);
        }
        await host.open();
        hosts.push(host);
        address = host.addresses.at(-1) ?? '';
      }
      const served: Served = {
        target: address,
        async close() {
          for (const host of hosts) await host.close();
        },
      };
      if (!portSharing) return served;
      const directory = process.env['NET_TCP_PORT_SHARING_DIR'] ?? '';
      return { ...served, between: await used.daemonPid(directory) };
    },

    async connect(target) {
      client ??= new BuiltPackage().load().then((suite) => clientOf(suite, encoding, security));
      const { factory, newFactory } = await client;
      const used = isKept ? factory : newFactory();
      // 127.0.0.1, as with every contender: the look-up of a name is not measured here.
      const proxy = used.createChannel(target.replace('localhost', '127.0.0.1'));
      await proxy.open();
      return {
        callWith: callWithPromises(() => proxy.Add(OPERANDS[0], OPERANDS[1])),
        sendWith({ length }, isEchoed, done) {
          const octets = new Uint8Array(length).fill(0x5a);
          const onSize = (size: number): void => {
            if (size !== length) throw new Error(`${length} bytes became ${size}`);
            done();
          };
          const onEcho = (echo: Uint8Array): void => onSize(echo.length);
          return isEchoed
            ? () => void proxy.Echo(octets).then(onEcho, raise)
            : () => void proxy.Size(octets).then(onSize, raise);
        },
        async close() {
          await proxy.close();
          if (!isKept) used.close();
        },
      };
    },
  };
}

/** What all channels of a client have in common. */
function clientOf(suite: Suite, encoding: Encoding, security: Securing | undefined) {
  const { NetTcpBinding, ChannelFactory } = suite;
  const limits = { maxReceivedMessageSize: MAX_MESSAGE };
  const binding = new NetTcpBinding({ encoding, limits, ...security?.binding });
  security?.adapt?.(binding);
  const contract = contractOf(suite);
  const options = security?.client();
  const newFactory = () => new ChannelFactory(contract, binding, options);
  return { factory: newFactory(), newFactory };
}
