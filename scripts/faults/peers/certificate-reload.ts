import { renameSync, writeFileSync } from 'node:fs';
import { readIssued } from '../../certificates.ts';
import { until } from '../harness/clock.ts';
import type { Stage } from '../harness/stage.ts';
import { calmDown, loadedStage } from '../loaded-stage.ts';
import type { Fault } from '../trial.ts';

const SERVICES = 4;
const READ_WITHIN_MS = 5_000;
const READ_AGAIN = /read again/;

/** New certificates, again and again, while sessions begin. */
export const certificateReload: Fault = {
  name: 'certificate-reload',
  does: 'certificates and keys of services are replaced under load',
  isSecurable: true,
  async play(trial) {
    const { stage, services, load, watched } = await loadedStage(
      trial,
      trial.size(SERVICES, 1),
      'tls',
    );
    let replaced = 0;
    // Each service looks by itself: so many rounds are so many times as many reloads.
    const rounds = trial.rounds(25, 2);
    for (let round = 0; round < rounds; round++) {
      const before = await readings();
      replace(stage, round);
      await until(async () => (await readings()).every(isMoreThan(before)), READ_WITHIN_MS);
      replaced += (await readings()).filter(isMoreThan(before)).length;
    }
    await calmDown(trial, load);
    watched();
    trial.promiseNothingLost();
    const wanted = rounds * services.length;
    trial.promise(`all ${wanted} times they are read`, replaced === wanted, replaced);

    async function readings(): Promise<readonly number[]> {
      const all = services.map((service) =>
        service.ask<{ readonly notices: string[] }>('observed'),
      );
      const found = await Promise.all(all);
      return found.map(({ notices }) => notices.filter((text) => READ_AGAIN.test(text)).length);
    }
  },
};

function isMoreThan(before: readonly number[]): (count: number, index: number) => boolean {
  return (count, index) => count > (before[index] ?? 0);
}

/** As an operator does it: one file after the other, each at once. */
function replace({ tls }: Stage, round: number): void {
  if (tls === undefined) throw new Error('the stage is not secured');
  const issued = tls.authority.issue('next', { name: `service ${round}` });
  const { certificate, key } = readIssued(issued);
  for (const [file, content] of [
    [tls.service.certificate, certificate],
    [tls.service.key, key],
  ] as const) {
    writeFileSync(`${file}.new`, content);
    renameSync(`${file}.new`, file);
  }
}
