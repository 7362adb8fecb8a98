import { tableCase } from '../case.ts';
import { HANDED_OVER, MANY } from '../contenders/all.ts';

const TURN_MS = 250;
const WARM_UP_MS = 600;
const MAX_CONNECTIONS = 800;

/** What many registrations cost connections and calls. */
export const registry = tableCase({
  name: 'registry',
  title: 'registry: dispatch and calls behind many registrations',
  contenders: [HANDED_OVER, MANY],
  quickly: [HANDED_OVER],
  isFine: true,
  columns: [
    { heading: 'connect ÷ 1', of: 'connect', base: HANDED_OVER },
    { heading: 'call ÷ 1', of: 'call', base: HANDED_OVER },
    { heading: 'connect p50 µs', of: 'connect' },
    { heading: 'call p50 µs', of: 'call' },
  ],
  async warmUp(contestant, scale) {
    const forMs = WARM_UP_MS * scale;
    await contestant.client({ do: 'connect', forMs, count: MAX_CONNECTIONS });
    await contestant.client({ do: 'latency', forMs });
  },
  async turn(contestant, scale) {
    const forMs = TURN_MS * scale;
    const count = Math.ceil(MAX_CONNECTIONS * scale);
    return {
      connect: (await contestant.client({ do: 'connect', forMs, count })).p50,
      call: (await contestant.client({ do: 'latency', forMs })).p50,
    };
  },
});
