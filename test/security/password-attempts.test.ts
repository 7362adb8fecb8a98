import { beforeEach, expect, test } from 'vitest';
import { PasswordAttempts } from '../../shared/security/password-attempts.ts';

/** On the clock that nobody sets. */
let at = 0;
/** Milliseconds since 1970, of a clock that is set. */
let wall = 0;
const clocks = { now: () => wall, elapsed: () => at };
const OPTIONS = { free: 3, firstDelayMs: 1_000, maxDelayMs: 8_000, forgetMs: 60_000, clocks };

beforeEach(() => {
  at = 0;
  wall = Date.UTC(2026, 10, 25);
});

test('three mistakes are free, then each costs twice as much, up to a limit', () => {
  const source = new PasswordAttempts(OPTIONS).from('10.0.0.1');
  const waits: number[] = [];
  for (let attempt = 0; attempt < 9; attempt++) {
    const began = at;
    while (!source.mayTry('dave')) at += 500;
    waits.push(at - began);
    source.failed('dave');
  }
  expect(waits).toEqual([0, 0, 0, 0, 1_000, 2_000, 4_000, 8_000, 8_000]);
});

test.for([-86_400_000, 86_400_000])(
  'a clock that is set by %i ms keeps nobody waiting longer, and lets nobody guess more',
  (jumpMs) => {
    const source = new PasswordAttempts(OPTIONS).from('10.0.0.1');
    for (let count = 0; count < 9; count++) source.failed('dave');
    wall += jumpMs;
    at = OPTIONS.maxDelayMs - 1;
    expect(source.mayTry('dave')).toBe(false);
    at += 1;
    expect(source.mayTry('dave')).toBe(true);
    source.failed('dave');
    at += OPTIONS.maxDelayMs - 1;
    expect(source.mayTry('dave')).toBe(false);
  },
);

test('a name waits wherever its guesses come from, in whatever case', () => {
  const attempts = new PasswordAttempts(OPTIONS);
  for (let count = 0; count < 4; count++) attempts.from(`10.0.0.${count}`).failed('dave');
  at = 999;
  expect(attempts.from('10.0.0.9').mayTry('DAVE')).toBe(false);
  expect(attempts.from('10.0.0.9').mayTry('erin')).toBe(true);
  at = 1_000;
  expect(attempts.from('10.0.0.9').mayTry('dave')).toBe(true);
});

test('a source waits whatever names it tries', () => {
  const attempts = new PasswordAttempts(OPTIONS);
  const source = attempts.from('10.0.0.1');
  for (const name of ['a', 'b', 'c', 'd']) source.failed(name);
  at = 999;
  expect(source.mayTry('e')).toBe(false);
  expect(attempts.from('10.0.0.2').mayTry('e')).toBe(true);
  at = 1_000;
  expect(source.mayTry('e')).toBe(true);
});

test('a right password clears the name, not what the source did to others', () => {
  const attempts = new PasswordAttempts(OPTIONS);
  const source = attempts.from('10.0.0.1');
  for (let count = 0; count < 3; count++) source.failed('dave');
  expect(source.mayTry('dave')).toBe(true);
  source.succeeded('dave');
  expect(source.mayTry('dave')).toBe(true);
  source.failed('erin');
  expect(source.mayTry('erin')).toBe(false);
  expect(attempts.from('10.0.0.2').mayTry('dave')).toBe(true);
});

test('after failures one password is looked at a time', () => {
  const source = new PasswordAttempts(OPTIONS).from('10.0.0.1');
  expect([source.mayTry('dave'), source.mayTry('dave')]).toEqual([true, true]);
  for (let count = 0; count < 3; count++) source.failed('dave');
  expect([source.mayTry('dave'), source.mayTry('dave')]).toEqual([true, false]);
});

test('without failures any number of right passwords go at a time', () => {
  const source = new PasswordAttempts(OPTIONS).from('10.0.0.1');
  for (let count = 0; count < 1_000; count++) expect(source.mayTry('dave')).toBe(true);
});

test('what is long past is forgotten', () => {
  const source = new PasswordAttempts(OPTIONS).from('10.0.0.1');
  for (let count = 0; count < 9; count++) source.failed('dave');
  at = 60_000;
  source.failed('dave');
  expect(source.mayTry('dave')).toBe(true);
});

test('names and sources take bounded room, and the oldest makes way', () => {
  const attempts = new PasswordAttempts({ ...OPTIONS, maxEntries: 4 });
  for (let count = 0; count < 100; count++) {
    at = count;
    attempts.from('10.0.0.1').failed(`name-${count}`);
  }
  at = 100;
  expect(attempts.size).toBe(4);
  expect(attempts.from('10.0.0.1').mayTry('anybody')).toBe(false);
});
