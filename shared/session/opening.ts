// Errors of a session that does not open.
import { NetTcpError } from '../errors.ts';
import type { Opening, UpgradeRequest } from './initiator-state.ts';

/** Bytes came where only the handshake of an upgrade may come: they would be taken for protected ones. */
export function inTheClear(): NetTcpError {
  const text =
    'Bytes came in the clear where an upgrade of the connection was to begin. They were ignored.';
  return new NetTcpError('SecurityNegotiation', text);
}

/**
 * Says that the connection ended after the preamble, and why. A WCF service that requires security ends it so,
 * and one that refuses a credential has no other way to say it in TLS 1.3.
 */
export function unanswered(state: Opening): string {
  const what = `The server at ${state.preamble.via} rejected the session-establishment request: it closed the connection without an answer.`;
  if (wasUpgraded(state))
    return `${what} It may want a credential, or another one: look at its log.`;
  const check = `${what} Check that a net.tcp service listens there`;
  const security =
    state.at === 'awaiting-ack'
      ? `, without TLS. Its binding has to have SecurityMode.None, which is not WCF's default; or name its security here.`
      : ', with the security that was asked for.';
  // HAProxy cannot say more than that: nobody is left who would tell a client that there is no such endpoint.
  return `${check}${security} A load balancer ends a connection like this, too, while no machine that it knows serves that path.`;
}

/** The error that says so. */
export function rejected(state: Opening): NetTcpError {
  return wasUpgraded(state)
    ? new NetTcpError('SecurityNegotiation', unanswered(state))
    : new NetTcpError('Protocol', unanswered(state), { reason: 'security-mismatch' });
}

function wasUpgraded(state: Opening): boolean {
  return state.at === 'upgrading' || (state.at === 'awaiting-ack' && state.upgrade !== undefined);
}

/** The service did something other than agree to the upgrade. */
export function unsecured(via: string, { contentType }: UpgradeRequest): NetTcpError {
  const text = `The server at ${via} went on in the clear where ${contentType} was asked for. Nothing was sent to it. It has no security, or somebody on the way took it out.`;
  return new NetTcpError('SecurityNegotiation', text);
}
