// WS-Security, WS-Trust and WS-SecureConversation: what .NET sends, and what it is answered.
import { expect, test } from 'vitest';
import { ReceivedStrings } from '../../../../shared/encoding/binary-xml/session-strings.ts';
import { BinaryXmlReader } from '../../../../shared/encoding/binary-xml/reader.ts';
import { END, OPEN } from '../../../../shared/encoding/binary-xml/text-record-writer.ts';
import { toXml } from '../../../../shared/encoding/binary-xml/to-xml.ts';
import { BinaryXmlWriter } from '../../../../shared/encoding/binary-xml/writer.ts';
import type { Reply, Request } from '../../../../shared/encoding/encoding.ts';
import type { SecurityHeader } from '../../../../shared/encoding/message-security.ts';
import { readSecurityHeader } from '../../../../shared/encoding/soap/security/read-header.ts';
import { TOKEN_OPERATIONS } from '../../../../shared/encoding/token-operations.ts';
import { SECURITY, UTILITY } from '../../../../shared/encoding/soap/security/vocabulary.ts';
import { NetTcpError } from '../../../../shared/errors.ts';
import { DEFAULT_LIMITS } from '../../../../shared/limits.ts';
import type { OctetWriter } from '../../../../shared/octets.ts';
import { signTimestamp } from '../../../../shared/security/message-credentials/timestamp-signature.ts';
import { hex } from '../../../helpers/octets.ts';
import { CALL, written } from '../messages.ts';
import { ADD, CANCEL, ISSUE, RENEW } from './dotnet-messages.ts';
import {
  add,
  buffered,
  codecOptions,
  FULL_HEADER,
  Issuer,
  TIMESTAMP,
  TOKEN,
} from './fuzz-target.ts';

function service(issuer: Issuer): (payload: Uint8Array) => Request {
  const codec = buffered.service({ ...codecOptions, security: issuer });
  return (payload) => codec.readRequest(payload, 0, payload.length);
}

test('.NET asks for a token: who it is, and its part of the key', async () => {
  const issuer = new Issuer();
  const request = service(issuer)(ISSUE);
  if (request.kind !== 'call') throw new Error('refused');
  expect(request.operation).toBe(TOKEN_OPERATIONS.issue);
  expect(await request.own?.()).toBe(TOKEN);
  const [{ header, request: asked } = { header: {}, request: {} }] = issuer.asked;
  expect(issuer.checked).toEqual([]);
  expect(header).toEqual({
    timestamp: {
      id: '_0',
      created: '2026-11-28T06:24:59.073Z',
      expires: '2026-11-28T06:29:59.073Z',
    },
    userName: {
      name: 'dave',
      password: 'secret-dave',
      passwordType: undefined,
      nonce: undefined,
      created: undefined,
    },
    contextToken: undefined,
    signature: undefined,
  });
  // In two records, as base64 is written piece by piece.
  expect(hex(asked.entropy ?? new Uint8Array())).toBe(
    '67ed04920012e4a5eb1d755996f009cd0a3fc64020a904421371477b9ae69f02'.slice(0, 60) + '68a2',
  );
});

test('.NET asks for another token before its own ends, with password and token', async () => {
  const issuer = new Issuer();
  issuer.refusal = 'BadContextToken';
  const request = service(issuer)(RENEW);
  if (request.kind !== 'call') throw new Error('refused');
  expect(request.operation).toBe(TOKEN_OPERATIONS.renew);
  await request.own?.();
  const [{ header, request: asked } = { header: {}, request: {} }] = issuer.asked;
  expect(asked.target).toBe('urn:uuid:4dbb07fd-9bca-4bd8-aecc-61b2da6590be');
  expect(asked.entropy).toHaveLength(32);
  expect(header.userName?.name).toBe('dave');
  expect(header.contextToken).toBe(asked.target);
});

test('.NET calls with its token, and cancels it: each message is signed', async () => {
  const issuer = new Issuer();
  const read = service(issuer);
  const call = read(ADD);
  expect(call).toMatchObject({ kind: 'call', args: [100, 15.99] });
  const cancel = read(CANCEL);
  if (cancel.kind !== 'call') throw new Error('refused');
  expect(await cancel.own?.()).toBeUndefined();
  expect(issuer.cancelled).toEqual([
    { entropy: undefined, target: 'urn:uuid:bd29a54b-3856-47d8-95e2-5f7eb20df27a' },
  ]);
  expect(issuer.checked).toHaveLength(2);
  for (const { contextToken, timestamp, signature, problem } of issuer.checked) {
    expect(problem).toBeUndefined();
    expect(contextToken).toBe('urn:uuid:bd29a54b-3856-47d8-95e2-5f7eb20df27a');
    if (timestamp === undefined) throw new Error('no timestamp');
    // Canonical forms, byte for byte: any other would have another digest.
    expect(signature?.digestValue).toBe(
      signTimestamp(timestamp, timestamp.id, new Uint8Array()).digestValue,
    );
  }
});

test.for([
  ['BadContextToken', 'The security context token is expired'],
  ['InvalidSecurity', 'An error occurred when verifying security'],
  ['FailedAuthentication', 'At least one security token'],
] as const)('a refused message is answered with %s, which is not secured', ([refusal, reason]) => {
  const issuer = new Issuer();
  issuer.refusal = refusal;
  const codec = buffered.service({ ...codecOptions, security: issuer });
  const request = codec.readRequest(ADD, 0, ADD.length);
  if (request.kind !== 'refused') throw new Error('not refused');
  const xml = xmlOf(written((out) => codec.writeFault(out, request.id ?? '', request.fault)));
  expect(xml).toContain(refusal);
  expect(xml).toContain(reason);
  expect(xml).not.toContain('Timestamp');
  const read = received((out) => codec.writeFault(out, OWN_ID, request.fault));
  expect(read).toMatchObject({ kind: 'fault', fault: { code: 'MessageSecurity' } });
});

const security = { header: (): SecurityHeader => FULL_HEADER, check: (): void => {} };
/** The message id of `CALL` of a session whose 12 bytes are sevens. */
const OWN_ID = `u${'\u0707'.repeat(6)}\uddee\uff00`;

function received(write: (out: OctetWriter) => void, check = security.check): Reply | undefined {
  const payload = written(write);
  const client = buffered.client({ ...codecOptions, security: { ...security, check } });
  return client.readReply(payload, 0, payload.length, () => add);
}

test('ours asks and is answered as .NET does and CoreWCF answers', () => {
  const client = buffered.client({ ...codecOptions, security });
  const asked = written((out) =>
    client.writeRequest(out, CALL, TOKEN_OPERATIONS.issue, [{ entropy: TOKEN.entropy }]),
  );
  const issuer = new Issuer();
  const codec = buffered.service({ ...codecOptions, security: issuer });
  const request = codec.readRequest(asked, 0, asked.length);
  if (request.kind !== 'call') throw new Error('refused');
  void request.own?.();
  expect(issuer.asked).toEqual([
    { header: FULL_HEADER, request: { entropy: TOKEN.entropy, target: undefined } },
  ]);
  const answer = written((out) =>
    codec.writeResult(out, request.id ?? '', request.operation, TOKEN),
  );
  // In CoreWCF's order.
  expect(shape(xmlOf(answer))).toEqual(
    [
      'TokenType RequestedSecurityToken SecurityContextToken Identifier RequestedAttachedReference',
      'SecurityTokenReference Reference RequestedUnattachedReference SecurityTokenReference Reference',
      'RequestedProofToken ComputedKey Entropy BinarySecret Lifetime Created Expires KeySize',
    ].join(' '),
  );
  const read = client.readReply(answer, 0, answer.length, () => TOKEN_OPERATIONS.issue);
  expect(read).toEqual({ kind: 'result', id: CALL, value: TOKEN });
});

function shape(xml: string): string {
  const inside = xml.slice(xml.indexOf('RequestSecurityTokenResponse'));
  return [...inside.matchAll(/<\w+:(\w+)/g)].map(([, name]) => name).join(' ');
}

test('a cancelled token is answered in 143 bytes, as CoreWCF does', () => {
  const codec = buffered.service({ ...codecOptions, security: new Issuer() });
  const answer = written((out) =>
    codec.writeResult(out, OWN_ID, TOKEN_OPERATIONS.cancel, undefined),
  );
  expect(answer.length).toBe(143);
});

test('an answer without a good timestamp fails its call', () => {
  const write = (out: OctetWriter): void =>
    buffered
      .service({ ...codecOptions, security: new Issuer() })
      .writeResult(out, OWN_ID, add, 115.99);
  expect(received(write)).toEqual({ kind: 'result', id: CALL, value: 115.99 });
  const old = (): void => {
    throw new NetTcpError('MessageSecurity', 'old');
  };
  expect(received(write, old)).toMatchObject({
    fault: { code: 'MessageSecurity', message: 'old' },
  });
});

test('a fault of an operation is secured, so it is the service that says it', () => {
  const codec = buffered.service({ ...codecOptions, security: new Issuer() });
  const fault = { code: 'Fault', message: 'no such row' } as const;
  expect(received((out) => codec.writeFault(out, OWN_ID, fault, add))).toMatchObject({
    fault: { code: 'Fault', message: 'no such row' },
  });
});

type Write = (xml: BinaryXmlWriter) => void;

/** A header with what `inside` writes in it, read. */
function header(inside: Write): SecurityHeader {
  const xml = new BinaryXmlWriter();
  xml.element('o', 'Security');
  xml.xmlns('o', SECURITY);
  xml.xmlns('u', UTILITY);
  inside(xml);
  xml.endElement();
  const reader = new BinaryXmlReader(DEFAULT_LIMITS);
  const bytes = xml.out.toBytes();
  reader.reset(bytes, 0, bytes.length);
  reader.read();
  const read = readSecurityHeader(reader);
  expect(reader.kind).toBe('end');
  expect(reader.depth).toBe(0);
  return read;
}

const timestamp =
  (write: Write): Write =>
  (xml) => {
    xml.element('u', 'Timestamp');
    xml.attribute('u', 'Id');
    xml.text('x', OPEN);
    xml.element('u', 'Created');
    write(xml);
    xml.endElement();
  };

test.for<[string, Write, string]>([
  [
    'text',
    (xml) => xml.text('2026-11-25T13:00:00.1200000+00:00', END),
    '2026-11-25T13:00:00.1200000+00:00',
  ],
  [
    'text in pieces',
    (xml) => {
      xml.text('2026-11-25', OPEN);
      xml.text('T13:00:00Z', END);
    },
    '2026-11-25T13:00:00Z',
  ],
  [
    'a DateTime record',
    (xml) => xml.dateTime({ ticks: 639_156_276_000_000_000n, kind: 'utc' }, END),
    '2026-05-29T05:00:00Z',
  ],
])('a time as it stands: %s', ([, write, created]) => {
  expect(header(timestamp(write)).timestamp).toEqual({ id: 'x', created, expires: undefined });
});

const twice =
  (write: Write): Write =>
  (xml) => {
    write(xml);
    write(xml);
  };

test.for<[string, Write, string]>([
  ['two timestamps', twice(timestamp((xml) => xml.text('now', END))), 'two of Timestamp'],
  [
    'two times',
    (xml) => {
      xml.element('u', 'Timestamp');
      for (const time of ['a', 'b']) {
        xml.element('u', 'Created');
        xml.text(time, END);
      }
      xml.endElement();
    },
    'two of Created',
  ],
  [
    'a timestamp without a time',
    (xml) => {
      xml.element('u', 'Timestamp');
      xml.endElement();
    },
    'no Created',
  ],
  [
    'a token without a name',
    (xml) => {
      xml.element('o', 'UsernameToken');
      xml.endElement();
    },
    'no Username',
  ],
  [
    'another algorithm',
    (xml) => {
      xml.element('', 'Signature');
      xml.xmlns('', 'http://www.w3.org/2000/09/xmldsig#');
      xml.element('', 'SignedInfo');
      xml.element('', 'SignatureMethod');
      xml.attribute('', 'Algorithm');
      xml.text('http://www.w3.org/2001/04/xmldsig-more#hmac-sha256', OPEN);
      xml.endElement();
      xml.endElement();
      xml.endElement();
    },
    'not signed with',
  ],
])('a header with %s is none', ([, write, problem]) => {
  expect(header(write)).toEqual({ problem: expect.stringContaining(problem) as string });
});

test('tokens of other sorts are passed over', () => {
  expect(
    header((xml) => {
      xml.element('o', 'BinarySecurityToken');
      xml.text('AAAA', END);
      timestamp((inner) => inner.text('now', END))(xml);
    }).timestamp?.created,
  ).toBe('now');
});

function xmlOf(payload: Uint8Array): string {
  return toXml(payload, { strings: new ReceivedStrings(DEFAULT_LIMITS) });
}

test('what a service without this is sent is not understood, as ever', () => {
  const codec = buffered.service(codecOptions);
  const request = codec.readRequest(ADD, 0, ADD.length);
  expect(request).toMatchObject({
    kind: 'refused',
    fault: { message: expect.stringContaining("'Security'") as string },
  });
  expect(TIMESTAMP.id).toBe('_0');
});
