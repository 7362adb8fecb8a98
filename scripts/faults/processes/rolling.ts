// Callers that do not know that their service is replaced: some open a channel for each call, some reopen theirs.
import { ICalculator } from '../../../shared/contract/calculator.ts';
import { NetTcpError } from '../../../shared/errors.ts';
import { NetTcpBinding } from '../../../shared/net-tcp-binding.ts';
import { ChannelFactory } from '../../../shared/rpc/client/channel-factory.ts';
import { sleep } from '../../../shared/time.ts';
import { serve } from '../../serve.ts';

interface Options {
  readonly address: string;
  /** Callers of each kind. */
  readonly callers: number;
}

/** How the callers of one kind fared. */
export interface Fared {
  readonly made: number;
  readonly wrong: number;
  readonly sessions: number;
  /** Codes of errors, with the reason, and how often each came. */
  readonly errors: Readonly<Record<string, number>>;
}

const PAUSE_MS = 10;

let isOver = false;
let running: Promise<readonly [each: Fared, kept: Fared]> | undefined;

serve({
  begin({ address, callers }: Options) {
    running = Promise.all([many(address, callers, openEach), many(address, callers, keepOpen)]);
  },
  async stop() {
    isOver = true;
    return (await running) ?? [];
  },
});

type Tally = { made: number; wrong: number; sessions: number; errors: Record<string, number> };

async function many(
  address: string,
  callers: number,
  one: (address: string, tally: Tally) => Promise<void>,
): Promise<Fared> {
  const tally: Tally = { made: 0, wrong: 0, sessions: 0, errors: {} };
  await Promise.all(Array.from({ length: callers }, () => one(address, tally)));
  return tally;
}

async function openEach(address: string, tally: Tally): Promise<void> {
  const factory = new ChannelFactory(ICalculator, new NetTcpBinding());
  while (!isOver) {
    const channel = factory.createChannel(address);
    await call((n) => channel.Add(n, 0.5), tally);
    tally.sessions += 1;
    await channel.close().catch(() => channel.abort());
    await sleep(PAUSE_MS * Math.random());
  }
  factory.close();
}

async function keepOpen(address: string, tally: Tally): Promise<void> {
  const factory = new ChannelFactory(ICalculator, new NetTcpBinding());
  const channel = factory.createChannel(address, {
    reopen: true,
    onSession: ({ event }) => (tally.sessions += event === 'opened' ? 1 : 0),
  });
  while (!isOver) {
    await call((n) => channel.Add(n, 0.5), tally);
    await sleep(PAUSE_MS * Math.random());
  }
  await channel.close().catch(() => channel.abort());
  factory.close();
}

async function call(add: (n: number) => Promise<number>, tally: Tally): Promise<void> {
  const n = tally.made++;
  try {
    if ((await add(n)) !== n + 0.5) tally.wrong += 1;
  } catch (caught) {
    const { code, reason } = NetTcpError.from(caught);
    const what = reason === undefined ? code : `${code}, ${reason}`;
    tally.errors[what] = (tally.errors[what] ?? 0) + 1;
  }
}
