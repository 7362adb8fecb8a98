import { tableCase } from '../case.ts';
import { CALLERS, HAPROXY, OWN, RAW, RAW_HAPROXY } from '../contenders/all.ts';

const TURN_MS = 250;
const WARM_UP_MS = 600;

/** One call outstanding: how long until the answer is there. */
export const latency = tableCase({
  name: 'latency',
  title: 'latency: one call outstanding, service and client on a core each',
  contenders: [...CALLERS, HAPROXY, RAW_HAPROXY],
  quickly: [RAW, OWN],
  isFine: true,
  columns: [
    { heading: 'p50 ÷ raw', of: 'p50', base: RAW },
    { heading: 'p50 ÷ own port', of: 'p50', base: OWN },
    { heading: 'p50 ÷ raw through HAProxy', of: 'p50', base: RAW_HAPROXY },
    { heading: 'p50 µs', of: 'p50' },
    { heading: 'p99 µs', of: 'p99' },
  ],
  warmUp: (contestant, scale) => contestant.client({ do: 'latency', forMs: WARM_UP_MS * scale }),
  turn: (contestant, scale) => contestant.client({ do: 'latency', forMs: TURN_MS * scale }),
});
