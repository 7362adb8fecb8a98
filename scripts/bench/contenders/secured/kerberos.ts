import { concat, utf8, viewOf } from '../../../../shared/security/bytes.ts';
import type { Mechanism } from '../../../../shared/security/negotiate/mechanism.ts';
import { spnegoInitiator } from '../../../../shared/security/negotiate/spnego-initiator.ts';
import { Oid } from '../../../../shared/security/negotiate/spnego-tokens.ts';
import { NEGOTIATE, negotiate } from '../../../../shared/transport/negotiate/handshake.ts';
import type { ClientUpgrade } from '../../../../shared/transport/upgrade.ts';
import {
  contextOf,
  firstToken,
  keytab,
} from '../../../../test/security/negotiate/kerberos/tickets.ts';
import type { Securing } from '../ours.ts';

/** aes256-cts-hmac-sha1-96, which every KDC has. */
const TYPE = 18;

/** Kerberos without a KDC: the client makes its tickets itself, with the key of the service. */
export const KERBEROS: Securing = {
  name: 'Kerberos',
  binding: { security: { mode: 'Transport', transport: { clientCredentialType: 'Windows' } } },
  service: () => ({ credentials: { keytab: keytabFile() } }),
  client: () => ({}),
  adapt(binding) {
    const clientUpgrade = (): Promise<ClientUpgrade> => Promise.resolve(upgrade);
    Object.defineProperty(binding, 'clientUpgrade', { value: clientUpgrade });
  },
};

const upgrade: ClientUpgrade = {
  contentType: NEGOTIATE,
  showsCredential: true,
  async initiate(socket) {
    const mechanism = spnegoInitiator(Oid.Kerberos, initiator());
    const { stream } = await negotiate(socket, new Uint8Array(0), 'initiator', mechanism);
    return { stream, release: () => stream.release() };
  },
};

let callers = 0;

function initiator(): Mechanism {
  const now = Date.now();
  const times = { starts: now - 60_000, ends: now + 3_600_000, time: now };
  // Each a caller of its own: nobody sends the same twice.
  const token = firstToken({ ...times, client: [`caller${callers++}`], type: TYPE });
  const next: Mechanism = {
    step(answer = new Uint8Array(0)) {
      const context = contextOf(answer, TYPE);
      return { is: 'complete', token: undefined, context, peer: undefined };
    },
  };
  return { step: () => ({ is: 'in-progress', token, next }) };
}

/** The service's keys as a file, format 0x0502. */
function keytabFile(): Uint8Array {
  const { name, realm, version, encryption, key } = keytab(TYPE);
  const components = name.split('/');
  const entry = concat(
    uint16(components.length),
    ...[realm, ...components].map(counted),
    uint32(1),
    uint32(0),
    Uint8Array.of(version),
    uint16(encryption),
    uint16(key.length),
    key,
  );
  return concat(Uint8Array.of(5, 2), uint32(entry.length), entry);
}

function counted(text: string): Uint8Array {
  const octets = utf8(text);
  return concat(uint16(octets.length), octets);
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}

function uint32(value: number): Uint8Array {
  const octets = new Uint8Array(4);
  viewOf(octets).setUint32(0, value);
  return octets;
}
