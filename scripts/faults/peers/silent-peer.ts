import { NetTcpError } from '../../../shared/errors.ts';
import { NetTcpBinding } from '../../../shared/net-tcp-binding.ts';
import { ChannelFactory, type Proxy } from '../../../shared/rpc/client/channel-factory.ts';
import { IFixture } from '../harness/contract.ts';
import { now, until } from '../harness/clock.ts';
import type { Fault } from '../trial.ts';

const KEPT_ACK_MS = 500;
/** Instead of the default of 60 s, which would show the same and take longer. */
const SILENT_PEER_MS = 3_000;
const RECEIVE_MS = 6_000;
const MAY_TAKE_MS = 500;

/** A peer that goes silent because something on the way drops every packet. */
export const silentPeer: Fault = {
  name: 'silent-peer',
  does: 'a NAT that forgets a kept connection, and one with an open channel',
  async play(trial) {
    const stage = await trial.stage();
    const service = await stage.service([1], {
      limits: { receiveTimeoutMs: RECEIVE_MS, idleTimeoutMs: RECEIVE_MS },
    });
    await stage.ready(2);
    const nat = stage.start('forgetful-nat', 'NAT');
    const port = await nat.ask<number>('begin', { port: stage.port });
    const limits = { keptAckTimeoutMs: KEPT_ACK_MS, silentPeerTimeoutMs: SILENT_PEER_MS };
    const factory = new ChannelFactory(IFixture, new NetTcpBinding({ limits }));
    const open = (): Proxy<typeof IFixture> =>
      factory.createChannel(stage.address(1, 'fixture'), {
        via: `net.tcp://127.0.0.1:${port}/fixture/1`,
      });

    const first = open();
    await first.Wait(0);
    await first.close();
    await nat.ask('forget');
    const second = open();
    const tookMs = await timed(() => second.Wait(0));
    const most = KEPT_ACK_MS + trial.withinMs(MAY_TAKE_MS);
    trial.promise(
      `a kept connection that is forgotten costs a new channel ${KEPT_ACK_MS} ms, and no error`,
      tookMs <= most,
      `${tookMs.toFixed(0)} ms`,
    );

    await nat.ask('forget');
    const beganAt = now();
    const told: NetTcpError[] = [];
    while (second.state === 'opened' && now() - beganAt < 2 * SILENT_PEER_MS + most) {
      await second.Wait(0, { timeoutMs: SILENT_PEER_MS / 4 }).catch((error: unknown) => {
        told.push(NetTcpError.from(error));
      });
    }
    const faultedMs = now() - beganAt;
    const reason = told.at(-1)?.message ?? 'no call failed';
    trial.promise(
      `an open channel whose peer is silent is faulted after ${SILENT_PEER_MS} ms, with that reason`,
      second.state === 'faulted' &&
        faultedMs <= SILENT_PEER_MS + trial.withinMs(2 * MAY_TAKE_MS) &&
        reason.includes('silentPeerTimeoutMs'),
      `${second.state} after ${faultedMs.toFixed(0)} ms and ${told.length} calls: ${reason}`,
    );
    const third = open();
    const anewMs = await timed(() => third.Wait(0));
    trial.promise('the next channel works', anewMs <= most, `${anewMs.toFixed(0)} ms`);

    third.abort();
    const leftMs = await until(
      async () => (await service.ask<{ connections: number }>('observed')).connections === 0,
      RECEIVE_MS + trial.withinMs(RECEIVE_MS),
      100,
    );
    trial.promise(
      `the service gives up what it hears nothing of for ${RECEIVE_MS} ms`,
      leftMs !== undefined,
      leftMs === undefined ? 'it keeps them' : `after ${leftMs.toFixed(0)} ms none is left`,
    );
    factory.close();
  },
};

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begunAt = now();
  await work();
  return now() - begunAt;
}
