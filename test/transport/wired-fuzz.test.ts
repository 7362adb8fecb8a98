// Somebody on the way changes bytes of sessions with security: each ends with a typed error or is answered right,
// nothing hangs, and who calls at the same time notices nothing.
import { expect, onTestFinished, test, vi } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { WiredFuzz } from './wired-fuzz.ts';
import { kerberosIsMissing, KINDS } from './wired-kinds.ts';

// A busy machine may take long; a session that hangs takes longer.
vi.setConfig({ testTimeout: 300_000 });
const SESSIONS = 64;

if (kerberosIsMissing !== undefined) console.log(`skipped: Kerberos: ${kerberosIsMissing}`);

test.for(KINDS)('%s: whatever is changed on the way', async (kind) => {
  const fuzz = await WiredFuzz.open(kind);
  onTestFinished(() => fuzz.close());
  const outcomes = await fuzz.play(0, SESSIONS, 16);
  // Some changes come after the last chunk; most are noticed, by one side or the other.
  expect(outcomes.get('answered')).toBeGreaterThan(0);
  expect(outcomes.size).toBeGreaterThan(2);
  await eventually(() => expect(fuzz.connectionCount).toBe(0));
});
