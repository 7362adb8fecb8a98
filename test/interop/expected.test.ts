import { describe, expect, test } from 'vitest';
import { deviations, type Expectation } from './expected.ts';
import type { ClientRun, Result } from './processes.ts';

const fault = { type: 'System.ServiceModel.FaultException', message: 'plain fault', inner: null };

const result = (members: Partial<Result>): Result => ({
  scenario: 'exceptions',
  part: 'fault',
  ok: true,
  calls: 1,
  exception: null,
  ...members,
});

const run = (results: readonly Result[], members: Partial<ClientRun> = {}): ClientRun => ({
  results,
  text: [],
  exitCode: 0,
  stderr: '',
  isTooLate: false,
  ...members,
});

const recorded: Expectation = { parts: { fault: { ok: true, state: 'Opened', exception: fault } } };

describe('a run that deviates is found out', () => {
  test.each<[string, ClientRun, Expectation | undefined, number]>([
    ['right without a record', run([result({})]), undefined, 0],
    ['not ok without a record', run([result({ ok: false })]), undefined, 1],
    ['no result at all', run([], { exitCode: 1, stderr: 'broken' }), undefined, 1],
    ['killed for being late', run([result({})], { isTooLate: true }), undefined, 1],
    ['as recorded', run([result({ state: 'Opened', exception: fault })]), recorded, 0],
    ['another state', run([result({ state: 'Faulted', exception: fault })]), recorded, 1],
    ['no exception', run([result({ state: 'Opened' })]), recorded, 1],
    [
      'another text',
      run([result({ state: 'Opened', exception: { ...fault, message: 'other' } })]),
      recorded,
      1,
    ],
    [
      'an inner exception where none was',
      run([result({ state: 'Opened', exception: { ...fault, inner: fault } })]),
      recorded,
      1,
    ],
    ['a part is missing', run([result({ part: 'plain' })]), recorded, 1],
    [
      'recorded as not ok, and so it is',
      run([result({ ok: false })]),
      { parts: { fault: { ok: false } } },
      0,
    ],
    ['the transcript', run([result({})], { text: ['a'] }), { text: ['a'], parts: {} }, 0],
    ['another transcript', run([result({})], { text: ['b'] }), { text: ['a'], parts: {} }, 1],
    ['a longer transcript', run([result({})], { text: ['a', 'b'] }), { text: ['a'], parts: {} }, 1],
    [
      'ports and times do not count',
      run([result({ exception: { message: 'at net.tcp://localhost:40123/x after 00:00:02.5' } })]),
      { parts: { fault: { exception: { message: 'at net.tcp://localhost:PORT/x after TIME' } } } },
      0,
    ],
  ])('%s', (_, given, expectation, count) => {
    expect(deviations(given, expectation)).toHaveLength(count);
  });
});
