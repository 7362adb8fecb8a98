import { sleep } from '../../../shared/time.ts';
import { kill } from '../harness/stage.ts';
import type { Fault } from '../trial.ts';

/** Many services start at the same moment, while there is no daemon. */
export const startTogether: Fault = {
  name: 'start-together',
  does: 'services start at the same moment, with no daemon',
  async play(trial) {
    const stage = await trial.stage({ idleExitMs: 600_000 });
    const count = trial.size(50, 10);
    const services = Array.from({ length: count }, (_, index) =>
      stage.start('service', `service ${index + 1}`),
    );
    await Promise.all(services.map((service) => service.ask('observed')));
    const rounds = trial.rounds(20, 2);
    let failures = 0;
    let oneDaemon = 0;
    let registered = 0;
    let slowestMs = 0;
    const errors = new Set<string>();
    for (let round = 0; round < rounds; round++) {
      const begunAt = performance.now();
      const opened = await Promise.allSettled(
        services.map((service, index) =>
          service.ask('open', { port: stage.port, numbers: [index + 1], limits: {} }),
        ),
      );
      slowestMs = Math.max(slowestMs, performance.now() - begunAt);
      for (const one of opened) if (one.status === 'rejected') errors.add(String(one.reason));
      failures += opened.filter(({ status }) => status === 'rejected').length;
      const status = await stage.status();
      registered += (status?.registrations.length ?? 0) === 2 * count ? 1 : 0;
      oneDaemon += stage.daemons().length === 1 || process.platform !== 'linux' ? 1 : 0;
      await Promise.all(services.map((service) => service.ask('close')));
      if (status !== undefined) kill(status.pid);
      while (stage.daemons().length > 0) await sleep(5);
    }
    const shown = [...errors].slice(0, 3).join('; ');
    trial.promise(`0 of ${rounds * count} services fail`, failures === 0, `${failures} ${shown}`);
    trial.promise('one daemon each time', oneDaemon === rounds, `${oneDaemon} of ${rounds}`);
    trial.promise('everybody is registered', registered === rounds, `${registered} of ${rounds}`);
    trial.notes.push(`${count} services; the last was registered after ${slowestMs.toFixed(0)} ms`);
  },
};
