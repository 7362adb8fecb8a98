// A client that sends session after session over one connection, each to another service.
import { NetTcpBinding } from '../../../shared/net-tcp-binding.ts';
import { ChannelFactory } from '../../../shared/rpc/client/channel-factory.ts';
import { serve } from '../../serve.ts';
import { IFixture } from '../harness/contract.ts';
import { watchSockets } from '../harness/watch-sockets.ts';

interface Options {
  /** Endpoints of `IFixture`: number and address. */
  readonly endpoints: readonly (readonly [number: number, address: string])[];
  readonly sessions: number;
}

export interface Pooled {
  readonly sessions: number;
  readonly wrong: number;
  readonly errors: readonly string[];
  /** TCP connections that all of them took. */
  readonly connections: number;
}

const sockets = watchSockets();

serve({
  async run({ endpoints, sessions }: Options): Promise<Pooled> {
    // One factory: connections whose session has ended are kept in it, as WCF keeps them.
    const factory = new ChannelFactory(IFixture, new NetTcpBinding());
    const before = sockets.tried;
    let wrong = 0;
    const errors: string[] = [];
    for (let session = 0; session < sessions; session++) {
      const [number, address] = endpoints[session % endpoints.length] ?? [0, ''];
      const channel = factory.createChannel(address);
      try {
        if ((await channel.Wait(0)) !== number) wrong += 1;
        await channel.close();
      } catch (error) {
        if (errors.length < 100) errors.push(String(error));
      }
    }
    factory.close();
    return { sessions, wrong, errors, connections: sockets.tried - before };
  },
});
