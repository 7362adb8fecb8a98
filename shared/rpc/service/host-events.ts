import { checkOptions, FUNCTION } from '../../options.ts';
import type { OnOperationError } from './operation-errors.ts';

/** What a host tells whoever made it. */
export interface ServiceHostEvents {
  /** A connection broke, or its peer broke the rules: for a log. Calls of others go on. */
  readonly onConnectionError?: (error: Error) => void;
  /**
   * An implementation threw something that is no `Fault`, or gave back what its contract does not have; its
   * caller is told that it was an internal error, and of a one-way operation nothing. Default: a line on
   * standard error.
   */
  readonly onOperationError?: OnOperationError;
}

const KNOWN = {
  onConnectionError: FUNCTION,
  onOperationError: FUNCTION,
} as const satisfies Record<keyof ServiceHostEvents, unknown>;

/** @throws {NetTcpError} `Usage` for an event that does not exist */
export function checkEvents(events: ServiceHostEvents): void {
  checkOptions('ServiceHost', events, KNOWN);
}
