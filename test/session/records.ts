import type { Preamble } from '../../shared/framing/records.ts';

export const via = 'net.tcp://localhost/x';
export const preamble: Preamble = { via, mode: 2, encoding: 8 };
export const streamed: Preamble = { via, mode: 1, encoding: 7 };
const bytes = Uint8Array.of(1);
export const envelope = { type: 'sized-envelope', bytes, start: 0, end: 1 } as const;
export const empty = { type: 'sized-envelope', bytes, start: 0, end: 0 } as const;
export const message = { type: 'unsized-envelope', bytes, start: 0, end: 1 } as const;
