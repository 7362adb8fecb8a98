import { NetTcpError, messageOf } from '../../../errors.ts';
import { quoted } from '../../../printable.ts';
import { type LimitPlace, limitsOf } from '../../../limit-owners.ts';
import type { Limits } from '../../../limits.ts';

/** Environment variable with limits for daemons: `name=value`, separated by commas. */
export const LIMITS_VARIABLE = 'NET_TCP_PORT_SHARING_LIMITS';

/**
 * Limits as a command line or the environment writes them.
 *
 * @param text `preambleTimeoutMs=2000,maxPendingConnections=10`
 * @throws {NetTcpError} `Usage` for an unknown limit, one that does not count at that place, or an invalid value
 */
export function parseLimits(text: string, place: LimitPlace): Partial<Limits> {
  const limits: Record<string, number> = {};
  for (const pair of text.split(',')) {
    if (pair.trim() === '') continue;
    const [, name, value = ''] = /^\s*(\w+)\s*=\s*([^\s=]+)\s*$/.exec(pair) ?? [];
    if (name === undefined) {
      throw new NetTcpError(
        'Usage',
        `A limit is wrong: ${quoted(pair)} is not written as name=value.`,
      );
    }
    limits[name] = Number(value);
  }
  try {
    limitsOf(place, limits);
  } catch (error) {
    throw new NetTcpError('Usage', `A limit is wrong: ${messageOf(error)}.`);
  }
  return limits;
}

/** @throws {NetTcpError} `Usage`, as {@link parseLimits} */
export function limitsFromEnvironment(): Partial<Limits> {
  try {
    return parseLimits(process.env[LIMITS_VARIABLE] ?? '', 'environment');
  } catch (caught) {
    const { code, message } = NetTcpError.from(caught);
    throw new NetTcpError(code, `${LIMITS_VARIABLE}: ${message}`, { cause: caught });
  }
}
