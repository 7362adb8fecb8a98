import { NetTcpError } from '../../errors.ts';
import { concat, toHex } from '../bytes.ts';
import { DerFields, malformed, readAll, readContent, readElement, readOnly, Tag } from '../der.ts';
import {
  element,
  enumerated,
  field,
  objectIdentifier,
  octetString,
  sequence,
} from './der-write.ts';

/** Object identifiers, as the hexadecimal digits of their content. */
export const Oid = {
  Spnego: '2b0601050502', // 1.3.6.1.5.5.2
  Kerberos: '2a864886f712010202', // 1.2.840.113554.1.2.2
  /** The same mechanism under the number that Windows 2000 gave it by mistake. */
  MsKerberos: '2a864882f712010202', // 1.2.840.48018.1.2.2
  Ntlm: '2b06010401823702020a', // 1.3.6.1.4.1.311.2.2.10
} as const;

/** First token of the initiator. RFC 4178 4.2.1 */
interface NegTokenInit {
  /** What the initiator offers, in its order of preference. */
  readonly mechanisms: readonly string[];
  /** The list as it was encoded: what the MICs sign. */
  readonly mechanismList: Uint8Array;
  /** First token of the first mechanism. */
  readonly token: Uint8Array | undefined;
  readonly mic: Uint8Array | undefined;
}

/** Any later token, of either side. RFC 4178 4.2.2 */
export interface NegTokenResp {
  readonly state: NegState | undefined;
  readonly mechanism?: string | undefined;
  readonly token?: Uint8Array | undefined;
  readonly mic?: Uint8Array | undefined;
}

export type NegState = (typeof NEG_STATES)[number];

const NEG_STATES = ['accept-completed', 'accept-incomplete', 'reject', 'request-mic'] as const;
const INIT = 'SPNEGO token (NegTokenInit)';
const RESP = 'SPNEGO token (NegTokenResp)';
// Windows offers five at most. Each is compared with those of the acceptor.
const MAX_MECHANISMS = 32;

/** The mechanism that a first token names, and what follows the name. RFC 2743 3.1 */
export function readInitialToken(token: Uint8Array): { mechanism: string; inner: Uint8Array } {
  const what = 'security token';
  const body = readOnly(token, Tag.application(0), what);
  const name = readElement(body, 0, what);
  if (name.tag !== Tag.ObjectIdentifier) throw malformed(what, 'it names no mechanism');
  return { mechanism: toHex(name.content), inner: body.subarray(name.end) };
}

/** The counterpart of {@link readInitialToken}. */
export function writeInitialToken(mechanism: string, inner: Uint8Array): Uint8Array {
  return element(Tag.application(0), objectIdentifier(mechanism), inner);
}

/**
 * @param inner a first token, without the name of SPNEGO
 * @throws {NetTcpError} `Protocol` if it is not one, `QuotaExceeded` for more than 32 mechanisms
 */
export function readNegTokenInit(inner: Uint8Array): NegTokenInit {
  const fields = new DerFields(
    readOnly(readOnly(inner, Tag.context(0), INIT), Tag.Sequence, INIT),
    INIT,
  );
  const mechanismList = fields.raw(0);
  const names = readAll(readOnly(mechanismList, Tag.Sequence, INIT), Tag.ObjectIdentifier, INIT);
  if (names.length > MAX_MECHANISMS) {
    throw new NetTcpError(
      'QuotaExceeded',
      `The client offers ${names.length} security mechanisms; ${MAX_MECHANISMS} is the most.`,
    );
  }
  return {
    mechanisms: names.map(toHex),
    mechanismList,
    token: fields.optional(2, Tag.OctetString),
    // The MIC is [3] in RFC 4178, and [4] after the hints that Windows puts into its own tokens.
    mic: fields.has(4) ? fields.optional(4, Tag.OctetString) : optionalMic(fields),
  };
}

/** Field 3, unless it is the hints (a SEQUENCE) of a NegTokenInit2. */
function optionalMic(fields: DerFields): Uint8Array | undefined {
  if (!fields.has(3)) return undefined;
  const { tag, content } = readElement(fields.raw(3), 0, INIT);
  return tag === Tag.OctetString ? content : undefined;
}

export function writeNegTokenInit(mechanisms: readonly string[], token: Uint8Array): Uint8Array {
  const init = sequence(field(0, writeMechanismList(mechanisms)), field(2, octetString(token)));
  return writeInitialToken(Oid.Spnego, field(0, init));
}

/** The list as it is encoded, and signed. */
export function writeMechanismList(mechanisms: readonly string[]): Uint8Array {
  return sequence(...mechanisms.map(objectIdentifier));
}

/** @throws {NetTcpError} `Protocol` if it is not one */
export function readNegTokenResp(bytes: Uint8Array): NegTokenResp {
  const fields = new DerFields(
    readOnly(readOnly(bytes, Tag.context(1), RESP), Tag.Sequence, RESP),
    RESP,
  );
  const mechanism = fields.optional(1, Tag.ObjectIdentifier);
  return {
    state: fields.has(0) ? toNegState(readContent(fields.raw(0), Tag.Enumerated, RESP)) : undefined,
    mechanism: mechanism === undefined ? undefined : toHex(mechanism),
    token: fields.optional(2, Tag.OctetString),
    mic: fields.optional(3, Tag.OctetString),
  };
}

function toNegState(content: Uint8Array): NegState {
  const state = content.length === 1 ? NEG_STATES[content[0] ?? 0xff] : undefined;
  if (state === undefined) throw malformed(RESP, 'its state is not known');
  return state;
}

export function writeNegTokenResp({ state, mechanism, token, mic }: NegTokenResp): Uint8Array {
  const fields: Uint8Array[] = [];
  if (state !== undefined) fields.push(field(0, enumerated(NEG_STATES.indexOf(state))));
  if (mechanism !== undefined) fields.push(field(1, objectIdentifier(mechanism)));
  if (token !== undefined) fields.push(field(2, octetString(token)));
  if (mic !== undefined) fields.push(field(3, octetString(mic)));
  return element(Tag.context(1), sequence(concat(...fields)));
}
