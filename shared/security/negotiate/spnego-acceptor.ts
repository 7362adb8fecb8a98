import { NetTcpError } from '../../errors.ts';
import type { Mechanism, MechanismStep } from './mechanism.ts';
import {
  type NegState,
  Oid,
  readInitialToken,
  readNegTokenInit,
  readNegTokenResp,
  writeNegTokenResp,
} from './spnego-tokens.ts';

/** A mechanism that a service offers. */
export interface OfferedMechanism {
  /** Its object identifiers, as in {@link Oid}. */
  readonly names: readonly string[];
  readonly isRaw: (token: Uint8Array) => boolean;
  /** The mechanism's first state. */
  readonly start: () => Mechanism;
}

type Complete = Extract<MechanismStep, { readonly is: 'complete' }>;

/** What was agreed upon with the first token. */
interface Agreement {
  /** The client's list as it was encoded. */
  readonly list: Uint8Array;
  /** The client did not put the mechanism first: both sides must sign the list. RFC 4178 5 */
  readonly needsMic: boolean;
}

const NTLM_SIGNATURE = [0x4e, 0x54, 0x4c, 0x4d, 0x53, 0x53, 0x50, 0x00];

/** Whether a token names Kerberos itself: Windows may send one without SPNEGO. */
export function isRawKerberos(token: Uint8Array): boolean {
  return token[0] === 0x60 && readInitialToken(token).mechanism === Oid.Kerberos;
}

/** The same for NTLM, by its signature. */
export function isRawNtlm(token: Uint8Array): boolean {
  return NTLM_SIGNATURE.every((byte, index) => token[index] === byte);
}

/**
 * The accepting side of SPNEGO. [RFC 4178] It takes the first mechanism of the client's list that is offered
 * here. If that is not the very first of the list, somebody in between may have changed the list: then nothing
 * is established before both sides have signed it. A token of an offered mechanism without SPNEGO around it is
 * answered in kind.
 */
export function spnegoAcceptor(offered: readonly OfferedMechanism[]): Mechanism {
  return {
    step(token = new Uint8Array(0), now) {
      const raw = offered.find((mechanism) => mechanism.isRaw(token));
      if (raw !== undefined) return raw.start().step(token, now);
      const { mechanism, inner } = readInitialToken(token);
      if (mechanism !== Oid.Spnego) throw notOffered();
      const init = readNegTokenInit(inner);
      const name = init.mechanisms.find((one) => offered.some(({ names }) => names.includes(one)));
      const chosen = offered.find(({ names }) => name !== undefined && names.includes(name));
      if (name === undefined || chosen === undefined) throw notOffered();
      const isFirst = name === init.mechanisms[0];
      const agreement = { list: init.mechanismList, needsMic: !isFirst };
      if (isFirst && init.token !== undefined) {
        return wrapStep(chosen.start().step(init.token, now), agreement, init.mic, name);
      }
      return {
        is: 'in-progress',
        // The client's token, if any, is of another mechanism: the client begins anew with the chosen one.
        token: writeNegTokenResp({
          state: isFirst ? 'accept-incomplete' : 'request-mic',
          mechanism: name,
        }),
        next: negotiating(chosen.start(), agreement),
      };
    },
  };
}

/** The mechanism waits for a token of the client. */
function negotiating(inner: Mechanism, agreement: Agreement): Mechanism {
  return {
    step(bytes = new Uint8Array(0), now) {
      const { state, token, mic } = readNegTokenResp(bytes);
      if (state === 'reject') throw gaveUp();
      if (token === undefined) throw outOfTurn('a token of the mechanism is missing');
      return wrapStep(inner.step(token, now), agreement, mic, undefined);
    },
  };
}

/** The mechanism is complete, our MIC is sent, and the client's is due. */
function awaitingMic(done: Complete, { list }: Agreement): Mechanism {
  return {
    step(bytes = new Uint8Array(0)) {
      const { state, mic } = readNegTokenResp(bytes);
      if (state === 'reject') throw gaveUp();
      if (mic === undefined) throw outOfTurn('the client does not sign its list of mechanisms');
      done.context.verify(list, mic);
      done.context.startData();
      return { ...done, token: writeNegTokenResp({ state: 'accept-completed' }) };
    },
  };
}

function wrapStep(
  step: MechanismStep,
  agreement: Agreement,
  mic: Uint8Array | undefined,
  mechanism: string | undefined,
): MechanismStep {
  const { token } = step;
  const answer = (state: NegState, ourMic?: Uint8Array): Uint8Array =>
    writeNegTokenResp({ state, mechanism, token, mic: ourMic });
  if (step.is === 'in-progress') {
    return {
      is: 'in-progress',
      token: answer('accept-incomplete'),
      next: negotiating(step.next, agreement),
    };
  }
  const { context } = step;
  if (mic !== undefined) {
    context.verify(agreement.list, mic);
    const ours = context.sign(agreement.list);
    context.startData();
    return { ...step, token: answer('accept-completed', ours) };
  }
  if (!agreement.needsMic) return { ...step, token: answer('accept-completed') };
  return {
    is: 'in-progress',
    token: answer('accept-incomplete', context.sign(agreement.list)),
    next: awaitingMic(step, agreement),
  };
}

function notOffered(): NetTcpError {
  return new NetTcpError(
    'SecurityNegotiation',
    'The client offers no security mechanism that this service has.',
  );
}

function gaveUp(): NetTcpError {
  return new NetTcpError('SecurityNegotiation', 'The client gave up the negotiation.');
}

function outOfTurn(why: string): NetTcpError {
  return new NetTcpError('Protocol', `The SPNEGO negotiation broke: ${why}.`);
}
