// Callers that wait: each on a channel of its own, for one slow call.
import { NetTcpError } from '../../../shared/errors.ts';
import type { ChannelFactory, Proxy } from '../../../shared/rpc/client/channel-factory.ts';
import { newFactory } from '../harness/client.ts';
import { now } from '../harness/clock.ts';
import { serve } from '../../serve.ts';
import type { Settled, WaitersOptions } from '../harness/waiters.ts';
import { IFixture } from '../harness/contract.ts';

let settled: Settled[] = [];
let waiting = 0;
const kept: { readonly channel: Proxy<typeof IFixture>; readonly factory: Factory }[] = [];
type Factory = ChannelFactory<typeof IFixture>;

serve({
  /** Opens channels that stay open. */
  async open({ address, count }: WaitersOptions) {
    for (let index = 0; index < count; index++) {
      const factory = newFactory(IFixture);
      const channel = factory.createChannel(address);
      await channel.open();
      kept.push({ channel, factory });
    }
  },
  /** Makes a call on each of them. */
  call({ ms }: Pick<WaitersOptions, 'ms'>) {
    for (const { channel } of kept) void wait(channel, ms);
  },
  /** Makes a call on each of `count` new channels. */
  begin({ address, count, ms }: WaitersOptions) {
    for (let index = 0; index < count; index++) {
      const factory = newFactory(IFixture);
      const channel = factory.createChannel(address);
      void wait(channel, ms).finally(() => {
        channel.abort();
        factory.close();
      });
    }
  },
  /** The calls that ended since the last time, and how many still wait. */
  settled() {
    const taken = settled;
    settled = [];
    return { settled: taken, waiting };
  },
  /** Drops `count` of the channels that stay open. */
  drop({ count }: Pick<WaitersOptions, 'count'>) {
    for (const { channel, factory } of kept.splice(0, count)) {
      channel.abort();
      factory.close();
    }
  },
});

async function wait(channel: Proxy<typeof IFixture>, ms: number): Promise<void> {
  const begunAt = now();
  waiting += 1;
  let code = 'answered';
  try {
    await channel.Wait(ms);
  } catch (error) {
    const { framingFault, code: errorCode } = NetTcpError.from(error);
    code = framingFault ?? errorCode;
  }
  waiting -= 1;
  settled.push({ begunAt, at: now(), code });
}
