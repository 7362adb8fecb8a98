// The ways in which a binding is secured, as the commands call them.
import { expect } from 'vitest';
import { TRANSPORT } from '../transport/tls/modes.ts';

export const MODES = {
  none: { mode: 'None' },
  tls: TRANSPORT.none,
  certificate: TRANSPORT.certificate,
  windows: { mode: 'Transport' },
  username: { mode: 'TransportWithMessageCredential' },
} as const;
export type Mode = keyof typeof MODES;

/** An error of the code `Usage` that says `text`. */
export const usage = (text = ''): unknown =>
  expect.objectContaining({ code: 'Usage', message: expect.stringContaining(text) });
