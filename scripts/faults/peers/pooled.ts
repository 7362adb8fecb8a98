import type { Pooled } from '../processes/pooled.ts';
import type { Fault } from '../trial.ts';

const SERVICES = 4;

/** Session after session over one connection, each with another service. */
export const pooled: Fault = {
  name: 'pooled',
  does: 'one client sends session after session with different vias over one connection',
  async play(trial) {
    const stage = await trial.stage();
    const services = await stage.services(SERVICES);
    const { pid } = await stage.ready(2 * SERVICES);
    const client = stage.start('pooled', 'client');
    const endpoints = services.map((_, index) => [index + 1, stage.address(index + 1, 'fixture')]);
    await client.ask('run', { endpoints, sessions: 100 });
    const watches = trial.watchAll(services);
    const daemon = trial.watch('daemon', pid);
    const sessions = trial.rounds(10_000, 500);
    const begunAt = performance.now();
    const result = await client.ask<Pooled>('run', { endpoints, sessions });
    const seconds = (performance.now() - begunAt) / 1_000;
    watches();
    daemon();
    const { wrong, errors, connections } = result;
    trial.figures = {
      ...trial.figures,
      calls: { made: sessions, lost: errors.length, wrong },
      connections: { ...trial.figures.connections, made: connections },
    };
    trial.promise(
      'each session reaches the right service',
      wrong + errors.length === 0,
      `${wrong} wrong, ${errors.length} failed${errors[0] === undefined ? '' : `: ${errors[0]}`}`,
    );
    if (trial.isHandOver) {
      trial.promise('no connection is closed for it', connections === 1, `${connections} made`);
    } else trial.notes.push(`a relayed connection cannot be given away: ${connections} were made`);
    trial.notes.push(`${(sessions / seconds).toFixed(0)} sessions a second`);
  },
};
