import { concat, utf8, viewOf } from '../../../../shared/security/bytes.ts';
import { DerFields, readOnly, Tag } from '../../../../shared/security/der.ts';
import {
  element,
  field,
  generalString,
  integer,
  octetString,
  sequence,
} from '../../../../shared/security/negotiate/der-write.ts';
import { KerberosContext } from '../../../../shared/security/negotiate/kerberos/context.ts';
import {
  requireEncryptionType,
  UsageKey,
} from '../../../../shared/security/negotiate/kerberos/encryption.ts';
import type { KeytabEntry } from '../../../../shared/security/negotiate/kerberos/keytab.ts';
import {
  Oid,
  readInitialToken,
  writeInitialToken,
} from '../../../../shared/security/negotiate/spnego-tokens.ts';

/** What the tickets say where a test says nothing else. */
export const NOW = Date.UTC(2026, 10, 25, 13, 10, 58);
const REALM = 'TEST.LOCAL';

/** Everything in a first token that a test may want to be different. */
export interface TokenOptions {
  readonly service?: string;
  readonly realm?: string;
  readonly version?: number | undefined;
  /** Encryption type of ticket and session. */
  readonly type?: number;
  readonly client?: readonly string[];
  /** Whom the authenticator names, if not the client. */
  readonly author?: readonly string[];
  readonly starts?: number;
  readonly ends?: number;
  readonly time?: number;
  readonly ticketFlags?: number;
  /** Of AP-REQ; bit 29 (0x20) is mutual authentication. */
  readonly options?: number;
  /** Of GSSAPI. */
  readonly flags?: number;
  readonly checksumType?: number;
  readonly hasSubkey?: boolean;
  readonly sequence?: number;
}

/** A key of the service for each type. */
export function keytab(type = 18, version = 1): KeytabEntry {
  const { keyBytes } = requireEncryptionType(type, 'test');
  const key = new Uint8Array(keyBytes).fill(type);
  return { name: 'host/localhost', realm: REALM, version, encryption: type, key };
}

function sessionKey(type: number): Uint8Array {
  return new Uint8Array(requireEncryptionType(type, 'test').keyBytes).fill(0x5e);
}

/** EncTicketPart and Authenticator before they are sealed. */
export function ticketParts(given: TokenOptions = {}): readonly [Uint8Array, Uint8Array] {
  const options = { ...DEFAULTS, ...given };
  const { type } = options;
  const ticketPart = element(
    Tag.application(3),
    sequence(
      field(0, bits(options.ticketFlags)),
      field(1, encryptionKey(type, sessionKey(type))),
      field(2, generalString(REALM)),
      field(3, principal(options.client)),
      field(4, sequence()),
      field(5, time(options.starts)),
      field(7, time(options.ends)),
    ),
  );
  const flags = new Uint8Array(24);
  viewOf(flags).setUint32(0, 16, true);
  viewOf(flags).setUint32(20, options.flags, true);
  const subkey = encryptionKey(
    type,
    sessionKey(type).map((byte) => byte ^ 1),
  );
  const authenticator = element(
    Tag.application(2),
    sequence(
      field(0, integer(5)),
      field(1, generalString(REALM)),
      field(2, principal(given.author ?? options.client)),
      field(3, sequence(field(0, integer(options.checksumType)), field(1, octetString(flags)))),
      field(4, integer(123)),
      field(5, time(options.time)),
      ...(options.hasSubkey ? [field(6, subkey)] : []),
      field(7, integer(options.sequence)),
    ),
  );
  return [ticketPart, authenticator];
}

/** A first token as a client with a ticket of the KDC sends it. */
export function firstToken(given: TokenOptions = {}): Uint8Array {
  const options = { ...DEFAULTS, ...given };
  const { type } = options;
  const [ticketPart, authenticator] = ticketParts(given);
  const ticket = element(
    Tag.application(1),
    sequence(
      field(0, integer(5)),
      field(1, generalString(options.realm)),
      field(2, principal(options.service.split('/'))),
      field(3, encrypted(type, keytab(type).key, 2, ticketPart, options.version)),
    ),
  );
  const request = element(
    Tag.application(14),
    sequence(
      field(0, integer(5)),
      field(1, integer(14)),
      field(2, bits(options.options)),
      field(3, ticket),
      field(4, encrypted(type, sessionKey(type), 11, authenticator)),
    ),
  );
  return writeInitialToken(Oid.Kerberos, concat(Uint8Array.of(1, 0), request));
}

const DEFAULTS = {
  service: 'host/localhost',
  realm: REALM,
  version: 1 as number | undefined,
  type: 18,
  client: ['alice'] as readonly string[],
  starts: NOW - 60_000,
  ends: NOW + 36_000_000,
  time: NOW,
  ticketFlags: 0,
  options: 0x20,
  flags: 0x32,
  checksumType: 0x8003,
  hasSubkey: true,
  sequence: 1_000,
};

/** What the client knows once it has the answer. */
export function contextOf(
  reply: Uint8Array,
  type: number,
  sequenceNumber = 1_000,
  protection: 'seal' | 'sign' = 'seal',
): KerberosContext {
  const { inner } = readInitialToken(reply);
  const open = (bytes: Uint8Array, tag: number): DerFields =>
    new DerFields(readOnly(readOnly(bytes, Tag.application(tag), 'r'), Tag.Sequence, 'r'), 'r');
  const sealed = new DerFields(open(inner.subarray(2), 15).content(2, Tag.Sequence), 'r');
  const encryption = requireEncryptionType(type, 'test');
  const usage = new UsageKey(encryption, sessionKey(type), 12);
  const part = open(usage.decrypt(sealed.content(2, Tag.OctetString)), 27);
  const key = new DerFields(part.content(2, Tag.Sequence), 'r').content(1, Tag.OctetString);
  return new KerberosContext({
    isAcceptor: false,
    encryption,
    key,
    sendSequence: sequenceNumber,
    receiveSequence: part.integer(3),
    protection,
  });
}

function encrypted(
  type: number,
  key: Uint8Array,
  usage: number,
  plain: Uint8Array,
  version?: number,
): Uint8Array {
  const cipher = new UsageKey(requireEncryptionType(type, 'test'), key, usage).encrypt(plain);
  const versions = version === undefined ? [] : [field(1, integer(version))];
  return sequence(field(0, integer(type)), ...versions, field(2, octetString(cipher)));
}

function encryptionKey(type: number, value: Uint8Array): Uint8Array {
  return sequence(field(0, integer(type)), field(1, octetString(value)));
}

function principal(names: readonly string[]): Uint8Array {
  return sequence(field(0, integer(1)), field(1, sequence(...names.map(generalString))));
}

/** 32 bits of which a test sets the second byte. */
function bits(second: number): Uint8Array {
  return element(0x03, Uint8Array.of(0, second, 0, 0, 0));
}

function time(at: number): Uint8Array {
  const text = new Date(at).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return element(Tag.GeneralizedTime, utf8(text));
}
