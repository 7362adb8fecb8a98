import { type EndpointAddress, parseAddress, segmentKey } from '../../address.ts';

/** The path at which a port-sharing daemon says whether clients should be sent to it. Nobody may register it. */
export const HEALTH_PATH = '/-/health';

/** Whether an address has that path, as paths are compared. */
export function isHealthPath({ segments }: EndpointAddress): boolean {
  const [dash, health = '', ...more] = segments;
  return dash === '-' && segmentKey(health) === 'health' && more.length === 0;
}

/** Whether a via, as a client wrote it, has that path. */
export function asksForHealth(via: string): boolean {
  try {
    return isHealthPath(parseAddress(via));
  } catch {
    return false;
  }
}
