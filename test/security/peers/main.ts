/**
 * Proves who calls against programs that are not ours: tickets of MIT's KDC, MIT's GSSAPI with
 * gss-ntlmssp, .NET's NegotiateStream; and the names of certificates against .NET's. What is not to be had here is skipped, and said.
 *
 *   node dist/test/security/peers/main.js
 *
 * Exit status 1 if a proof is broken.
 */
import { pathToFileURL } from 'node:url';
import { collector, type Proof } from './proofs.ts';
import { proveCertificates } from './prove-certificates.ts';
import { proveKerberos } from './prove-kerberos.ts';
import { proveNtlm } from './prove-ntlm.ts';
import { buildNegotiateStream, findGssapi, ntlmIsMissing } from './programs.ts';
import { realmIsMissing } from './realm.ts';

/** @param tell is told of each proof as it ends */
export async function proveSecurity(tell: (proof: Proof) => void): Promise<void> {
  const prove = collector(tell);
  const [gssapi, dotnet] = await Promise.all([findGssapi(), buildNegotiateStream()]);
  try {
    await proveCertificates(prove, dotnet);
    const noRealm = realmIsMissing();
    if (noRealm === undefined) await proveKerberos(prove, { gssapi, dotnet });
    else tell({ name: 'Kerberos', outcome: 'skipped', detail: noRealm });
    const noNtlm = ntlmIsMissing();
    if (noNtlm === undefined) await proveNtlm(prove, { gssapi, dotnet });
    else tell({ name: 'NTLM', outcome: 'skipped', detail: noNtlm });
  } finally {
    if ('remove' in dotnet) dotnet.remove();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const counts = { held: 0, broken: 0, skipped: 0 };
  await proveSecurity(({ name, outcome, detail }) => {
    counts[outcome] += 1;
    console.log(`${outcome.padEnd(7)} ${name}${detail === '' ? '' : `: ${detail}`}`);
  });
  console.log(`${counts.held} held, ${counts.broken} broken, ${counts.skipped} skipped`);
  if (counts.broken > 0) process.exitCode = 1;
}
