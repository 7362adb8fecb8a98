// What a fleet promises is judged by what its callers have seen: each promise can be broken.
import { expect, test } from 'vitest';
import type { AllFared, Fared, Kind, Lost } from '../../../scripts/fleet/callers.ts';
import { formatPage, formatResult } from '../../../scripts/fleet/report.ts';
import type { Fleet } from '../../../scripts/fleet/stage/fleet.ts';
import { FleetTrial } from '../../../scripts/fleet/trial.ts';

const KILLED_AT = 1_000;

function fared(lost: readonly Lost[] = [], wrong = 0): Fared {
  const took = { count: 9, p50: 1, p99: 2, max: 12.4 };
  return { made: 10, wrong, lostCount: lost.length, took, lost };
}

function all(changed: Partial<Record<Kind, Fared>> = {}): AllFared {
  return { open: fared(), pooled: fared(), kept: fared(), reopening: fared(), ...changed };
}

function lost(begunAt: number, pausedMs = NaN): Lost {
  const [code, message] = ['EndpointNotFound', 'There was no endpoint.'];
  return { begunAt, at: begunAt + 5, pausedMs, code, reason: undefined, message };
}

const trial = (): FleetTrial => new FleetTrial({} as Fleet, true);
const brokenOf = ({ verdicts }: FleetTrial): readonly string[] =>
  verdicts.filter(({ isKept }) => !isKept).map(({ promise }) => promise);

test.for<[what: string, changed: Partial<Record<Kind, Fared>>, broken: RegExp[]]>([
  ['nothing', {}, []],
  ['an open that ran at the kill', { open: fared([lost(KILLED_AT - 1)]) }, []],
  [
    'an open after the kill',
    { open: fared([lost(KILLED_AT + 1)]) },
    [/open a channel.*none is refused/],
  ],
  [
    'a pooled one after the kill',
    { pooled: fared([lost(KILLED_AT + 1)]) },
    [/pooled.*none is refused/],
  ],
  ['a call of each kept channel', { kept: fared(Array.from({ length: 4 }, () => lost(990))) }, []],
  [
    'more calls than there are kept channels',
    { kept: fared(Array.from({ length: 5 }, () => lost(990))) },
    [/keep a channel: at most/],
  ],
  ['nobody opens anything', { open: { ...fared(), made: 0 } }, [/none is refused/]],
])('after a kill: %s', ([, changed, broken]) => {
  const one = trial();
  one.promiseOnlyInFlight(all(changed), KILLED_AT);
  const got = brokenOf(one);
  expect(got).toHaveLength(broken.length);
  for (const [index, pattern] of broken.entries()) expect(got[index]).toMatch(pattern);
});

test('where nothing may be lost, one lost call breaks it, of whichever kind', () => {
  for (const kind of ['open', 'pooled', 'kept', 'reopening'] as const) {
    const one = trial();
    one.promiseNothingLost(all());
    expect(brokenOf(one)).toEqual([]);
    one.promiseNothingLost(all({ [kind]: fared([lost(1)]) }));
    expect(brokenOf(one)).toHaveLength(1);
    expect(one.verdicts[1]?.got).toContain(
      `1 x ${kind}: EndpointNotFound (There was no endpoint.)`,
    );
  }
});

test('where a service ends in order, only what crosses the end of its session after a pause is excused', () => {
  const one = trial();
  one.promiseOrder(all({ kept: fared([lost(1)]), reopening: fared([lost(1, 60)]) }));
  expect(brokenOf(one)).toEqual([]);
  expect(one.notes).toEqual([expect.stringContaining('1 calls crossed')]);
  one.promiseOrder(all({ reopening: fared([lost(1, 20)]) }));
  one.promiseOrder(all({ reopening: fared([lost(1)]) }));
  expect(brokenOf(one)).toHaveLength(2);
});

test('a wrong answer in any part breaks any fault, and a report says so', () => {
  const one = trial();
  one.during.push(all(), all({ pooled: fared([], 1) }));
  one.promiseNothingWrong();
  expect(brokenOf(one)).toEqual(['0 wrong answers']);
  const { verdicts: promises, during } = one;
  const told = { fault: 'x', does: 'X dies', seconds: 2, kept: false, before: all(), during };
  const result = { ...told, promises, notes: ['so it is'] };
  expect(formatResult(result)).toContain('  BROKEN 0 wrong answers: 1 of 80');
  const page = formatPage([result], 'Measured.');
  expect(page).toContain('| X dies | 20, 0 | 20, 0 | 40, 0 | 12 ms, 12 ms | 0 of 1 **broken** |');
  expect(page).toContain('- x broke: 0 wrong answers: 1 of 80\n- x: so it is');
});
