// Who waits where a service has just gone, and for how long; the daemon that asks is in departures.test.ts.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { parseAddress } from '../../../../shared/address.ts';
import type { Arrival } from '../../../../shared/port-sharing/daemon/arrival.ts';
import { Departures } from '../../../../shared/port-sharing/daemon/fronts/departures.ts';
import { Fronts } from '../../../../shared/transport/fronts/fronts.ts';
import { Origin } from '../../../../shared/transport/fronts/origin.ts';

const GRACE_MS = 1_000;
const GONE = 'net.tcp://h:9000/gone';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A connection for a via: through a front, relayed from elsewhere, or straight from its client. */
function arrival(
  via: string,
  through: 'front' | 'relay' | 'nothing' = 'front',
  port = 9_000,
): Arrival {
  const origin = through === 'nothing' ? undefined : new Origin('192.0.2.7', through === 'front');
  return { via, port, origin } as unknown as Arrival;
}

function departures(fronts = Fronts.parse('10.0.0.2')) {
  const givenUp: Arrival[] = [];
  const limits = { departureGraceMs: GRACE_MS };
  const one = new Departures({ limits, fronts }, (each) => void givenUp.push(each));
  one.note(parseAddress(GONE));
  return { one, givenUp };
}

test.for<[what: string, given: Arrival, waits: boolean]>([
  ['through a front', arrival(GONE), true],
  ['through a front, below it', arrival(`${GONE}/deeper`), true],
  ['through a front, in capitals', arrival('net.tcp://h:9000/GONE'), true],
  ['through a front, beside it', arrival(`${GONE}er`), false],
  ['through a front, above it', arrival('net.tcp://h:9000/'), false],
  ['through a front, no address', arrival('gone'), false],
  ['through a front, at another port', arrival(GONE, 'front', 9_001), false],
  ['relayed', arrival(GONE, 'relay'), false],
  ['from its client', arrival(GONE, 'nothing'), false],
])('who comes %s', ([, given, waits]) => {
  const { one, givenUp } = departures();
  expect(one.holds(given)).toBe(waits);
  vi.advanceTimersByTime(GRACE_MS - 1);
  expect(givenUp).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(givenUp).toEqual(waits ? [given] : []);
  expect(one.holds(given)).toBe(false);
});

test('nobody waits where no front is trusted', () => {
  expect(departures(Fronts.none).one.holds(arrival(GONE))).toBe(false);
});

test('what goes once more begins its time anew; who has waited for the first is given up in time', () => {
  const { one, givenUp } = departures();
  const [first, second] = [arrival(GONE), arrival(GONE)];
  expect(one.holds(first)).toBe(true);
  vi.advanceTimersByTime(GRACE_MS / 2);
  one.note(parseAddress(GONE));
  expect(one.holds(second)).toBe(true);
  vi.advanceTimersByTime(GRACE_MS / 2);
  expect(givenUp).toEqual([first]);
  vi.advanceTimersByTime(GRACE_MS / 2);
  expect(givenUp).toEqual([first, second]);
});
