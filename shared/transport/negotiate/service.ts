import { hostname } from 'node:os';
import { NetTcpError } from '../../errors.ts';
import { findAccount, parseAccounts } from '../../security/accounts.ts';
import type { ServiceCredentials } from '../../security/credentials.ts';
import { offerKerberos } from '../../security/negotiate/kerberos/acceptor.ts';
import { type KeytabEntry, parseKeytab } from '../../security/negotiate/kerberos/keytab.ts';
import type { Mechanism } from '../../security/negotiate/mechanism.ts';
import { offerNtlm } from '../../security/negotiate/ntlm/acceptor.ts';
import { type OfferedMechanism, spnegoAcceptor } from '../../security/negotiate/spnego-acceptor.ts';
import { type NameFile, requireNames } from '../../security/name-file.ts';
import { PasswordAttempts } from '../../security/password-attempts.ts';
import { ReplayCache } from '../../security/replay-cache.ts';
import { remoteAddressOf } from '../fronts/origin.ts';
import type { ServiceUpgrade } from '../upgrade.ts';
import { nameSource, Reloaded } from '../sources.ts';
import { NEGOTIATE, negotiate } from './handshake.ts';

/** A service of WCF asks for no less, and WCF's clients offer it by default. */
const protection = 'seal';

interface Files {
  readonly keys: readonly KeytabEntry[] | undefined;
  readonly accounts: NameFile | undefined;
}

/**
 * Windows credentials of one host's clients: Kerberos where there is a keytab, NTLM where there are accounts. No
 * KDC is asked, and nothing waits.
 *
 * @param onNotice told that keytab or accounts were read again, or cannot be used
 * @throws {NetTcpError} `Usage` for a file that cannot be read, or is no keytab or file of accounts, or has none in it
 */
export async function createNegotiateService(
  credentials: ServiceCredentials,
  onNotice: (text: string) => void,
): Promise<ServiceUpgrade> {
  const { keytab, accounts } = credentials;
  const files = await Reloaded.load(
    { keytab, accounts },
    (read): Files => ({
      keys: read.keytab && parseKeytab(new Uint8Array(read.keytab), nameSource('keytab', keytab)),
      accounts: read.accounts && readAccounts(read.accounts, nameSource('accounts', accounts)),
    }),
    onNotice,
  );
  const replays = new ReplayCache();
  const attempts = new PasswordAttempts();
  // As on a machine outside any domain, its own name stands for one. Windows cuts such names to 15 characters.
  const machine = hostname().replace(/\..*/, '').slice(0, 15).toUpperCase();

  function mechanism(source: string | undefined): Mechanism {
    const offered: OfferedMechanism[] = [];
    const { keys, accounts: names } = files.current;
    if (keys !== undefined) offered.push(offerKerberos({ keys: () => keys, replays, protection }));
    if (names !== undefined) {
      offered.push(
        offerNtlm({
          find: (user, domain) => findAccount(names, user, domain),
          domain: machine,
          machine,
          attempts: attempts.from(source),
          protection,
        }),
      );
    }
    return spnegoAcceptor(offered);
  }

  return {
    contentType: NEGOTIATE,
    async accept(socket) {
      const own = mechanism(remoteAddressOf(socket));
      const { stream, peer } = await negotiate(socket, new Uint8Array(0), 'acceptor', own);
      if (peer === undefined) throw new NetTcpError('Internal', 'the mechanism names no caller');
      return { stream, caller: peer, release: () => stream.release() };
    },
    close: () => files.close(),
  };
}

function readAccounts(bytes: Buffer, file: string): NameFile {
  return requireNames(parseAccounts(bytes.toString(), file), file);
}
