import type { Socket } from 'node:net';
import { hostname } from 'node:os';
import type { ClientCredentials } from '../../security/credentials.ts';
import type { Mechanism } from '../../security/negotiate/mechanism.ts';
import { ntHash } from '../../security/negotiate/ntlm/hashes.ts';
import { ntlmInitiator } from '../../security/negotiate/ntlm/initiator.ts';
import { spnegoInitiator } from '../../security/negotiate/spnego-initiator.ts';
import { Oid } from '../../security/negotiate/spnego-tokens.ts';
import { ignoreError } from '../connection.ts';
import type { ClientUpgrade, Secured } from '../upgrade.ts';
import { NEGOTIATE, negotiate } from './handshake.ts';
import { kerberosInitiator } from './kerberos-initiator.ts';

/**
 * Windows credentials of one factory's channels: NTLM for a name of the form `DOMAIN\carol`, Kerberos for any
 * other or none. One is never tried in place of the other. Name and password come together, or neither.
 */
export function createNegotiateClient({
  userName,
  password,
  servicePrincipalName,
}: ClientCredentials): ClientUpgrade {
  const login =
    userName === undefined || password === undefined ? undefined : { userName, password };
  const ntlm = login === undefined ? undefined : ntlmAccount(login);
  return {
    contentType: NEGOTIATE,
    showsCredential: true,
    async initiate(socket, host) {
      const target = servicePrincipalName ?? `host/${host}`;
      if (ntlm !== undefined) {
        const mechanism = ntlmInitiator({ ...ntlm, target });
        return await call(socket, spnegoInitiator(Oid.Ntlm, mechanism));
      }
      // The library may ask a KDC; what happens to the socket meanwhile is noticed afterwards.
      socket.on('error', ignoreError);
      const options = { servicePrincipalName: target, login };
      const ticket = await kerberosInitiator(options, () => !socket.destroyed).catch(
        (error: unknown) => {
          socket.destroy();
          throw error;
        },
      );
      try {
        return await call(socket, spnegoInitiator(Oid.Kerberos, ticket.mechanism));
      } finally {
        ticket.release();
      }
    },
  };
}

async function call(socket: Socket, mechanism: Mechanism): Promise<Secured> {
  const { stream } = await negotiate(socket, new Uint8Array(0), 'initiator', mechanism);
  return { stream, release: () => stream.release() };
}

interface NtlmAccount {
  readonly user: string;
  readonly domain: string;
  readonly hash: Uint8Array;
  readonly workstation: string;
}

function ntlmAccount({
  userName,
  password,
}: {
  readonly userName: string;
  readonly password: string;
}): NtlmAccount | undefined {
  const [domain, user, ...more] = userName.split('\\');
  if (domain === undefined || user === undefined || more.length > 0) return undefined;
  return { user, domain, hash: ntHash(password), workstation: hostname().replace(/\..*/, '') };
}
