import { defineContract, operation } from '../../../shared/contract/contract.ts';
import { base64Binary, double } from '../../../shared/contract/types.ts';
import { ChannelFactory, NetTcpBinding, ServiceHost } from '../../../shared/index.ts';
import type { EncodingOption } from '../../../shared/net-tcp-binding.ts';
import { loadNative } from '../../../shared/port-sharing/machine/native.ts';
import {
  type Caller,
  checkSum,
  type Contender,
  OPERANDS,
  raise,
  type Served,
} from '../contender.ts';
import { daemonPid } from '../daemon.ts';

/** The sample's Add, which WCF programs know, too, and one operation that takes many octets. */
const IBench = defineContract({
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
  },
});

const implementation = {
  Add: (n1: number, n2: number) => n1 + n2,
  Size: (octets: Uint8Array) => octets.length,
};

export type Port = 'own port' | 'hand-over' | 'relay';

/** Name as a case's table has it. */
export function oursName(encoding: EncodingOption, port: Port): string {
  return `ours, ${encoding}, ${port === 'own port' ? port : `shared (${port})`}`;
}

/**
 * This suite, through what it exports.
 *
 * @param registrations endpoints of the service; the last one is called
 */
export function ours(encoding: EncodingOption, port: Port, registrations = 1): Contender {
  const bindingOf = (portSharing: boolean): NetTcpBinding =>
    new NetTcpBinding({ portSharing, encoding });
  const base = oursName(encoding, port);
  let binding: NetTcpBinding | undefined;
  return {
    name: registrations === 1 ? base : `${base}, ${registrations} registrations`,

    async missing() {
      if (port !== 'hand-over') return undefined;
      return await loadNative().then(
        () => undefined,
        (error: unknown) => String(error),
      );
    },

    async serve() {
      if (port === 'relay') process.env['NET_TCP_PORT_SHARING_TRANSFER'] = 'relay';
      const host = new ServiceHost(bindingOf(port !== 'own port'));
      for (let index = 0; index < registrations; index++) {
        const address = `net.tcp://localhost:${SHARED_PORT}/calculator/${index}`;
        host.addEndpoint(IBench, implementation, address);
      }
      await host.open();
      const between = port === 'own port' ? undefined : await daemonPid();
      const served: Served = {
        target: host.addresses.at(-1) ?? '',
        close: () => host.close(),
      };
      return between === undefined ? served : { ...served, between };
    },

    async connect(target) {
      const factory = new ChannelFactory(IBench, (binding ??= bindingOf(false)));
      // 127.0.0.1, as every contender: what a name costs to look up is not measured here.
      const proxy = factory.createChannel(target.replace('localhost', '127.0.0.1'));
      await proxy.open();
      const caller: Caller = {
        callWith(done) {
          const onSum = (sum: number): void => {
            checkSum(sum);
            done();
          };
          return () => void proxy.Add(OPERANDS[0], OPERANDS[1]).then(onSum, raise);
        },
        sendWith(octets, done) {
          const onSize = (size: number): void => {
            if (size !== octets.length) throw new Error(`${octets.length} octets became ${size}`);
            done();
          };
          return () => void proxy.Size(octets).then(onSize, raise);
        },
        async close() {
          await proxy.close();
          factory.close();
        },
      };
      return caller;
    },
  };
}

/** 0: a free one. */
const SHARED_PORT = 0;
