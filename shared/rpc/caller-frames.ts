import { NetTcpError } from '../errors.ts';

/**
 * Adds the frames of the functions that await an error to its own, which are those of a socket's event. V8
 * finds them if this is called after an `await` in an async function. It costs nothing until there is an error.
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

/** The same promise; if it rejects, with the frames of the functions that await this one. */
export async function framed<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    throw withCallerFrames(error);
  }
}

const TURN = Promise.resolve();

/**
 * Resolve a promise with this, instead of rejecting it: it then rejects with the frames of the functions that
 * await it. Answers pay nothing for that; a `then` on each call would cost a client a seventh of its time.
 */
export async function rejectedWithCallerFrames(error: unknown): Promise<never> {
  // V8 finds the awaiting functions once the other promise follows this one, which takes two turns.
  await TURN;
  await TURN;
  throw withCallerFrames(error);
}

/** The same error for another caller: each gets one with its own frames. */
export function anotherOf(error: unknown): NetTcpError {
  const { code, message, cause, reason, framingFault } = NetTcpError.from(error);
  return new NetTcpError(code, message, { cause, reason, framingFault });
}
