import { expect, test } from 'vitest';
import { ByteTotal } from '../../shared/transport/byte-total.ts';

test('a total knows what is held, and who holds the most; a single holder never has to go', () => {
  const total = new ByteTotal<{ readonly name: string }>(100);
  const [a, b, c] = [{ name: 'a' }, { name: 'b' }, { name: 'c' }];
  total.set(a, 60);
  total.set(b, 40);
  expect([total.bytes, total.takeGreediest()]).toEqual([100, undefined]);
  total.set(c, 50);
  total.set(b, 70);
  expect(total.bytes).toBe(180);
  expect(total.takeGreediest()).toBe(b);
  expect(total.takeGreediest()).toBe(a);
  expect([total.bytes, total.takeGreediest()]).toEqual([50, undefined]);
  total.set(c, 500);
  expect(total.takeGreediest()).toBeUndefined();
  total.set(c, 0);
  expect(total.bytes).toBe(0);
});
