import { addRound, type Case } from '../case.ts';
import { BuiltPackage } from '../package.ts';
import { BARE, openStarts } from '../starts.ts';
import { tableOf } from '../table.ts';

const ROUNDS_FACTOR = 2;

/** How long commands take until they are ready, or have ended. Turns are short, so there are more of them. */
export const start: Case = {
  name: 'start',
  async run({ rounds, isQuick, onStep }) {
    const starts = await openStarts(new BuiltPackage());
    const took = new Map<string, Map<string, number[]>>();
    const count = isQuick ? 1 : rounds * ROUNDS_FACTOR;
    for (let round = 0; round < count; round++) {
      onStep(`round ${round + 1} of ${count}: start`);
      for (const [name, ms] of Object.entries(await starts.turn())) addRound(took, name, { ms });
    }
    await starts.end();
    const table = tableOf('start: from command to ready, or to the end', took, [
      { heading: '÷ bare Node', of: 'ms', base: BARE },
      { heading: 'ms', of: 'ms' },
    ]);
    return { tables: [table], leftOut: [] };
  },
};
