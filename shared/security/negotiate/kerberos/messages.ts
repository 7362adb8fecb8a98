import { DerFields, malformed, readAll, readOnly, Tag } from '../../der.ts';
import { element, field, integer, octetString, sequence } from '../der-write.ts';

// RFC 4120 5: what an acceptor reads and writes. Times are milliseconds since 1970.

/** `EncryptedData` */
interface Encrypted {
  readonly encryption: number;
  /** Version of the key, where the service has had several. */
  readonly version: number | undefined;
  readonly cipher: Uint8Array;
}

/** What a client sends first. */
export interface ApRequest {
  readonly wantsSessionKey: boolean;
  readonly wantsMutual: boolean;
  readonly ticket: {
    readonly realm: string;
    readonly service: string;
    readonly sealed: Encrypted;
  };
  readonly authenticator: Encrypted;
}

export interface EncryptionKey {
  readonly encryption: number;
  readonly value: Uint8Array;
}

/** `EncTicketPart`: what the KDC says of the client. */
export interface TicketPart {
  readonly isInvalid: boolean;
  readonly key: EncryptionKey;
  readonly client: string;
  readonly starts: number;
  readonly ends: number;
}

/** What the client says of itself, proving that it has the ticket's key. */
export interface Authenticator {
  readonly client: string;
  readonly checksum: { readonly type: number; readonly value: Uint8Array } | undefined;
  readonly time: number;
  /** As it came, to be sent back. */
  readonly rawTime: Uint8Array;
  readonly rawMicroseconds: Uint8Array;
  readonly subkey: EncryptionKey | undefined;
  readonly sequence: number | undefined;
}

/** To the letter: what is left out or replaced could make one name another's. */
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws {NetTcpError} `Protocol` if it is no AP-REQ */
export function readApRequest(bytes: Uint8Array): ApRequest {
  const what = 'Kerberos AP-REQ';
  const fields = readSequence(bytes, Tag.application(14), what);
  expectKind(fields, 14, what);
  const options = fields.content(2, 0x03);
  const ticket = readSequence(fields.raw(3), Tag.application(1), 'Kerberos ticket');
  const flags = options[1] ?? 0;
  return {
    wantsSessionKey: (flags & 0x40) !== 0,
    wantsMutual: (flags & 0x20) !== 0,
    ticket: {
      realm: text(ticket.content(1, Tag.GeneralString)),
      service: principalName(ticket.content(2, Tag.Sequence), 'Kerberos ticket').join('/'),
      sealed: readEncrypted(ticket.content(3, Tag.Sequence)),
    },
    authenticator: readEncrypted(fields.content(4, Tag.Sequence)),
  };
}

function readEncrypted(content: Uint8Array): Encrypted {
  const fields = new DerFields(content, 'Kerberos message');
  return {
    encryption: fields.integer(0),
    version: fields.optionalInteger(1),
    cipher: fields.content(2, Tag.OctetString),
  };
}

/** @throws {NetTcpError} `Protocol` if the decrypted bytes are no such part */
export function readTicketPart(bytes: Uint8Array): TicketPart {
  const what = 'Kerberos ticket';
  const fields = readSequence(bytes, Tag.application(3), what);
  const flags = fields.content(0, 0x03);
  const starts = fields.has(6) ? 6 : 5;
  return {
    isInvalid: ((flags[1] ?? 0) & 0x01) !== 0,
    key: readKey(fields.content(1, Tag.Sequence), what),
    client: principal(fields.content(3, Tag.Sequence), fields.content(2, Tag.GeneralString), what),
    starts: time(fields.content(starts, Tag.GeneralizedTime), what),
    ends: time(fields.content(7, Tag.GeneralizedTime), what),
  };
}

/** @throws {NetTcpError} `Protocol` if the decrypted bytes are no authenticator */
export function readAuthenticator(bytes: Uint8Array): Authenticator {
  const what = 'Kerberos authenticator';
  const fields = readSequence(bytes, Tag.application(2), what);
  const checksum = fields.has(3) ? new DerFields(fields.content(3, Tag.Sequence), what) : undefined;
  return {
    client: principal(fields.content(2, Tag.Sequence), fields.content(1, Tag.GeneralString), what),
    checksum:
      checksum === undefined
        ? undefined
        : { type: checksum.integer(0), value: checksum.content(1, Tag.OctetString) },
    time: time(fields.content(5, Tag.GeneralizedTime), what),
    rawTime: fields.raw(5),
    rawMicroseconds: fields.raw(4),
    subkey: fields.has(6) ? readKey(fields.content(6, Tag.Sequence), what) : undefined,
    // 32 bits; some clients write them as a signed number.
    sequence: fields.has(7) ? fields.integer(7) >>> 0 : undefined,
  };
}

/** `EncAPRepPart`: proves to the client that the service could read its authenticator. */
export function writeApReplyPart(
  { rawTime, rawMicroseconds }: Authenticator,
  subkey: EncryptionKey,
  sequenceNumber: number,
): Uint8Array {
  const key = sequence(field(0, integer(subkey.encryption)), field(1, octetString(subkey.value)));
  return element(
    Tag.application(27),
    sequence(
      field(0, rawTime),
      field(1, rawMicroseconds),
      field(2, key),
      field(3, integer(sequenceNumber)),
    ),
  );
}

/** AP-REP around the encrypted part. */
export function writeApReply(encryption: number, cipher: Uint8Array): Uint8Array {
  const sealed = sequence(field(0, integer(encryption)), field(2, octetString(cipher)));
  return element(
    Tag.application(15),
    sequence(field(0, integer(5)), field(1, integer(15)), field(2, sealed)),
  );
}

function readSequence(bytes: Uint8Array, tag: number, what: string): DerFields {
  return new DerFields(readOnly(readOnly(bytes, tag, what), Tag.Sequence, what), what);
}

function expectKind(fields: DerFields, kind: number, what: string): void {
  if (fields.integer(0) !== 5) throw malformed(what, 'it is not of Kerberos version 5');
  if (fields.integer(1) !== kind) throw malformed(what, 'it is another message');
}

function readKey(content: Uint8Array, what: string): EncryptionKey {
  const fields = new DerFields(content, what);
  return {
    encryption: fields.integer(0),
    value: Uint8Array.from(fields.content(1, Tag.OctetString)),
  };
}

function principalName(content: Uint8Array, what: string): string[] {
  const names = new DerFields(content, what).content(1, Tag.Sequence);
  return readAll(names, Tag.GeneralString, what).map(text);
}

/**
 * `alice@EXAMPLE.ORG`. As in MIT's library, what would read as another name gets a backslash: the component
 * `alice@A` in realm `B` is `alice\@A@B`, which is nobody else's name.
 */
function principal(name: Uint8Array, realm: Uint8Array, what: string): string {
  const parts = principalName(name, what).map((part) => escape(part, /[/@\\]/g));
  if (parts.length === 0) throw malformed(what, 'it names no principal');
  return `${parts.join('/')}@${escape(text(realm), /[@\\]/g)}`;
}

const CONTROL: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\t': '\\t',
  '\b': '\\b',
  '\0': '\\0',
};

function escape(part: string, special: RegExp): string {
  return part
    .replaceAll(special, (character) => `\\${character}`)
    .replaceAll(/[\n\t\b\0]/g, (character) => CONTROL[character] ?? '');
}

/** `20261125131058Z` */
function time(content: Uint8Array, what: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text(content));
  if (match === null) throw malformed(what, 'one of its times cannot be read');
  const [year = 0, month = 1, day, hour, minute, second] = match.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function text(content: Uint8Array): string {
  try {
    return UTF8.decode(content);
  } catch {
    throw malformed('Kerberos message', 'one of its texts is not UTF-8');
  }
}
