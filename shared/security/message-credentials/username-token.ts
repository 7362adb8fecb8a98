import type { UserNameToken } from '../../encoding/message-security.ts';
import { NetTcpError } from '../../errors.ts';
import { concat, utf8 } from '../bytes.ts';
import type { ReplayCache } from '../replay-cache.ts';
import { authenticateUser, type UserNameCheck } from '../users.ts';
import { checkTimestamp, CLOCK_SKEW_MS, MESSAGE_LIFETIME_MS, parseTime } from './timestamp.ts';

const PROFILE =
  'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0';
const PASSWORD_TEXT = `${PROFILE}#PasswordText`;
const MAX_NONCE_BYTES = 64;
/** Names that failed are remembered for a while: nobody's may take the room of thousands. Files have 256 at most. */
const MAX_NAME_CHARS = 1_024;

/**
 * Lets the user of a token in. A token with a nonce is valid once, and for as long as a message.
 *
 * @param nonces one for all connections of a service
 * @throws {NetTcpError} `SecurityNegotiation` if the password is not the user's, `MessageSecurity` for a token
 *   of another form, an old one, or one that was used before
 */
export async function checkUsernameToken(
  token: UserNameToken,
  nonces: ReplayCache,
  check: UserNameCheck,
): Promise<void> {
  if (token.password === undefined) throw refused('it has no password');
  if (token.passwordType !== undefined && token.passwordType !== PASSWORD_TEXT) {
    throw refused('its password is not sent as text, which TLS keeps secret');
  }
  if (token.name.length > MAX_NAME_CHARS) {
    throw refused(`its name has ${token.name.length} characters, ${MAX_NAME_CHARS} are allowed`);
  }
  if (token.created !== undefined) {
    checkTimestamp({ created: token.created, expires: undefined }, check.now());
  }
  await authenticateUser(token.name, token.password, check);
  // After the password: only what a known user made is remembered.
  useNonce(token, nonces, check.now());
}

function useNonce({ nonce, created, name }: UserNameToken, nonces: ReplayCache, now: number): void {
  if (nonce === undefined) return;
  if (created === undefined) throw refused('it has a nonce, but not when that was made');
  if (nonce.length === 0 || nonce.length > MAX_NONCE_BYTES) {
    throw refused(`its nonce has ${nonce.length} bytes, 1 to ${MAX_NONCE_BYTES} are allowed`);
  }
  const expires = parseTime(created) + MESSAGE_LIFETIME_MS + CLOCK_SKEW_MS;
  if (!nonces.use(concat(utf8(`${name}\0${created}\0`), nonce), expires, now)) {
    throw refused('it was used before');
  }
}

function refused(why: string): NetTcpError {
  return new NetTcpError('MessageSecurity', `The user name token of a message is refused: ${why}.`);
}
