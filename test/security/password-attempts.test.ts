import { expect, test } from 'vitest';
import { PasswordAttempts } from '../../shared/security/password-attempts.ts';

const OPTIONS = { free: 3, firstDelayMs: 1_000, maxDelayMs: 8_000, forgetMs: 60_000 };

test('three mistakes are free, then each costs twice as much, up to a limit', () => {
  const source = new PasswordAttempts(OPTIONS).from('10.0.0.1');
  let now = 0;
  const waits: number[] = [];
  for (let attempt = 0; attempt < 9; attempt++) {
    const began = now;
    while (!source.mayTry('dave', now)) now += 500;
    waits.push(now - began);
    source.failed('dave', now);
  }
  expect(waits).toEqual([0, 0, 0, 0, 1_000, 2_000, 4_000, 8_000, 8_000]);
});

test('a clock that was set back keeps nobody waiting for longer than the limit', () => {
  const now = 1_000_000_000;
  const source = new PasswordAttempts(OPTIONS).from('10.0.0.1');
  for (let count = 0; count < 9; count++) source.failed('dave', now);
  expect(source.mayTry('dave', now)).toBe(false);
  expect(source.mayTry('dave', now - 86_400_000)).toBe(true);
  // From there on guesses cost what they did.
  expect(source.mayTry('dave', now - 86_400_000)).toBe(false);
  source.failed('dave', now - 86_400_000);
  expect(source.mayTry('dave', now - 86_400_000 + OPTIONS.maxDelayMs - 1)).toBe(false);
});

test('a name waits wherever its guesses come from, in whatever case', () => {
  const attempts = new PasswordAttempts(OPTIONS);
  for (let count = 0; count < 4; count++) attempts.from(`10.0.0.${count}`).failed('dave', 0);
  expect(attempts.from('10.0.0.9').mayTry('DAVE', 999)).toBe(false);
  expect(attempts.from('10.0.0.9').mayTry('erin', 999)).toBe(true);
  expect(attempts.from('10.0.0.9').mayTry('dave', 1_000)).toBe(true);
});

test('a source waits whatever names it tries', () => {
  const attempts = new PasswordAttempts(OPTIONS);
  const source = attempts.from('10.0.0.1');
  for (const name of ['a', 'b', 'c', 'd']) source.failed(name, 0);
  expect(source.mayTry('e', 999)).toBe(false);
  expect(attempts.from('10.0.0.2').mayTry('e', 999)).toBe(true);
  expect(source.mayTry('e', 1_000)).toBe(true);
});

test('a right password clears the name, not what the source did to others', () => {
  const attempts = new PasswordAttempts(OPTIONS);
  const source = attempts.from('10.0.0.1');
  for (let count = 0; count < 3; count++) source.failed('dave', 0);
  expect(source.mayTry('dave', 0)).toBe(true);
  source.succeeded('dave');
  expect(source.mayTry('dave', 0)).toBe(true);
  source.failed('erin', 0);
  expect(source.mayTry('erin', 0)).toBe(false);
  expect(attempts.from('10.0.0.2').mayTry('dave', 0)).toBe(true);
});

test('after failures one password is looked at a time', () => {
  const source = new PasswordAttempts(OPTIONS).from('10.0.0.1');
  expect([source.mayTry('dave', 0), source.mayTry('dave', 0)]).toEqual([true, true]);
  for (let count = 0; count < 3; count++) source.failed('dave', 0);
  expect([source.mayTry('dave', 0), source.mayTry('dave', 0)]).toEqual([true, false]);
});

test('without failures any number of right passwords go at a time', () => {
  const source = new PasswordAttempts(OPTIONS).from('10.0.0.1');
  for (let count = 0; count < 1_000; count++) expect(source.mayTry('dave', 0)).toBe(true);
});

test('what is long past is forgotten', () => {
  const source = new PasswordAttempts(OPTIONS).from('10.0.0.1');
  for (let count = 0; count < 9; count++) source.failed('dave', 0);
  source.failed('dave', 60_000);
  expect(source.mayTry('dave', 60_000)).toBe(true);
});

test('names and sources take bounded room, and the oldest makes way', () => {
  const attempts = new PasswordAttempts({ ...OPTIONS, maxEntries: 4 });
  for (let count = 0; count < 100; count++)
    attempts.from('10.0.0.1').failed(`name-${count}`, count);
  expect(attempts.size).toBe(4);
  expect(attempts.from('10.0.0.1').mayTry('anybody', 100)).toBe(false);
});
