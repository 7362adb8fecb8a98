// Certificates for trials and tests, made by the command openssl: a CA, and what it issues.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runAtOnce } from './spawn.ts';

/** Paths of a certificate and its private key, both in PEM. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
}

/** How a certificate differs from a service's for localhost. */
interface IssueOptions {
  /** Its common name. */
  readonly name: string;
  /** What it may be used for. */
  readonly usage?: 'serverAuth' | 'clientAuth' | 'serverAuth,clientAuth';
  /** Alternative names, as OpenSSL writes them. Default: localhost and the addresses of loopback. */
  readonly names?: string;
  /** Days for which it is good from now on; below 0: it has expired. Default: 1. */
  readonly days?: number;
  /** Default: P-256, which costs the service least. */
  readonly keyType?: 'ec' | 'rsa';
}

const KEY_TYPES = {
  ec: ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  rsa: ['rsa:2048'],
} as const;
const LOOPBACK = 'DNS:localhost,IP:127.0.0.1,IP:::1';

/** A certificate authority in a directory. Only programs that are told to trust it do. */
export class Authority {
  readonly #directory: string;
  readonly #name: string;
  #issued = 0;

  /** @param name of its files, and its common name */
  constructor(directory: string, name = 'ca') {
    this.#directory = directory;
    this.#name = name;
    const subject = ['-subj', `/CN=${name}`, '-days', '2'];
    openssl('req', '-x509', ...newKey('ec', this.#file('key')), ...subject, '-out', this.path);
  }

  /** Its certificate, in PEM. */
  get path(): string {
    return this.#file('pem');
  }

  /** Makes a certificate and its key, in files named `file`. */
  issue(file: string, options: IssueOptions): Issued {
    const { name, usage = 'serverAuth', names = LOOPBACK, days = 1, keyType = 'ec' } = options;
    const [request, key, certificate, extensions] = ['csr', 'key', 'pem', 'ext'].map((ending) =>
      path.join(this.#directory, `${file}.${ending}`),
    ) as [string, string, string, string];
    openssl('req', '-new', ...newKey(keyType, key), '-subj', `/CN=${name}`, '-out', request);
    const lines = [`extendedKeyUsage=${usage}`, `subjectAltName=${names}`];
    writeFileSync(extensions, `${lines.join('\n')}\n`);
    this.#issued += 1;
    const by = ['-CA', this.path, '-CAkey', this.#file('key'), '-set_serial', String(this.#issued)];
    const as = ['-days', String(days), '-extfile', extensions, '-out', certificate];
    openssl('x509', '-req', '-in', request, ...by, ...as);
    return { certificate, key };
  }

  /** Revokes certificates that it has issued. @returns path of its list of them (CRL), in PEM */
  revoke(...revoked: readonly Issued[]): string {
    const [settings, list] = [this.#file('cnf'), this.#file('crl')];
    const database = this.#file('index');
    writeFileSync(database, '');
    writeFileSync(
      settings,
      `[ca]\ndefault_ca=own\n[own]\ndatabase=${database}\ndefault_md=sha256\n`,
    );
    const own = ['ca', '-config', settings, '-cert', this.path, '-keyfile', this.#file('key')];
    for (const { certificate } of revoked) openssl(...own, '-revoke', certificate);
    openssl(...own, '-gencrl', '-crldays', '1', '-out', list);
    return list;
  }

  #file(ending: string): string {
    return path.join(this.#directory, `${this.#name}.${ending}`);
  }
}

function newKey(type: 'ec' | 'rsa', file: string): string[] {
  return ['-newkey', ...KEY_TYPES[type], '-noenc', '-keyout', file];
}

function openssl(...words: readonly string[]): void {
  runAtOnce(['openssl', ...words]);
}

/** Reads the files of a certificate and its key. */
export function readIssued({ certificate, key }: Issued): {
  readonly certificate: Uint8Array;
  readonly key: Uint8Array;
} {
  return { certificate: readFileSync(certificate), key: readFileSync(key) };
}
