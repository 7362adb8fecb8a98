// No promise of a channel or host is left without an observer: under --unhandled-rejections=strict that would
// end the process.
import { expect, test } from 'vitest';
import { run } from '../../../scripts/run.ts';

const KINDS = ['msgpack', 'soap', 'streamed'];
const PLACES = ['there', 'closing', 'refused'];

test.for(KINDS.flatMap((kind) => PLACES.map((place) => [kind, place] as const)))(
  'whatever is done to a %s channel, with its service %s, nothing is rejected unheard',
  async ([kind, place]) => {
    const args = ['--unhandled-rejections=strict', 'dist/test/fixtures/unobserved.js', kind, place];
    const { status, stdout, stderr } = await run([process.execPath, ...args]);
    const last = stdout.trimEnd().split('\n').at(-1);
    expect({ status, last, stderr }).toEqual({ status: 0, last: 'done', stderr: '' });
  },
);
