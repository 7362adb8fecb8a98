import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { messageOf, NetTcpError, systemCode } from '../../errors.ts';
import { printable } from '../../printable.ts';
import { bareThumbprint, type ClientCredentials } from '../../security/credentials.ts';
import { readyForTls, takeTlsOff } from '../node-internals.ts';
import { shareRead } from '../shared-read.ts';
import type { ClientUpgrade, Secured } from '../upgrade.ts';
import { Reloaded } from '../sources.ts';
import { checkPem } from './pem.ts';
import { checkCiphers, reasonOf, TLS, type TlsSettings } from './settings.ts';

/**
 * TLS of one factory.
 *
 * @param onNotice told that a certificate or key was read again, or cannot be used
 * @throws {NetTcpError} `Usage` for a file that cannot be read, or is no certificate or key, and for ciphers that
 *   there are not
 */
export async function createTlsClient(
  { tls }: TlsSettings,
  credentials: ClientCredentials,
  onNotice: (text: string) => void,
): Promise<ClientUpgrade> {
  checkCiphers(tls);
  const { ca, crl, certificate, key } = credentials;
  const files = await Reloaded.load(
    { ca, crl, certificate, key },
    (read) => {
      const age = checkPem(read, credentials);
      if (age !== undefined) onNotice(age);
      return createSecureContext({
        ca: read.ca,
        crl: read.crl,
        cert: read.certificate,
        key: read.key,
        ...tls,
      });
    },
    onNotice,
  );
  return {
    contentType: TLS,
    showsCredential: certificate !== undefined,
    initiate: (socket, host) => initiate(socket, host, files.current, credentials),
    close: () => files.close(),
  };
}

/** @param host a name or an IP address that the service's certificate must be for */
function initiate(
  socket: Socket,
  host: string,
  secureContext: SecureContext,
  { dnsIdentity = host, ...decides }: ClientCredentials,
): Promise<Secured> {
  return new Promise((resolve, reject) => {
    readyForTls(socket);
    const validate = validatorOf(decides);
    const rejectUnauthorized = validate === undefined;
    const to = { host: dnsIdentity, servername: '', rejectUnauthorized };
    const stream: TLSSocket = connect({ socket, secureContext, ...to });
    shareRead(stream);
    const onFailed = (error?: Error): void => {
      socket.destroy();
      reject(explain(error, host, decides.certificate !== undefined));
    };
    stream.once('error', onFailed).once('close', onFailed);
    stream.once('secureConnect', () => {
      const refusal = validate && refusalOf(stream, host, validate);
      if (refusal !== undefined) {
        stream.destroy();
        return reject(refusal);
      }
      stream.off('close', onFailed).off('error', onFailed);
      resolve({
        stream,
        release: () => takeTlsOff(stream, socket),
        explain: (error) => explain(error, host, decides.certificate !== undefined),
      });
    });
  });
}

type Validate = NonNullable<ClientCredentials['validateCertificate']>;

/** Decides on a service's certificate; undefined: OpenSSL does, by CA and name. */
function validatorOf({
  thumbprints,
  validateCertificate,
}: Omit<ClientCredentials, 'dnsIdentity'>): Validate | undefined {
  if (thumbprints === undefined) return validateCertificate;
  const pinned = new Set(thumbprints.map(bareThumbprint));
  return (certificate, host) => {
    const isPinned = ['sha1', 'sha256'].some((algorithm) =>
      pinned.has(createHash(algorithm).update(certificate).digest('hex')),
    );
    return (
      isPinned && (validateCertificate === undefined || validateCertificate(certificate, host))
    );
  };
}

/** Why a service's certificate is not taken; undefined: it is. */
function refusalOf(stream: TLSSocket, host: string, validate: Validate): NetTcpError | undefined {
  const certificate = stream.getPeerX509Certificate()?.raw;
  let decision: unknown = false;
  let why = '';
  try {
    decision = certificate !== undefined && validate(certificate, host);
  } catch (error) {
    why = `. It threw: ${printable(messageOf(error))}`;
  }
  // From JavaScript anything may come; only one value is a yes. A promise is none: what it will say comes too late.
  if (decision === true) return undefined;
  if (decision instanceof Promise) {
    decision.catch(() => undefined);
    why = ', at once: it may return no promise';
  }
  const text = `The certificate of the service at ${host} is not one that this client accepts: its credentials thumbprints and validateCertificate decide${why}.`;
  return new NetTcpError('SecurityNegotiation', text);
}

/** @param isKnown whether the service may have seen who the client is */
function explain(error: Error | undefined, host: string, isKnown: boolean): NetTcpError {
  const code = systemCode(error) ?? '';
  const text = `The TLS handshake with ${host} failed: ${error === undefined ? 'the service closed the connection in the middle of it' : reasonOf(error)}.`;
  const isBroken = !code.startsWith('ERR_') && CERTIFICATE[code] === undefined;
  if (isBroken && !isKnown) return new NetTcpError('Communication', text, { cause: error });
  const refused = "It may have refused the client's certificate: look at its log.";
  const advice = isBroken ? refused : (CERTIFICATE[code] ?? '');
  return new NetTcpError('SecurityNegotiation', `${text} ${advice}`.trim(), { cause: error });
}

/** What to do about what OpenSSL finds wrong with a service's certificate. */
const CA = "Give the CA of the service's certificate: credentials.ca.";
const CERTIFICATE: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: CA,
  SELF_SIGNED_CERT_IN_CHAIN: CA,
  UNABLE_TO_GET_ISSUER_CERT: CA,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: CA,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: CA,
  CERT_SIGNATURE_FAILURE: 'What answers there does not have the key of its certificate.',
  CERT_HAS_EXPIRED: "Renew the service's certificate, and look at the clock of this machine.",
  CERT_NOT_YET_VALID: 'Look at the clocks of both machines.',
  CERT_REVOKED: "The service's certificate was revoked: it needs another one.",
  INVALID_PURPOSE: "The service's certificate is not one for servers: it needs serverAuth.",
  ERR_TLS_CERT_ALTNAME_INVALID:
    'Call the service by a name that its certificate has (subjectAltName), or make it one for this name.',
};
