import { messageOf } from '../errors.ts';
import { printable } from '../printable.ts';
import { Warnings } from './warnings.ts';

// Functions that a program gives to be told something. They may throw, and may be async: neither may end the
// process, or cost those whom they are told of.

const MAX_MESSAGE_CHARS = 1_024;

const warnings = new Warnings();

/**
 * A hook that can be called anywhere: what it throws, or what its promise rejects with, is a `NetTcpWarning`, and
 * nothing else.
 *
 * @param name as its user wrote it
 */
export function harmless<A extends readonly unknown[]>(
  name: string,
  hook: ((...args: A) => unknown) | undefined,
): (...args: A) => void {
  if (hook === undefined) return () => {};
  return (...args) => callHook(hook, args, (error) => warnOfHook(name, error));
}

/** Calls a hook. @param failed gets what it throws, or what its promise rejects with */
export function callHook<A extends readonly unknown[]>(
  hook: (...args: A) => unknown,
  args: A,
  failed: (error: unknown) => void,
): void {
  try {
    observe(hook(...args), failed);
  } catch (error) {
    failed(error);
  }
}

/** Waits for what a hook returned, if it is a promise. @param failed gets what it rejects with */
export function observe(returned: unknown, failed: (error: unknown) => void): void {
  if (returned instanceof Promise) returned.catch(failed);
}

/** Tells what a hook threw: once for each hook and message, and 10 times in all. */
export function warnOfHook(name: string, error: unknown): void {
  warnings.give(`The hook ${name} failed: ${printable(messageOf(error), MAX_MESSAGE_CHARS)}`);
}
