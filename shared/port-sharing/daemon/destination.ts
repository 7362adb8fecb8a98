import type { Socket } from 'node:net';
import type { FramingFault } from '../../framing/faults.ts';
import type { Arrival } from './arrival.ts';
import type { OwnerLike, Registration } from './registrations/registration.ts';

/** What is registered and takes the connections that lead there: a service, or a static route. */
export interface Destination extends OwnerLike {
  /** It was closed, and takes nothing more. */
  readonly isClosed: boolean;
  /** Brings a connection there, after those that wait, or refuses it. */
  dispatch(arrival: Arrival, registration: Registration<Destination>): void;
  /** Connections that wait for it. */
  queued(registration: Registration<Destination>): number;
  /** A connection that may be waiting is gone. */
  forget(arrival: Arrival): void;
  /** Ends the destination itself. @returns the connections that have not got through */
  close(): readonly Arrival[];
}

/** How destinations report what became of their connections. */
export interface Connections {
  /** Nobody can take it: tells its client. */
  refuse(arrival: Arrival, fault: FramingFault): void;
  /** Somebody does not take it: another replica gets it, or its client is told. */
  notTaken(arrival: Arrival, by: Registration<Destination>, fault: FramingFault): void;
  /**
   * Somebody is stuck, and has it no more.
   * @returns whether another replica gets it; if not, it stays where it is
   */
  pass(arrival: Arrival, from: Registration<Destination>): boolean;
  /** Somebody was late to take it: whoever comes next gets it, perhaps the same. */
  route(arrival: Arrival): void;
  /** Another process has it, or its client is gone. */
  forget(arrival: Arrival): void;
  /** Its bytes go through this process from now on. @returns a function to call when they no longer do */
  relaying(arrival: Arrival): () => void;
  /**
   * The client of a relayed connection begins another session, perhaps with another destination.
   * @param socket has no listener any more
   * @param octets what the client has sent of it
   */
  again(arrival: Arrival, socket: Socket, octets: Uint8Array): void;
  /**
   * A service gives back a connection whose client begins another session.
   *
   * @param descriptor its socket
   * @param octets     what the client has sent of it
   */
  comeBack(descriptor: number, octets: Uint8Array): void;
}
