import assert from 'node:assert/strict';
import { NetTcpError } from '../../../shared/errors.ts';
import { DerFields, readAll, readElement, readOnly, Tag } from '../../../shared/security/der.ts';
import {
  element,
  field,
  integer,
  octetString,
  sequence,
} from '../../../shared/security/negotiate/der-write.ts';
import { FrameDecoder } from '../../../shared/security/negotiate/frames.ts';
import { offerKerberos } from '../../../shared/security/negotiate/kerberos/acceptor.ts';
import { parseKeytab } from '../../../shared/security/negotiate/kerberos/keytab.ts';
import {
  readApRequest,
  readAuthenticator,
  readTicketPart,
} from '../../../shared/security/negotiate/kerberos/messages.ts';
import type { Mechanism } from '../../../shared/security/negotiate/mechanism.ts';
import { offerNtlm } from '../../../shared/security/negotiate/ntlm/acceptor.ts';
import {
  readAuthenticate,
  readChallenge,
  readNegotiate,
} from '../../../shared/security/negotiate/ntlm/messages.ts';
import { ntHash } from '../../../shared/security/negotiate/ntlm/hashes.ts';
import { ntlmInitiator } from '../../../shared/security/negotiate/ntlm/initiator.ts';
import { spnegoAcceptor } from '../../../shared/security/negotiate/spnego-acceptor.ts';
import { spnegoInitiator } from '../../../shared/security/negotiate/spnego-initiator.ts';
import {
  Oid,
  readInitialToken,
  readNegTokenInit,
  readNegTokenResp,
  writeNegTokenInit,
} from '../../../shared/security/negotiate/spnego-tokens.ts';
import { ReplayCache } from '../../../shared/security/replay-cache.ts';
import { hex, octets } from '../../helpers/octets.ts';
import { firstToken, keytab, NOW, ticketParts } from './kerberos/tickets.ts';

/** Two messages of the handshake, then three frames. */
export const STREAM = octets(
  '16 01 00 0003 aabbcc 14 01 00 0001 dd 02000000 0102 00000000 03000000 030405',
);

/** What comes out, down to the error; anything but a typed error is thrown on. */
export function decodeStream(chunks: readonly Uint8Array[]): string {
  const decoder = new FrameDecoder();
  let isDone = false;
  let shown = '';
  const next = (): string | undefined => {
    if (isDone) {
      const frame = decoder.nextFrame();
      return frame === undefined ? undefined : `frame ${hex(frame)}`;
    }
    const message = decoder.nextMessage();
    isDone = message?.id === 'done';
    if (message === undefined) return undefined;
    return `${message.id} ${message.id === 'error' ? message.hresult : hex(message.token)}`;
  };
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (let one = next(); one !== undefined; one = next()) shown += `${one};`;
    }
    return `${shown}${decoder.atBoundary}`;
  } catch (error) {
    if (!(error instanceof NetTcpError)) throw error;
    return `${shown}${error.code} ${error.message}`;
  }
}

/** Reads any bytes as handshake and frames, whole and byte by byte: that gives the same. */
export function decodeStreamInCuts(bytes: Uint8Array): void {
  assert.equal(decodeStream([...bytes].map((byte) => Uint8Array.of(byte))), decodeStream([bytes]));
}

const CAROL = { name: 'TESTDOM\\carol', hash: ntHash('secret') };

/** An acceptor that would let somebody in. */
export function acceptor(): Mechanism {
  const kerberos = offerKerberos({
    keys: () => KEYS,
    replays: new ReplayCache(),
    protection: 'seal',
  });
  const ntlm = offerNtlm({
    find: (user) => (user.toLowerCase() === 'carol' ? CAROL : undefined),
    domain: 'TESTDOM',
    machine: 'NODE',
    attempts: { mayTry: () => true, failed: () => {}, succeeded: () => {} },
    protection: 'seal',
    challenge: () => new Uint8Array(8).fill(1),
  });
  return spnegoAcceptor([kerberos, ntlm]);
}

/** A client with that password. */
export function initiator(password: string): Mechanism {
  return spnegoInitiator(
    Oid.Ntlm,
    ntlmInitiator({
      user: 'carol',
      domain: 'TESTDOM',
      hash: ntHash(password),
      target: 'host/localhost',
      workstation: 'NODE',
      random: (size) => new Uint8Array(size).fill(2),
    }),
  );
}

const KEYS = [keytab(18)];

/** The state that waits for token number `count` of an exchange of NTLM, and that token. */
function played(count: number): { token: Uint8Array; waiting: Mechanism } {
  let [side, other] = [initiator('secret'), acceptor()];
  let token: Uint8Array | undefined;
  for (let turn = 0; turn < count; turn++) {
    const step = side.step(token, NOW);
    token = step.token;
    [side, other] = [other, step.is === 'in-progress' ? step.next : other];
  }
  return { token: token ?? new Uint8Array(0), waiting: side };
}

const NEGOTIATE = played(1);
const CHALLENGE = played(2);
const AUTHENTICATE = played(3);
const KERBEROS = firstToken();

/** The message of NTLM in a token of SPNEGO. */
function ntlmOf(token: Uint8Array): Uint8Array {
  return token[0] === 0x60
    ? (readNegTokenInit(readInitialToken(token).inner).token ?? token)
    : (readNegTokenResp(token).token ?? token);
}

export interface TokenTarget {
  readonly name: string;
  readonly originals: readonly Uint8Array[];
  readonly read: (bytes: Uint8Array) => void;
  /** Cases of one test, where one takes long. */
  readonly cases?: number;
}

/** Elements in elements, with lengths of one byte and of more, and numbers of every size. */
const DER = [
  sequence(
    field(0, integer(5)),
    field(1, octetString(new Uint8Array(200).fill(7))),
    field(2, sequence(integer(0x7f), integer(0x80), integer(2 ** 47 - 1))),
    field(30, element(Tag.application(1), sequence())),
  ),
  // A length that is longer than it need be, and a negative number.
  octets('30 83 00000f a0 03 02 01 ff a1 82 0006 04 84 00000000 00'),
];

/** Reads elements down to the last, and each in every way in which somebody asks for one. */
function readDer(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) {
    const { tag, content, end } = readElement(bytes, at, 'token');
    assert.ok(end > at && end <= bytes.length, `an element from ${at} to ${end}`);
    assert.ok(Buffer.compare(readOnly(element(tag, content), tag, 'token'), content) === 0);
    complains(() => readAll(content, Tag.Integer, 'token'));
    complains(() => readFields(content));
    complains(() => readDer(content));
    at = end;
  }
}

function readFields(content: Uint8Array): void {
  const fields = new DerFields(content, 'token');
  for (let number = 0; number < 32; number++) {
    if (!fields.has(number)) continue;
    complains(() => assert.ok(Number.isSafeInteger(fields.integer(number))));
    complains(() => fields.content(number, Tag.Sequence));
  }
}

/** Every reader of what an unknown peer sends, with what it should be sent. */
export const TOKEN_TARGETS: readonly TokenTarget[] = [
  { name: 'DER', originals: DER, read: (bytes) => complains(() => readDer(bytes)) },
  { name: 'negotiate frames, in any cuts', originals: [STREAM], read: decodeStreamInCuts },
  {
    name: 'first tokens',
    originals: [KERBEROS, writeNegTokenInit([Oid.Kerberos, Oid.Ntlm], KERBEROS), NEGOTIATE.token],
    read: (bytes) => complains(() => acceptor().step(bytes, NOW)),
  },
  {
    name: 'SPNEGO tokens',
    originals: [
      readInitialToken(writeNegTokenInit([Oid.Kerberos, Oid.Ntlm], octets('aabb'))).inner,
      CHALLENGE.token,
      played(4).token,
    ],
    read: (bytes) => {
      for (const read of [readNegTokenInit, readNegTokenResp]) complains(() => read(bytes));
    },
  },
  {
    name: 'Kerberos messages',
    originals: [readInitialToken(KERBEROS).inner.subarray(2), ...ticketParts()],
    read: (bytes) => {
      for (const read of [readApRequest, readTicketPart, readAuthenticator]) {
        complains(() => read(bytes));
      }
    },
  },
  {
    name: 'NTLM messages',
    originals: [NEGOTIATE, CHALLENGE, AUTHENTICATE].map(({ token }) => ntlmOf(token)),
    read: (bytes) => {
      for (const read of [readNegotiate, readChallenge, readAuthenticate]) {
        complains(() => read(bytes));
      }
    },
  },
  // Whole states cost half a millisecond each.
  ...[CHALLENGE, AUTHENTICATE].map(({ token, waiting }, index) => ({
    name: `NTLM in SPNEGO, token ${index + 2}`,
    originals: [token],
    read: (bytes: Uint8Array) => complains(() => waiting.step(bytes, NOW)),
    cases: 10_000,
  })),
  {
    name: 'keytabs',
    originals: [
      octets(
        '0502 00000036 0002 0001 42 0004 686f7374 0001 61 00000001 00000000 03 0011 0010 000102030405060708090a0b0c0d0e0f',
      ),
    ],
    read: (bytes) => complains(() => parseKeytab(bytes, 'f'), 'Usage'),
  },
];

function complains(read: () => unknown, ...more: readonly string[]): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof NetTcpError)) throw error;
    assert.ok(
      ['Protocol', 'QuotaExceeded', 'SecurityNegotiation', ...more].includes(error.code),
      error,
    );
  }
}
