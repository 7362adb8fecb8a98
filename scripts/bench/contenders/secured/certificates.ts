import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Authority } from '../../../certificates.ts';

/** What a service shows, and what its clients trust, as PEM. */
interface Pem {
  readonly certificate: Buffer;
  readonly key: Buffer;
}

/** Makes a CA and a service's certificate (P-256), in the directory of this contestant. */
export function issueCertificate(): Pem {
  const directory = certificateDirectory();
  mkdirSync(directory, { recursive: true });
  const { certificate, key } = new Authority(directory).issue('service', { name: 'service' });
  return { certificate: readFileSync(certificate), key: readFileSync(key) };
}

/** The CA that the service's process has made. */
export function readAuthority(): Buffer {
  return readFileSync(path.join(certificateDirectory(), 'ca.pem'));
}

function certificateDirectory(): string {
  return path.join(process.env['NET_TCP_PORT_SHARING_DIR'] ?? '.', 'certificates');
}
