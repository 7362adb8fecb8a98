import { sleep } from '../../../shared/time.ts';
import type { Fared } from '../processes/rolling.ts';
import type { Fault } from '../trial.ts';

const NUMBER = 7;
const CALLERS = 8;
const BETWEEN_MS = 100;

/** Each version of a service registers beside the old one, which then closes. */
export const rollingRestart: Fault = {
  name: 'rolling-restart',
  does: 'a new version of a service registers at the same address, then the old one closes, again and again',
  async play(trial) {
    const stage = await trial.stage();
    const options = { replicas: true };
    let old = await stage.service([NUMBER], options);
    const { pid } = await stage.ready(2);
    const daemon = trial.watch('daemon', pid);
    const load = stage.start('rolling', 'callers');
    await load.ask('begin', { address: stage.address(NUMBER), callers: CALLERS });
    const rounds = trial.rounds(100, 5);
    for (let round = 0; round < rounds; round++) {
      const next = await stage.service([NUMBER], options);
      await sleep(BETWEEN_MS * trial.random());
      await old.ask('close', {});
      await old.end();
      old = next;
    }
    const [each, kept] = await load.ask<readonly [Fared, Fared]>('stop', {});
    await stage.ready(2);
    daemon();
    let lost = 0;
    for (const [who, fared] of [
      ['callers that open a channel for each call', each],
      ['callers with reopen', kept],
    ] as const) {
      const { made, wrong, errors, sessions } = fared;
      const failed = Object.values(errors).reduce((sum, count) => sum + count, 0);
      lost += failed;
      trial.promise(
        `${who}: 0 calls lost, 0 refused, 0 EndpointNotFound`,
        made > 0 && failed + wrong === 0,
        `${made} calls in ${sessions} sessions, ${wrong} wrong; errors: ${JSON.stringify(errors)}`,
      );
    }
    trial.promise('every restart moves the callers', kept.sessions > rounds, kept.sessions);
    const calls = each.made + kept.made;
    trial.figures = {
      ...trial.figures,
      calls: { made: calls, lost, wrong: each.wrong + kept.wrong },
    };
  },
};
