import type { ErrorCode, ErrorReason, NetTcpError } from '../../errors.ts';
import { printable, type Received } from '../../printable.ts';

/** Why a static route is not in effect. */
export interface RouteProblem {
  /** Its address, as in the file of routes; absent if the problem is not that of a single route. */
  readonly address?: string | undefined;
  readonly code: ErrorCode;
  readonly reason?: ErrorReason | undefined;
  /** Begins with a small letter and has no full stop, unless it is the system's. */
  readonly message: string;
}

export function problemOf({ code, reason, message }: NetTcpError, address?: string): RouteProblem {
  return { address, code, reason, message };
}

/** `net.tcp://localhost:9000/orders: why` */
export function showProblem({ address, message }: RouteProblem | Received<RouteProblem>): string {
  const text = printable(message, Infinity);
  return address === undefined ? text : `${printable(address, Infinity)}: ${text}`;
}
