import { type Case, type Effort, endAll, type Figures, interleaved, startAll } from '../case.ts';
import { OUR_STREAM, RAW_STREAM } from '../contenders/all.ts';
import type { Contestant } from '../contestant.ts';
import { tableOf } from '../table.ts';

const OCTETS = 1_024 * 1_024 * 1_024;
/** Of that: enough for compiled code, and for buffers to find their size. */
const WARM_UP = 0.25;
/** Each is 4 GiB: a minute in all on a slow machine, and a stream that long has a mean of its own. */
const MAX_ROUNDS = 5;
const MIB = 1_024 * 1_024;

export const TITLE = 'stream: 1 GiB in one message, to the service (up) and from it (down)';

/** Streams: what passes, and what each side holds of it meanwhile. */
export const stream: Case = {
  name: 'stream',
  async run(given) {
    const rounds = Math.min(given.rounds, MAX_ROUNDS);
    const options = { ...given.options, onCoresOfTheirOwn: true };
    const effort: Effort = { ...given, rounds, options };
    const octets = Math.round(OCTETS * effort.scale);
    const { contestants, leftOut } = await startAll([RAW_STREAM, OUR_STREAM], effort);
    for (const contestant of contestants) await turn(contestant, Math.round(octets * WARM_UP));
    const measured = await interleaved(contestants, effort, (contestant) =>
      turn(contestant, octets),
    );
    await endAll(contestants);
    const table = tableOf(TITLE, measured, [
      { heading: 'up, MB/s ÷ raw', of: 'up', base: RAW_STREAM },
      { heading: 'down, MB/s ÷ raw', of: 'down', base: RAW_STREAM },
      { heading: 'up, MB/s', of: 'up' },
      { heading: 'down, MB/s', of: 'down' },
      { heading: 'service grows by MiB', of: 'service' },
      { heading: 'client grows by MiB', of: 'client' },
    ]);
    return { tables: [table], leftOut };
  },
};

async function turn(contestant: Contestant, octets: number): Promise<Figures> {
  await Promise.all([contestant.service({ do: 'watch' }), contestant.client({ do: 'watch' })]);
  const up = await contestant.client({ do: 'stream', way: 'up', octets });
  const down = await contestant.client({ do: 'stream', way: 'down', octets });
  const service = await contestant.service({ do: 'grown' });
  const client = await contestant.client({ do: 'grown' });
  return {
    up: octets / up.seconds / 1e6,
    down: octets / down.seconds / 1e6,
    service: service / MIB,
    client: client / MIB,
  };
}
