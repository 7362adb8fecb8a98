// Time limits and AbortSignals of calls, and what the service sees of a caller that is gone.
import { setTimeout } from 'node:timers/promises';
import {
  ChannelFactory,
  defineContract,
  NetTcpBinding,
  NetTcpError,
  operation,
  ServiceHost,
  types,
} from 'net-tcp-port-sharing';

const ISlow = defineContract({
  name: 'ISlow',
  operations: { Wait: operation([['ms', types.int]], types.string) },
});
const address = 'net.tcp://localhost:9000/slow';

const host = new ServiceHost(new NetTcpBinding({ portSharing: true }));
host.addEndpoint(
  ISlow,
  {
    // Behind the contract's arguments: the call's context. Its signal fires when the caller is gone.
    async Wait(ms, { signal }) {
      try {
        return await setTimeout(ms, 'waited', { signal });
      } catch (error) {
        console.log('service: nobody waits for this any more');
        throw error;
      }
    },
  },
  address,
);
await host.open();

const factory = new ChannelFactory(ISlow, new NetTcpBinding());
const slow = factory.createChannel(address);
await slow.open();
const codeOf = (error: unknown): string =>
  error instanceof NetTcpError ? error.code : String(error);

// A limit for one call: its promise rejects, the channel stays as it is. The service is not told.
console.log(await slow.Wait(60_000, { timeoutMs: 200 }).catch(codeOf));

// The caller gives the call up.
console.log(await slow.Wait(60_000, { signal: AbortSignal.timeout(200) }).catch(codeOf));

console.log(await slow.Wait(10));

// The channel is dropped: the call in flight rejects, and the signals of all three in the service fire.
const last = slow.Wait(60_000).catch(codeOf);
await setTimeout(200);
slow.abort();
console.log(await last);

factory.close();
await host.close();
