import { NetTcpError } from '../errors.ts';

/**
 * Puts the frames of whoever awaits behind an error's own, which are those of a socket's event. V8 finds them
 * where this is called behind an `await` of an async function, and nobody pays for it before an error is there.
 */
export function withCallerFrames(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const here: { stack?: string } = {};
  Error.captureStackTrace(here, withCallerFrames);
  const lines = new Set(error.stack?.split('\n'));
  for (const line of here.stack?.split('\n') ?? []) {
    if (line.startsWith('    at async ')) lines.add(line);
  }
  error.stack = [...lines].join('\n');
  return error;
}

const TURN = Promise.resolve();

/**
 * What a promise is resolved with that is to be rejected: so it rejects with the frames of whoever awaits it. An
 * answer costs nothing more for it; a `then` behind each call would cost a client a seventh of its time.
 */
export async function rejectedWithCallerFrames(error: unknown): Promise<never> {
  // V8 finds who awaits once the other promise has taken hold of this one: that is two turns away.
  await TURN;
  await TURN;
  throw withCallerFrames(error);
}

/** The same error for another caller, so that each has one with its own frames. */
export function anotherOf(error: unknown): NetTcpError {
  const { code, message, cause, reason, framingFault } = NetTcpError.from(error);
  return new NetTcpError(code, message, { cause, reason, framingFault });
}
