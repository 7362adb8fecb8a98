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

/**
 * For `then`: what an event has rejected is thrown again where V8 finds who awaits. An async function in its place
 * would cost a call a fifth more; this costs it nothing that can be measured.
 */
export function throwWithCallerFrames(error: unknown): never {
  throw withCallerFrames(error);
}

/** The same error for another caller, so that each has one with its own frames. */
export function anotherOf(error: unknown): NetTcpError {
  const { code, message, cause, reason, framingFault } = NetTcpError.from(error);
  return new NetTcpError(code, message, { cause, reason, framingFault });
}
