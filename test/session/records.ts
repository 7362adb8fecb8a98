import type { Preamble, ReceivedPreamble } from '../../shared/framing/records.ts';
import { untrusted } from '../../shared/printable.ts';

export const via = 'net.tcp://localhost/x';
export const preamble: Preamble = { via, mode: 2, encoding: 8 };
export const streamed: Preamble = { via, mode: 1, encoding: 7 };
/** The same, read. */
export const readVia = untrusted(via);
export const readPreamble: ReceivedPreamble = { via: readVia, mode: 2, encoding: 8 };
export const readStreamed: ReceivedPreamble = { via: readVia, mode: 1, encoding: 7 };
const bytes = Uint8Array.of(1);
export const envelope = { type: 'sized-envelope', bytes, start: 0, end: 1 } as const;
export const empty = { type: 'sized-envelope', bytes, start: 0, end: 0 } as const;
export const message = { type: 'unsized-envelope', bytes, start: 0, end: 1 } as const;
