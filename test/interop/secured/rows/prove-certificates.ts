import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { output } from '../../../../scripts/run.ts';
import { removeDirectory, temporaryDirectory } from '../../../../scripts/temporary.ts';
import { callerOfCertificate } from '../../../../shared/security/certificate-caller.ts';
import { listenTo, type Missing, type Talker } from '../programs.ts';
import type { Prove } from '../proofs.ts';

/** Subjects as OpenSSL takes them. */
const SUBJECTS = [
  '/CN=alice',
  '/C=DE/ST=Hessen/L=Frankfurt/O=Example GmbH/OU=Sales/CN=alice',
  '/O=Example, Inc./CN=a "quoted" name',
  '/CN= spaces /O=a+b=c;d<e>#f',
  '/DC=org/DC=example/CN=Zoë Müller/emailAddress=zoe@example.org',
  '/O=Example/CN=two+serialNumber=42',
  '/title=Dr/GN=Ada/SN=Lovelace/initials=A/street=1 Long Street/serialNumber=7/CN=ada',
  '/1.2.840.113556.1.4.656=alice@example.org/CN=alice',
  '/',
];

/** The names that we give to certificates against those of .NET, which are WCF's. */
export async function proveCertificates(prove: Prove, dotnet: Talker | Missing): Promise<void> {
  const directory = temporaryDirectory();
  const [key, file] = [join(directory, 'key.pem'), join(directory, 'certificate.pem')];
  try {
    for (const subject of SUBJECTS) {
      await prove(`Name of a certificate for ${subject}`, dotnet, async (program) => {
        const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
        const about = ['-utf8', '-multivalue-rdn', '-subj', subject, '-days', '1'];
        await output(['openssl', 'req', '-x509', ...curve, ...about, '-keyout', key, '-out', file]);
        const { raw } = new X509Certificate(await readFile(file));
        const { name } = callerOfCertificate(raw);
        const said = await listenTo(program, ['subject', file], process.env);
        // Where there is no subject, WCF writes something that .NET does not.
        const theirs = String(said['name']).replace(/^;/, '<x509>;');
        return { said, expected: { ok: true }, peer: name, wanted: theirs };
      });
    }
  } finally {
    removeDirectory(directory);
  }
}
