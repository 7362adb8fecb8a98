// Somebody on the way sends a whole call, or its answer, in the clear, somewhere behind the agreement to an upgrade: the
// session ends, or had ended; nobody's call is made, no answer is believed. `npm run fuzz -- --everywhere` does it at every
// position.
import { expect, onTestFinished, test, vi } from 'vitest';
import { privateDirectory } from '../helpers/command.ts';
import { eventually } from '../helpers/eventually.ts';
import { WAYS, WiredFuzz } from './wired-fuzz.ts';
import { kerberosIsMissing, KINDS } from './wired-kinds.ts';

vi.setConfig({ testTimeout: 300_000 });
if (kerberosIsMissing !== undefined) console.log(`skipped: Kerberos: ${kerberosIsMissing}`);

const SESSIONS = 96;

test.for(KINDS.flatMap((kind) => WAYS.map((way) => [kind, way] as const)))(
  '%s, %s: nothing in the clear is taken, wherever it is put',
  async ([kind, way]) => {
    vi.stubEnv('NET_TCP_PORT_SHARING_DIR', privateDirectory());
    onTestFinished(() => void vi.unstubAllEnvs());
    const fuzz = await WiredFuzz.open(kind, way);
    onTestFinished(() => fuzz.close());
    const { client, service } = await fuzz.measure();
    // One that has no factor in common with the lengths of records meets headers and bodies alike.
    const step = Math.ceil((client + service) / SESSIONS) | 1;
    const outcomes = await fuzz.inject(WAYS.indexOf(way), step, 16);
    const sum = [...outcomes.values()].reduce((total, count) => total + count, 0);
    expect(sum).toBeGreaterThan(SESSIONS / 2);
    // What comes after the last answer costs nobody a call.
    expect(outcomes.get('answered') ?? 0).toBeLessThan(sum / 4);
    await eventually(() => expect(fuzz.connectionCount).toBe(0));
  },
);
