import type { CallOptions } from '../../contract/contract.ts';
import { HEADER_LIST } from '../../contract/header.ts';
import { checkOptions, FUNCTION, SIGNAL, WHOLE_NUMBER } from '../../options.ts';

/** The options of a call that is given none. */
export const NO_OPTIONS: CallOptions = {};

const KNOWN = {
  timeoutMs: WHOLE_NUMBER,
  signal: SIGNAL,
  headers: HEADER_LIST,
  onHeaders: FUNCTION,
};

/**
 * @param owner what is called, for the error
 * @throws {NetTcpError} `Usage` for an unknown option or a wrong value, the same on every channel
 */
export function checkCallOptions(owner: string, options: unknown): CallOptions {
  if (options === undefined || options === null || options === NO_OPTIONS) return NO_OPTIONS;
  checkOptions(owner, options, KNOWN);
  return options as CallOptions;
}
