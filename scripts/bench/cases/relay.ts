import { tableCase } from '../case.ts';
import { HAPROXY, OWN, RELAYED } from '../contenders/all.ts';
import { turn } from './throughput.ts';

const TURN_MS = 250;
const WARM_UP_MS = 600;
/** An envelope of 64 KiB, less room for the MessagePack around it. */
const OCTETS = 65_536 - 32;
const BULK_IN_FLIGHT = 16;
const SMALL_IN_FLIGHT = 64;

const BULK = { do: 'bulk', octets: OCTETS, inFlight: BULK_IN_FLIGHT } as const;
const SMALL = { connections: 1, inFlight: SMALL_IN_FLIGHT };

/** What it costs to stay between client and service: big envelopes one way, and small calls. */
export const relay = tableCase({
  name: 'relay',
  title: `relay: envelopes of 64 KiB one way (${BULK_IN_FLIGHT} in flight), small calls (${SMALL_IN_FLIGHT})`,
  contenders: [RELAYED, HAPROXY, OWN],
  quickly: [RELAYED],
  columns: [
    { heading: 'MB/s ÷ HAProxy', of: 'rate', base: HAPROXY },
    { heading: 'calls/s ÷ HAProxy', of: 'perSecond', base: HAPROXY },
    { heading: 'MB/s', of: 'rate' },
    { heading: 'calls/s', of: 'perSecond' },
  ],
  async warmUp(contestant, scale) {
    await contestant.client({ ...BULK, forMs: WARM_UP_MS * scale });
    await turn(contestant, SMALL, WARM_UP_MS * scale);
  },
  async turn(contestant, scale) {
    const forMs = TURN_MS * scale;
    const { octets, seconds } = await contestant.client({ ...BULK, forMs });
    const { perSecond } = await turn(contestant, SMALL, forMs);
    return { rate: octets / seconds / 1e6, perSecond };
  },
});
