import { expect, test } from 'vitest';
import { withLimits } from '../../shared/limits.ts';
import { HandshakeLimit } from '../../shared/rpc/handshake-limit.ts';

const [HERE, ONE, OTHER] = [undefined, '192.0.2.7', '192.0.2.8'];

test('maxPendingHandshakes 6: so many are in progress, one more has to wait for one that ends', () => {
  const limit = new HandshakeLimit(withLimits({ maxPendingHandshakes: 6 }));
  for (let count = 0; count < 6; count++) expect(limit.enter(HERE)).toBe(true);
  expect(limit.enter(HERE)).toBe(false);
  expect(limit.enter(ONE)).toBe(false);
  limit.leave(HERE);
  expect(limit.enter(ONE)).toBe(true);
});

test('maxPendingHandshakesPerSource 2: one other machine has no more, once half of the room is taken', () => {
  const limits = { maxPendingHandshakes: 8, maxPendingHandshakesPerSource: 2 };
  const limit = new HandshakeLimit(withLimits(limits));
  for (let count = 0; count < 4; count++) expect(limit.enter(ONE)).toBe(true);
  expect(limit.enter(ONE)).toBe(false);
  expect(limit.enter(OTHER)).toBe(true);
  expect(limit.enter(HERE)).toBe(true);
  expect(limit.enter(OTHER)).toBe(true);
  expect(limit.enter(OTHER)).toBe(false);
  for (let count = 0; count < 3; count++) limit.leave(ONE);
  expect(limit.enter(ONE)).toBe(true);
});
