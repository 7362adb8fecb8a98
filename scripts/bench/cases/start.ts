import type { Case } from '../case.ts';
import { BuiltPackage } from '../package.ts';
import { BARE, openStarts } from '../starts.ts';
import { ratioOf, spreadOf } from '../statistics.ts';

const ROUNDS_FACTOR = 2;

/** From the command to what it is there for. Turns are short, so there are more of them. */
export const start: Case = {
  name: 'start',
  async run({ rounds, isQuick }) {
    const starts = await openStarts(new BuiltPackage());
    const took = new Map<string, number[]>();
    for (let round = 0; round < (isQuick ? 1 : rounds * ROUNDS_FACTOR); round++) {
      for (const [name, ms] of Object.entries(await starts.turn())) {
        took.set(name, [...(took.get(name) ?? []), ms]);
      }
    }
    await starts.end();
    const bare = took.get(BARE) ?? [];
    const rows = [...took].map(([name, values]) => ({
      name,
      cells: { '÷ bare Node': ratioOf(values, bare), ms: spreadOf(values) },
    }));
    const title = 'start: from command to ready, or to the end';
    return { tables: [{ title, columns: ['÷ bare Node', 'ms'], rows }], leftOut: [] };
  },
};
