import type { MessageTimestamp } from '../../encoding/message-security.ts';
import { NetTcpError } from '../../errors.ts';

/** `u:Timestamp`, as it was written. */
export type Timestamp = Pick<MessageTimestamp, 'created' | 'expires'>;

/** WCF's MaxClockSkew: how far the clocks of client and service may be apart, in milliseconds. */
export const CLOCK_SKEW_MS = 300_000;
/** WCF's TimestampValidityDuration: how old a message may be, beyond the skew. */
export const MESSAGE_LIFETIME_MS = 300_000;

/**
 * @param now milliseconds since 1970
 * @throws {NetTcpError} `MessageSecurity` for a time that is malformed, too old or in the future
 */
export function checkTimestamp({ created, expires }: Timestamp, now: number): void {
  const from = parseTime(created);
  const until = expires === undefined ? from + MESSAGE_LIFETIME_MS : parseTime(expires);
  if (until < from) throw refused(`it expires (${expires}) before it was created (${created})`);
  if (from > now + CLOCK_SKEW_MS) throw refused(`it was created in the future (${created})`);
  if (until < now - CLOCK_SKEW_MS) throw refused(`it has expired (${expires ?? created})`);
  if (from < now - CLOCK_SKEW_MS - MESSAGE_LIFETIME_MS) throw refused(`it is too old (${created})`);
}

/** A timestamp of `now`. @param lifetimeMs until it expires */
export function makeTimestamp(
  now: number,
  lifetimeMs = MESSAGE_LIFETIME_MS,
): { readonly created: string; readonly expires: string } {
  return {
    created: new Date(now).toISOString(),
    expires: new Date(now + lifetimeMs).toISOString(),
  };
}

/**
 * `xsd:dateTime` with a zone, in milliseconds since 1970; finer fractions are cut off.
 *
 * @throws {NetTcpError} `MessageSecurity` for any other text
 */
export function parseTime(text: string): number {
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(text);
  const time = isTime ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw refused('one of its times cannot be read');
  return time;
}

function refused(why: string): NetTcpError {
  return new NetTcpError(
    'MessageSecurity',
    `The security timestamp of a message is refused: ${why}.`,
  );
}
