import { tableCase } from '../case.ts';
import { OWN, RAW, SOAP } from '../contenders/all.ts';

const TURN_MS = 250;
const WARM_UP_MS = 1_000;
const IN_FLIGHT = 2;
const BULK = { do: 'bulk', octets: 1_024 * 1_024, inFlight: IN_FLIGHT, isEchoed: true } as const;

export const TITLE = `large: messages of 1 MiB there and back (${IN_FLIGHT} in flight)`;

/** Messages of which each takes many reads and writes: what is copied, and how often. */
export const large = tableCase({
  name: 'large',
  title: TITLE,
  contenders: [RAW, OWN, SOAP],
  quickly: [RAW, OWN],
  isFine: true,
  columns: [
    { heading: 'MB/s ÷ raw', of: 'rate', base: RAW },
    { heading: 'MB/s', of: 'rate' },
    { heading: 'service CPU ms a message', of: 'cpu' },
  ],
  warmUp: (contestant, scale) => contestant.client({ ...BULK, forMs: WARM_UP_MS * scale }),
  async turn(contestant, scale) {
    const before = await contestant.service({ do: 'cpu' });
    const { octets, seconds } = await contestant.client({ ...BULK, forMs: TURN_MS * scale });
    const spent = (await contestant.service({ do: 'cpu' })) - before;
    return { rate: octets / seconds / 1e6, cpu: (spent * 1e3) / (octets / BULK.octets) };
  },
});
