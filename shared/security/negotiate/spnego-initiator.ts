import { NetTcpError } from '../../errors.ts';
import type { Mechanism, MechanismStep } from './mechanism.ts';
import {
  type NegTokenResp,
  readNegTokenResp,
  writeMechanismList,
  writeNegTokenInit,
  writeNegTokenResp,
} from './spnego-tokens.ts';

type Complete = Extract<MechanismStep, { readonly is: 'complete' }>;

/**
 * The initiating side of SPNEGO with one mechanism: it is offered alone, so there is nothing to choose, and
 * nothing to fall back to. RFC 4178
 *
 * @param name  the mechanism, as `Oid` has it
 * @param start its first state
 */
export function spnegoInitiator(name: string, start: Mechanism): Mechanism {
  return {
    step(_, now) {
      const step = start.step(undefined, now);
      const token = writeNegTokenInit([name], step.token ?? new Uint8Array(0));
      const next = step.is === 'in-progress' ? negotiating(name, step.next) : finishing(name, step);
      return { is: 'in-progress', token, next };
    },
  };
}

/** The mechanism waits for a token of the service. */
function negotiating(name: string, inner: Mechanism): Mechanism {
  return {
    step(bytes, now) {
      const answer = readAnswer(name, bytes);
      if (answer.token === undefined) throw broken('it brings no token of the mechanism');
      const step = inner.step(answer.token, now);
      if (step.is === 'in-progress') {
        const token = writeNegTokenResp({ state: 'accept-incomplete', token: step.token });
        return { is: 'in-progress', token, next: negotiating(name, step.next) };
      }
      // A mechanism of one round needs no signature of a list of one; the service may ask for it all the same.
      if (step.token === undefined) return finish(name, step, answer);
      const mic = step.context.sign(writeMechanismList([name]));
      const token = writeNegTokenResp({ state: 'accept-incomplete', token: step.token, mic });
      return { is: 'in-progress', token, next: signed(name, step) };
    },
  };
}

/** We have sent everything and signed the list: the service must accept, and sign it, too. */
function signed(name: string, done: Complete): Mechanism {
  return {
    step(bytes) {
      const { state, mic } = readAnswer(name, bytes);
      if (state !== 'accept-completed') throw broken('it does not end where it should');
      if (mic === undefined) throw broken('it does not sign the list of mechanisms');
      done.context.verify(writeMechanismList([name]), mic);
      done.context.startData();
      return { ...done, token: undefined };
    },
  };
}

/** Our mechanism is complete: the service has to end the negotiation. */
function finishing(name: string, done: Complete): Mechanism {
  return { step: (bytes) => finish(name, done, readAnswer(name, bytes)) };
}

function finish(name: string, done: Complete, { state, mic }: NegTokenResp): MechanismStep {
  const list = writeMechanismList([name]);
  if (mic !== undefined) done.context.verify(list, mic);
  if (state === 'accept-completed') return { ...done, token: undefined };
  if (mic === undefined && state !== 'request-mic') throw broken('it does not end where it should');
  const token = writeNegTokenResp({ state: undefined, mic: done.context.sign(list) });
  return { is: 'in-progress', token, next: finishing(name, done) };
}

function readAnswer(name: string, bytes: Uint8Array | undefined): NegTokenResp {
  const answer = readNegTokenResp(bytes ?? new Uint8Array(0));
  if (answer.state === 'reject') {
    throw new NetTcpError(
      'SecurityNegotiation',
      'The service rejected the credential of the client.',
    );
  }
  if (answer.mechanism !== undefined && answer.mechanism !== name) {
    throw broken('it chose a mechanism that was not offered');
  }
  return answer;
}

function broken(why: string): NetTcpError {
  return new NetTcpError(
    'Protocol',
    `The answer of the service breaks the SPNEGO negotiation: ${why}.`,
  );
}
