import type { Limits } from '../../limits.ts';
import type { ServiceCredentials } from '../../security/credentials.ts';
import { foldCase } from '../../security/fold-case.ts';
import { namesOf, requireNames } from '../../security/name-file.ts';
import { TokenIssuer } from '../../security/message-credentials/token-issuer.ts';
import { parseUsers, validateAgainst } from '../../security/users.ts';
import type { ServiceUpgrade } from '../upgrade.ts';
import { nameSource, Reloaded } from '../sources.ts';

/**
 * The same upgrade, with sessions whose messages name their users.
 *
 * @param credentials with `validateUserName`, or with a file of users, which is watched
 * @param onNotice told that the file was read again, or cannot be used
 * @throws {NetTcpError} `Usage` for a file that cannot be read, is no file of users, or names nobody
 */
export async function withUserNames(
  upgrade: ServiceUpgrade,
  { users, validateUserName }: ServiceCredentials,
  limits: Limits,
  onNotice: (text: string) => void,
): Promise<ServiceUpgrade> {
  const name = nameSource('users', users);
  const file = await Reloaded.load(
    { users },
    (read) =>
      read.users ? requireNames(parseUsers(read.users.toString(), name), name) : { lines: [] },
    onNotice,
  );
  const validate = validateUserName ?? validateAgainst(() => file.current);
  const isUser = (user: string): boolean => namesOf(file.current).has(foldCase(user));
  const issuer = new TokenIssuer(limits, validate, isUser);
  return {
    ...upgrade,
    sender: (source, onRefused) => issuer.session(source, onRefused),
    close() {
      upgrade.close?.();
      file.close();
    },
  };
}
