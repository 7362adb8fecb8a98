import { Authority } from '../../../scripts/certificates.ts';
import { removeDirectory, temporaryDirectory } from '../../../scripts/temporary.ts';
import { collector, type Proof } from './proofs.ts';
import { proveCertificates } from './rows/prove-certificates.ts';
import { proveKerberos } from './rows/prove-kerberos.ts';
import { proveNegotiated } from './rows/prove-negotiated.ts';
import { proveNtlm } from './rows/prove-ntlm.ts';
import { findDotnet, findGssapi, ntlmIsMissing } from './programs.ts';
import { proveTls } from './rows/prove-tls.ts';
import { proveUserNames } from './rows/prove-user-names.ts';
import { proveUserNamesClient } from './rows/prove-user-names-client.ts';
import { proveWcf } from './rows/prove-wcf.ts';
import { realmIsMissing } from './realm.ts';

/**
 * Proves who calls against programs that are not ours: tickets of MIT's KDC, MIT's GSSAPI with gss-ntlmssp, .NET's
 * NegotiateStream and SslStream, WCF's clients, and WCF's encoder with XML signatures; and the names of certificates
 * against .NET's. What is not to be had here is skipped, and said.
 *
 * @param tell is told of each proof as it ends
 */
export async function proveSecurity(tell: (proof: Proof) => void): Promise<void> {
  const prove = collector(tell);
  const [gssapi, dotnet, wcf, tls, userNames] = await Promise.all([
    findGssapi(),
    findDotnet('negotiate-stream'),
    findDotnet('secured', ['contract', 'dotnet/trust']),
    findDotnet('tls', ['contract', 'dotnet/trust']),
    findDotnet('user-names', ['dotnet/trust']),
  ]);
  await proveCertificates(prove, dotnet);
  await proveTls(prove, tls);
  const directory = temporaryDirectory();
  const authority = new Authority(directory);
  const server = authority.issue('server', { name: 'localhost', keyType: 'rsa' });
  await proveUserNames(prove, wcf, { ca: authority.path, server });
  await proveUserNamesClient(prove, userNames, { ca: authority.path, server });
  removeDirectory(directory);
  const noRealm = realmIsMissing();
  const noNtlm = ntlmIsMissing();
  if (noRealm === undefined) {
    await proveKerberos(prove, { gssapi, dotnet });
    await proveNegotiated(prove, tls);
  } else tell({ name: 'Kerberos', outcome: 'skipped', detail: noRealm, seconds: 0 });
  if (noNtlm === undefined) await proveNtlm(prove, { gssapi, dotnet });
  else tell({ name: 'NTLM', outcome: 'skipped', detail: noNtlm, seconds: 0 });
  const lacking = noRealm ?? noNtlm;
  if (lacking === undefined) await proveWcf(prove, wcf);
  else
    tell({ name: 'WCF with Windows credentials', outcome: 'skipped', detail: lacking, seconds: 0 });
}
