import { NetTcpError } from '../../errors.ts';
import { writeFault, writeMark } from '../../framing/encoder.ts';
import { type Preamble, rawPreamble, RecordType } from '../../framing/records.ts';
import {
  isInSession,
  RECEIVER_START,
  type ReceiverEffect,
  type ReceiverEvent,
  type ReceiverState,
  takesRequests,
} from '../../session/receiver-state.ts';
import { stepReceiver, whyClosed } from '../../session/receiver.ts';
import { Connection } from '../../transport/connection.ts';
import { admits } from '../../transport/fronts/origin.ts';
import type { ConnectionHandler } from '../../transport/socket-owner.ts';
import type { Incoming } from '../../transport/listener.ts';
import { NOBODY, type Sender } from '../../transport/upgrade.ts';
import { MessageReader, type RecordTaker } from '../message-reader.ts';
import type { ServiceConnectionOwner } from './connection-owner.ts';
import type { RouteToEndpoint } from './endpoint-table.ts';
import { handBack } from './hand-back.ts';
import { IdleLimit } from './idle-limit.ts';
import { type SessionHolder, sourceOf } from './session-limit.ts';
import { plainSession, type ServiceSession, type SessionOwner } from './service-session.ts';

/**
 * The service's end of one connection: session after session, each with a preamble of its own. Very many may be
 * idle: none has a timer or a function of its own, and what only some need is made on demand.
 */
export class ServiceConnection
  extends IdleLimit
  implements ConnectionHandler, RecordTaker, SessionOwner, SessionHolder
{
  protected readonly owner: ServiceConnectionOwner;
  protected connection: Connection;
  readonly reader: MessageReader;
  #state: ReceiverState = RECEIVER_START;
  #session: ServiceSession | undefined;
  /** Its session, or the one that its handshake will begin, was let in. */
  hasSession = false;
  #isClosing = false;
  /** Between two sessions, until the next preamble begins. */
  #isReused = false;
  #error: Error | undefined;

  constructor(owner: ServiceConnectionOwner, { socket }: Incoming) {
    super(owner.limits.preambleTimeoutMs);
    this.owner = owner;
    this.reader = new MessageReader(owner.limits, this);
    this.connection = new Connection(socket, this, owner.slowReaders);
  }

  /** @param octets read before it came here */
  start(octets: Uint8Array): void {
    if (octets.length > 0) this.connection.receive(octets);
  }

  /** Ends the session when its running calls are answered; no new ones are taken. */
  close(): void {
    this.#isClosing = true;
    if (this.running === 0) this.step({ on: 'end' });
  }

  /** Ends the session without its running calls. */
  giveUp(): void {
    this.close();
    this.step({ on: 'end' });
    this.connection.closeDraining(this.owner.limits);
  }

  abort(error?: Error): void {
    this.#error ??= error;
    this.connection.destroy(error);
  }

  /**
   * Gives it up when it has been idle for too long: no complete preamble (bytes that drip in do not count), no
   * message, no next session. @param now of `performance.now()` @returns whether it did
   */
  checkTime(now: number): boolean {
    if (this.running > 0 && this.#session?.isArriving !== true) this.notIdle();
    if (this.isClosed || this.connection.socket.destroyed || !this.isIdleTooLong(now)) return false;
    const late = `within ${this.idleTimeoutMs / 1_000} s`;
    if (this.#state.at === 'version' && this.reader.atBoundary) this.connection.close();
    else if (!isInSession(this.#state)) this.abort(new Error(`no complete preamble ${late}`));
    // As in WCF: a client that is still there learns of it with its next call.
    else this.connection.reset(new NetTcpError('Timeout', `no message ${late}`));
    return true;
  }

  onOctets(octets: Uint8Array): void {
    if (this.#isReused && this.#state.at === 'version') {
      this.#isReused = false;
      this.mayIdle(this.owner.limits.preambleTimeoutMs);
    }
    this.reader.push(octets);
    if (this.isLeaving && this.#session?.running === 0 && this.reader.atBoundary) this.close();
  }

  get heldBytes(): number {
    return this.isClosed ? 0 : this.reader.heldBytes + (this.#session?.heldBytes ?? 0);
  }
  onHeld(bytes: number): void {
    this.owner.onHeld(this, bytes);
  }

  /** Refuses it: there is no room for it, or for the incomplete message that it holds. */
  refuse(): void {
    this.step({ on: 'refused', fault: 'ServerTooBusy' });
  }

  get source(): string | undefined {
    return sourceOf(this.connection.socket);
  }
  idleMs(now: number): number {
    if (this.running > 0) return -1;
    return this.#isReused || isInSession(this.#state) ? this.idledMs(now) : -1;
  }
  giveWay(): void {
    this.sessionOver();
    this.connection.reset(new Error('the longest idle, it gave way to a new client'));
  }

  onDrain(): void {
    this.#session?.drained();
    this.reader.readOn();
  }
  onEnd(): void {
    this.reader.peerEnded();
  }

  onClose(error: Error | undefined): void {
    const why = this.#error ?? whyClosed(this.#state, error);
    this.#state = { at: 'closed' };
    this.#session?.callerGone(error);
    this.sessionOver();
    this.owner.onClosed(this, why);
  }

  get takesMessages(): boolean {
    return takesRequests(this.#state) && !this.isHeldUp;
  }
  deliver(bytes: Uint8Array, start: number, end: number): void {
    this.notIdle();
    this.#session?.deliver(bytes, start, end, this.#isClosing);
  }

  onCallDone(): void {
    if (this.running > 0) return;
    this.notIdle();
    const mayEnd = this.#isClosing || (this.isLeaving && this.reader.atBoundary);
    if (mayEnd || this.#state.at === 'peer-ended') this.step({ on: 'end' });
  }

  private get running(): number {
    return this.#session?.running ?? 0;
  }
  get isClosed(): boolean {
    return this.#state.at === 'closed';
  }
  get isHeldUp(): boolean {
    return this.connection.isBehind || this.#session?.isFull === true;
  }

  step(event: ReceiverEvent): void {
    const [state, effects] = stepReceiver(this.#state, event);
    this.#state = state;
    for (const effect of effects) this.perform(effect);
  }

  private perform(effect: ReceiverEffect): void {
    switch (effect.do) {
      case 'deliver':
        return this.deliver(effect.envelope.bytes, effect.envelope.start, effect.envelope.end);
      case 'deliver-part':
        this.notIdle();
        return this.#session?.deliverPart(effect.part, this.#isClosing);
      case 'route':
        return this.enterEndpoint(rawPreamble(effect.preamble));
      case 'upgrade':
        return this.upgrade();
      case 'send-ack':
        this.mayIdle(this.owner.limits.receiveTimeoutMs);
        writeMark(this.connection.writer(), RecordType.PreambleAck);
        return this.#isClosing ? this.step({ on: 'end' }) : undefined;
      case 'finish':
        this.#session?.peerEnded(this.#state.at === 'peer-ended' && this.#state.eof);
        return this.running === 0 ? this.step({ on: 'end' }) : undefined;
      case 'send-end':
        this.#session?.over();
        return writeMark(this.connection.writer(), RecordType.End);
      case 'reuse':
        this.sessionOver();
        this.#isReused = true;
        if (this.#isClosing) return this.connection.close();
        return this.onReuse();
      case 'fault':
        this.#error = effect.error;
        if (effect.isAnswer) this.#session?.refuse(effect.fault, effect.error);
        else writeFault(this.connection.writer(), effect.fault);
        return this.connection.closeDraining(this.owner.limits);
      case 'close':
        this.#error ??= effect.error;
        return this.connection.close();
      case 'drain':
        return this.connection.closeDraining(this.owner.limits);
      case 'abort':
        return this.connection.destroy(effect.error);
    }
  }

  private sessionOver(): void {
    if (this.hasSession) this.owner.onSessionOver();
    this.hasSession = false;
    this.#session?.ended();
    this.#session = undefined;
  }

  private enterEndpoint(preamble: Preamble): void {
    if (!admits(this.connection.socket, preamble.via)) return this.step({ on: 'end' });
    const route = this.owner.route(preamble, this);
    if (route.to === 'elsewhere' && !this.#isClosing) {
      const incoming = handBack(this.connection, preamble, this.reader.pending());
      this.#state = { at: 'closed' };
      return this.owner.giveAway(this, incoming);
    }
    const fault = route.to === 'fault' ? route.fault : 'EndpointNotFound';
    if (route.to !== 'endpoint') return this.step({ on: 'refused', fault });
    this.hasSession = true;
    this.enter(route, preamble.via);
  }

  /** Begins a session whose preamble leads to `route`. */
  protected enter(route: RouteToEndpoint, via: string): void {
    this.begin(route, via, NOBODY);
    this.step({ on: 'routed' });
  }

  protected begin(route: RouteToEndpoint, via: string, sender: Sender): void {
    this.#session = (route.newSession ?? plainSession)(route, via, sender, this.connection, this);
    this.reader.takesParts = this.#session.takesParts;
  }

  protected upgrade(): void {}
  /** A session has ended; the next one begins in the clear. */
  protected onReuse(): void {
    this.mayIdle(this.owner.limits.idleTimeoutMs);
  }
}
