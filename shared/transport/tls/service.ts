import { Buffer } from 'node:buffer';
import { constants } from 'node:crypto';
import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { NetTcpError, systemCode } from '../../errors.ts';
import { ANONYMOUS, type Caller } from '../../security/caller.ts';
import { callerOfCertificate } from '../../security/certificate-caller.ts';
import type { ServiceCredentials } from '../../security/credentials.ts';
import { readyForTls, takeTlsOff } from '../node-internals.ts';
import { shareRead } from '../shared-read.ts';
import type { SecuredCaller, ServiceUpgrade } from '../upgrade.ts';
import { Reloaded } from '../sources.ts';
import { checkPem } from './pem.ts';
import { checkCiphers, reasonOf, TLS, type TlsSettings } from './settings.ts';

/**
 * TLS of one host: a `tls.Server` that never listens. Only a server checks clients' certificates; a `TLSSocket`
 * by itself says that it does, and checks nothing.
 *
 * @param onNotice told that certificate or key was read again, or cannot be used
 * @throws {NetTcpError} `Usage` for a file that cannot be read, or is no certificate or key, and for ciphers that
 *   there are not
 */
export async function createTlsService(
  { client, tls }: TlsSettings,
  credentials: ServiceCredentials,
  onNotice: (text: string) => void,
): Promise<ServiceUpgrade> {
  checkCiphers(tls);
  const { certificate, key, clientCa, clientCrl } = credentials;
  const asksClient = client === 'certificate';
  let server: Server | undefined;
  const files = await Reloaded.load(
    { certificate, key, clientCa, clientCrl },
    (read) => {
      const age = checkPem(read, credentials);
      if (age !== undefined) onNotice(age);
      const context = {
        cert: read.certificate,
        key: read.key,
        ca: read.clientCa,
        crl: read.clientCrl,
        secureOptions: ONE_HANDSHAKE,
        ...tls,
      };
      // Open sessions keep what they began with.
      if (server !== undefined) server.setSecureContext(context);
      server ??= createServer({
        ...context,
        requestCert: asksClient,
        rejectUnauthorized: asksClient,
      });
      return server;
    },
    onNotice,
  );
  return {
    contentType: TLS,
    accept: (socket) => accept(files.current, socket, asksClient),
    close: () => files.close(),
  };
}

/**
 * Every session has a handshake of its own, and one only. A session that a client kept (a ticket) would go on letting it
 * in once its certificate has expired, and without its key; a second handshake within a session would show another
 * certificate than that of the caller. No client of WCF does either.
 */
const ONE_HANDSHAKE = constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION;
const CLOSED = 'the client closed the connection in the middle of it';
const VERDICT_MS = 100;

function accept(server: Server, socket: Socket, asksClient: boolean): Promise<SecuredCaller> {
  return new Promise((resolve, reject) => {
    readyForTls(socket);
    // The reason comes as an event, shortly after the socket has closed.
    const onClose = (): void => {
      setTimeout(() => reject(broken(CLOSED)), VERDICT_MS).unref();
    };
    socket.once('close', onClose);
    const onEvent = (event: string, ...[first, second]: readonly unknown[]): boolean => {
      if (event === 'secureConnection') {
        const stream = first as TLSSocket;
        shareRead(stream);
        socket.off('close', onClose);
        const release = (): boolean => takeTlsOff(stream, socket);
        try {
          const caller = asksClient ? callerOf(stream) : ANONYMOUS;
          resolve({ stream, caller, release, told });
        } catch (error) {
          reject(NetTcpError.from(error));
        }
      }
      if (event === 'tlsClientError') reject(refusal(first, second as TLSSocket));
      return true;
    };
    // Gets the events of this handshake only: a server does not say which socket a `TLSSocket` is on.
    const own = Object.create(server, { emit: { value: onEvent } }) as Server;
    for (const onConnection of server.listeners('connection')) {
      Reflect.apply(onConnection, own, [socket]);
    }
  });
}

function callerOf(stream: TLSSocket): Caller {
  const certificate = stream.getPeerX509Certificate()?.raw;
  if (certificate === undefined) throw broken('the client presented no certificate');
  return callerOfCertificate(Buffer.from(certificate));
}

function refusal(error: unknown, { authorizationError }: TLSSocket): NetTcpError {
  // Its declared type is wrong: it is the code of a reason, such as CERT_HAS_EXPIRED, or null.
  const reason: unknown = authorizationError;
  if (typeof reason !== 'string')
    return broken(systemCode(error) === 'ECONNRESET' ? CLOSED : reasonOf(error));
  const text = `The client's certificate was refused: ${reason}.`;
  return new NetTcpError('SecurityNegotiation', text);
}

/** OpenSSL's error in a session: where it is in its sources is of no use to anybody. */
function told(error: Error): Error {
  if (systemCode(error)?.startsWith('ERR_SSL_') !== true) return error;
  const text = `The TLS session with a client broke: ${reasonOf(error)}.`;
  return new NetTcpError('Communication', text, { cause: error });
}

function broken(why: string): NetTcpError {
  return new NetTcpError('SecurityNegotiation', `The TLS handshake with a client failed: ${why}.`);
}
