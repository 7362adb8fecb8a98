import { NetTcpError } from '../../../errors.ts';
import { printable } from '../../../printable.ts';
import { concat, viewOf } from '../../bytes.ts';
import { pooledRandom } from '../../random-pool.ts';
import type { ReplayCache } from '../../replay-cache.ts';
import { malformed } from '../../der.ts';
import type { Mechanism, Protection } from '../mechanism.ts';
import { isRawKerberos, type OfferedMechanism } from '../spnego-acceptor.ts';
import { Oid, readInitialToken, writeInitialToken } from '../spnego-tokens.ts';
import { KerberosContext } from './context.ts';
import { type EncryptionType, requireEncryptionType, UsageKey } from './encryption.ts';
import type { KeytabEntry } from './keytab.ts';
import {
  type ApRequest,
  type Authenticator,
  type EncryptionKey,
  readApRequest,
  readAuthenticator,
  readTicketPart,
  type TicketPart,
  writeApReply,
  writeApReplyPart,
} from './messages.ts';

interface KerberosAcceptorOptions {
  /** The service's keys, asked for with each client: a new keytab holds from the next client on. */
  readonly keys: () => readonly KeytabEntry[];
  /** One for all connections of a service. */
  readonly replays: ReplayCache;
  readonly protection: Protection;
  /** How far the clocks of client and service may be apart. Default: 300,000 ms, MIT's and Windows'. */
  readonly clockSkewMs?: number;
}

const DEFAULT_CLOCK_SKEW_MS = 300_000;
/** RFC 4120 7.5.1 */
const Usage = { ticket: 2, authenticator: 11, reply: 12 } as const;
const GSS_CHECKSUM = 0x8003;
const GssFlag = { DceStyle: 0x1000, Sealed: 0x10, Signed: 0x20, Mutual: 0x02 } as const;
const AP_REQ = 0x0100;
const AP_REP = 0x0200;

/** Kerberos, as a service offers it. RFC 4120, 4121 */
export function offerKerberos(options: KerberosAcceptorOptions): OfferedMechanism {
  return {
    names: [Oid.Kerberos, Oid.MsKerberos],
    isRaw: isRawKerberos,
    start: () => kerberosAcceptor(options),
  };
}

/**
 * The accepting side: one token in, one out. A valid ticket says who calls, and that the KDC gave the caller a
 * ticket for this service. Most KDCs give one to everybody: it is not a permission.
 *
 * As in Windows, the KDCs decide which realms a client of another realm may come through, and addresses are not
 * compared: those change on the way.
 */
function kerberosAcceptor(options: KerberosAcceptorOptions): Mechanism {
  return {
    step(token = new Uint8Array(0), now) {
      const request = readApRequest(readGssToken(token));
      const { ticket, session } = openTicket(request, options.keys());
      const authenticator = openAuthenticator(request, session);
      checkTimes(ticket, authenticator, now, options.clockSkewMs ?? DEFAULT_CLOCK_SKEW_MS);
      if (authenticator.client !== ticket.client) {
        throw refused('its authenticator was made by somebody else');
      }
      checkFlags(request, authenticator);
      checkReplay(request, authenticator, now, options);
      return reply(ticket, session, authenticator, options.protection);
    },
  };
}

function readGssToken(token: Uint8Array): Uint8Array {
  const { mechanism, inner } = readInitialToken(token);
  const kind = ((inner[0] ?? 0) << 8) | (inner[1] ?? 0);
  if (mechanism !== Oid.Kerberos || kind !== AP_REQ) {
    throw malformed('security token', 'it is not an AP-REQ of Kerberos');
  }
  return inner.subarray(2);
}

interface OpenedTicket {
  readonly ticket: TicketPart;
  readonly session: SessionKey;
}

interface SessionKey {
  readonly type: EncryptionType;
  readonly value: Uint8Array;
}

function openTicket(
  { ticket, wantsSessionKey }: ApRequest,
  keys: readonly KeytabEntry[],
): OpenedTicket {
  if (wantsSessionKey) throw refused('it is for a user, not for a service');
  const { service, realm, sealed } = ticket;
  const type = requireEncryptionType(
    sealed.encryption,
    `ticket for ${printable(`${service}@${realm}`)}`,
  );
  const { value } = findKey(keys, service, realm, sealed, type);
  const part = readTicketPart(ticketKey(type, value).decrypt(sealed.cipher));
  if (part.isInvalid) throw refused('its ticket is not valid yet');
  return { ticket: part, session: toSessionKey(part.key, 'session key') };
}

// What is derived of a key of the keytab, while that is in use: it is the same for all tickets.
const ticketKeys = new WeakMap<Uint8Array, UsageKey>();

function ticketKey(type: EncryptionType, value: Uint8Array): UsageKey {
  let key = ticketKeys.get(value);
  if (key?.type !== type) ticketKeys.set(value, (key = new UsageKey(type, value, Usage.ticket)));
  return key;
}

function toSessionKey({ encryption, value }: EncryptionKey, what: string): SessionKey {
  const type = requireEncryptionType(encryption, what);
  if (value.length !== type.keyBytes) throw malformed(`Kerberos ${what}`, 'its length is wrong');
  return { type, value };
}

/** The key that the ticket says it is sealed with. Case has no meaning in names of services. */
function findKey(
  keys: readonly KeytabEntry[],
  service: string,
  realm: string,
  { version }: { readonly version: number | undefined },
  type: EncryptionType,
): SessionKey {
  const ours = keys.filter(
    (key) => key.realm === realm && key.name.toLowerCase() === service.toLowerCase(),
  );
  const name = printable(`${service}@${realm}`);
  if (ours.length === 0) throw refused(`its ticket is for ${name}, which is not in the keytab`);
  const sameType = ours.filter((key) => key.encryption === type.number);
  if (sameType.length === 0) {
    throw refused(`the keytab has no key of type ${type.number} (${type.name}) for ${name}`);
  }
  const newest = sameType.toSorted((a, b) => b.version - a.version);
  const found = version === undefined ? newest[0] : newest.find((key) => key.version === version);
  if (found === undefined) {
    throw refused(
      `its ticket for ${name} has version ${version} of the key, the keytab has ${newest[0]?.version}: make the keytab anew`,
    );
  }
  if (found.key.length !== type.keyBytes) throw refused(`the key for ${name} has a wrong length`);
  return { type, value: found.key };
}

function openAuthenticator(
  { authenticator }: ApRequest,
  { type, value }: SessionKey,
): Authenticator {
  if (authenticator.encryption !== type.number) {
    throw malformed('Kerberos authenticator', 'its encryption type is not that of the session');
  }
  const key = new UsageKey(type, value, Usage.authenticator);
  return readAuthenticator(key.decrypt(authenticator.cipher));
}

function checkTimes(
  { starts, ends }: TicketPart,
  { time }: Authenticator,
  now: number,
  skewMs: number,
): void {
  if (ends + skewMs < now) throw refused('its ticket has expired');
  if (starts - skewMs > now) throw refused('its ticket is not valid yet');
  if (Math.abs(time - now) > skewMs) {
    const seconds = Math.round((time - now) / 1_000);
    throw refused(
      `its clock differs by ${seconds} s from this machine's, at most ${skewMs / 1_000} s are allowed`,
    );
  }
}

function checkFlags({ wantsMutual }: ApRequest, { checksum }: Authenticator): void {
  // Length of the channel bindings (16), bindings, then the flags. RFC 4121 4.1.1
  if (checksum?.type !== GSS_CHECKSUM || checksum.value.length < 24) {
    throw malformed('Kerberos authenticator', 'it has no checksum of GSSAPI');
  }
  const flags = viewOf(checksum.value).getUint32(20, true);
  if (!wantsMutual || (flags & GssFlag.Mutual) === 0) {
    throw refused('it does not ask who this service is (mutual authentication)');
  }
  if ((flags & GssFlag.DceStyle) !== 0) throw refused('it asks for the three tokens of DCE');
  // With ProtectionLevel.Sign, .NET on Linux asks for signing only, and seals all the same: each token shows
  // whether it is sealed.
  if ((flags & (GssFlag.Signed | GssFlag.Sealed)) === 0) {
    throw refused('it asks for neither signing nor encryption');
  }
}

function checkReplay(
  { authenticator }: ApRequest,
  { time }: Authenticator,
  now: number,
  { replays, clockSkewMs = DEFAULT_CLOCK_SKEW_MS }: KerberosAcceptorOptions,
): void {
  if (!replays.use(authenticator.cipher, time + clockSkewMs, now)) {
    throw refused('it was used before');
  }
}

function reply(
  ticket: TicketPart,
  session: SessionKey,
  authenticator: Authenticator,
  protection: Protection,
): ReturnType<Mechanism['step']> {
  // A key of our own: a peer that replays somebody else's token learns nothing, and cannot send anything.
  const { type } =
    authenticator.subkey === undefined ? session : toSessionKey(authenticator.subkey, 'subkey');
  const subkey = { encryption: type.number, value: pooledRandom(type.keyBytes) };
  // Below 2^30, as in MIT's library: some clients take 32 bits for a number with a sign.
  const sendSequence = viewOf(pooledRandom(4)).getUint32(0) >>> 2;
  const part = writeApReplyPart(authenticator, subkey, sendSequence);
  const sealed = new UsageKey(session.type, session.value, Usage.reply).encrypt(part);
  const kind = Uint8Array.of(AP_REP >> 8, AP_REP & 0xff);
  const inner = concat(kind, writeApReply(session.type.number, sealed));
  return {
    is: 'complete',
    token: writeInitialToken(Oid.Kerberos, inner),
    context: new KerberosContext({
      isAcceptor: true,
      encryption: type,
      key: subkey.value,
      sendSequence,
      receiveSequence: authenticator.sequence ?? 0,
      protection,
    }),
    peer: { kind: 'kerberos', name: ticket.client },
  };
}

function refused(why: string): NetTcpError {
  return new NetTcpError(
    'SecurityNegotiation',
    `The client's Kerberos credential is refused: ${why}.`,
  );
}
