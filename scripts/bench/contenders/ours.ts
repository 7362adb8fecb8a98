import { callWithPromises, type Contender, OPERANDS, raise, type Served } from '../contender.ts';
import { BuiltPackage, type Suite } from '../package.ts';

type Encoding = 'msgpack' | 'soap';
export type Port = 'own port' | 'hand-over' | 'relay';

/** Its name in the tables. */
export function oursName(encoding: Encoding, port: Port): string {
  return `ours, ${encoding}, ${port === 'own port' ? port : `shared (${port})`}`;
}

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

/**
 * This suite, through what the package exports.
 *
 * @param registrations endpoints of the service; the last one is called
 */
export function ours(encoding: Encoding, port: Port, registrations = 1): Contender {
  const base = oursName(encoding, port);
  let client: Promise<ReturnType<typeof clientOf>> | undefined;
  return {
    name: registrations === 1 ? base : `${base}, ${registrations} registrations`,

    missing: async () =>
      port === 'hand-over' ? await new BuiltPackage().missingHandOver() : undefined,

    async serve() {
      if (port === 'relay') process.env['NET_TCP_PORT_SHARING_TRANSFER'] = 'relay';
      const used = new BuiltPackage();
      const suite = await used.load();
      const portSharing = port !== 'own port';
      const limits = { maxReceivedMessageSize: MAX_MESSAGE };
      const host = new suite.ServiceHost(new suite.NetTcpBinding({ portSharing, limits }));
      const contract = contractOf(suite);
      for (let index = 0; index < registrations; index++) {
        const address = `net.tcp://localhost:${PORT}/calculator/${index}`;
        host.addEndpoint(contract, implementation, address);
      }
      await host.open();
      const served: Served = {
        target: host.addresses.at(-1) ?? '',
        close: () => host.close(),
      };
      if (!portSharing) return served;
      const directory = process.env['NET_TCP_PORT_SHARING_DIR'] ?? '';
      return { ...served, between: await used.daemonPid(directory) };
    },

    async connect(target) {
      client ??= new BuiltPackage().load().then((suite) => clientOf(suite, encoding));
      const { ChannelFactory, contract, binding } = await client;
      const factory = new ChannelFactory(contract, binding);
      // 127.0.0.1, as with every contender: the look-up of a name is not measured here.
      const proxy = factory.createChannel(target.replace('localhost', '127.0.0.1'));
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
          factory.close();
        },
      };
    },
  };
}

/** What all channels of a client have in common. */
function clientOf(suite: Suite, encoding: Encoding) {
  const { NetTcpBinding, ChannelFactory } = suite;
  const limits = { maxReceivedMessageSize: MAX_MESSAGE };
  const binding = new NetTcpBinding({ encoding, limits });
  return { ChannelFactory, contract: contractOf(suite), binding };
}
