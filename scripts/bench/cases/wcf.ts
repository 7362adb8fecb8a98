import type { Case } from '../case.ts';
import { SOAP } from '../contenders/all.ts';
import { startAll, endAll } from '../case.ts';
import { turn } from './throughput.ts';
import { spreadOf } from '../statistics.ts';

const TURN_MS = 250;
const LOAD = { connections: 1, inFlight: 64 };

/** The same calls as SOAP. Programs on .NET are other contenders of this case, once there are any. */
export const wcf: Case = {
  name: 'wcf',
  async run(effort) {
    const { contestants, leftOut } = await startAll([SOAP], effort);
    const rows = [];
    for (const contestant of contestants) {
      const perSecond: number[] = [];
      await turn(contestant, LOAD, TURN_MS * effort.scale);
      for (let round = 0; round < effort.rounds; round++) {
        perSecond.push((await turn(contestant, LOAD, TURN_MS * effort.scale)).perSecond);
      }
      const name = `our service ← our client, ${LOAD.inFlight} in flight`;
      rows.push({ name, cells: { 'calls/s': spreadOf(perSecond) } });
    }
    await endAll(contestants);
    return { tables: [{ title: 'wcf: calls over soap', columns: ['calls/s'], rows }], leftOut };
  },
};
