import type { Socket } from 'node:net';
import { RecordDecoder } from '../../framing/decoder.ts';
import { writeFault } from '../../framing/encoder.ts';
import type { FramingFault } from '../../framing/faults.ts';
import { rawText } from '../../printable.ts';
import type { Limits } from '../../limits.ts';
import { NetTcpError, systemCode } from '../../errors.ts';
import { OctetWriter } from '../../octets.ts';
import {
  RECEIVER_START,
  type ReceiverEvent,
  type ReceiverState,
} from '../../session/receiver-state.ts';
import { stepReceiver } from '../../session/receiver.ts';
import { stepRecords } from '../../session/step-records.ts';
import { isLoopback } from '../../address.ts';
import { Connection, ignoreError } from '../../transport/connection.ts';
import { Origin, originOf, setOrigin } from '../../transport/fronts/origin.ts';
import { ProxyHeaderReader } from '../../transport/fronts/proxy-header.ts';
import type { ConnectionHandler } from '../../transport/socket-owner.ts';
import { refuseSocket, tellAndClose } from './refuse-socket.ts';
import type { Incoming } from '../../transport/listener.ts';

/** A connection as it came in. */
export interface CameIn {
  readonly socket: Socket;
  readonly port: number;
  /** IP address of this machine that it came in at. */
  readonly localAddress: string;
  /** Whether it comes from a front that is trusted: a header of the PROXY protocol is due. */
  readonly isFronts: boolean;
}

export interface ArrivalHandler {
  /** Version, mode, via and encoding have come: decides where it goes. It reads no more. */
  onPreamble(arrival: Arrival): void;
  /** It will not be dispatched: closed, refused or too slow. Exactly once, unless it was released. */
  onGone(arrival: Arrival, reason: string | undefined): void;
}

/**
 * A connection on its way through the daemon, from accept until a service has it. Every byte read from it is
 * kept, to go along with it.
 */
export class Arrival implements ConnectionHandler {
  readonly port: number;
  readonly localAddress: string;
  /** The endpoint that its preamble asks for. */
  via = '';
  readonly #connection: Connection;
  readonly #handler: ArrivalHandler;
  readonly #limits: Limits;
  readonly #decoder: RecordDecoder;
  #octets: OctetWriter | undefined;
  #state: ReceiverState = RECEIVER_START;
  /** When its preamble must be there, on the clock of `performance.now()`. */
  readonly deadline: number;
  #socket: Socket | undefined;
  #isOver = false;
  /** Of the peer, which may be a front. */
  readonly #peerAddress: string;
  /** Reads what a front sends first. */
  readonly #header: ProxyHeaderReader | undefined;

  constructor(cameIn: CameIn, limits: Limits, handler: ArrivalHandler) {
    const { socket, port, localAddress, isFronts } = cameIn;
    this.port = port;
    this.localAddress = localAddress;
    this.deadline = performance.now() + limits.preambleTimeoutMs;
    // A client that comes in at loopback is this machine; asking would be a system call for each connection.
    this.#peerAddress =
      isLoopback(localAddress) && !isFronts ? localAddress : (socket.remoteAddress ?? '?');
    this.#header = isFronts ? new ProxyHeaderReader(limits.maxProxyHeaderBytes) : undefined;
    this.#handler = handler;
    this.#limits = limits;
    this.#decoder = new RecordDecoder(limits);
    this.#connection = new Connection(socket, this);
  }

  /** Gives it up when its preamble is late. Time counts from accept: bytes that drip in do not extend it. */
  checkTime(now: number): void {
    if (now < this.deadline || this.#socket !== undefined) return;
    this.#connection.destroy(new Error('no complete preamble in time'));
  }

  /** Where it comes from, if a front has said so, now or before an earlier session. */
  get origin(): Origin | undefined {
    return originOf(this.#connection.socket);
  }

  /** Of the client's machine, or of the front's until that has said where the connection comes from. */
  get remoteAddress(): string {
    return this.origin?.address ?? this.#peerAddress;
  }

  /** IP address of the front that it came from just now; `undefined` if it came from none. */
  get front(): string | undefined {
    return this.#header && this.#peerAddress;
  }

  /** Everything that the client has sent. */
  get octets(): Uint8Array {
    return this.#octets?.bytes.subarray(0, this.#octets.length) ?? new Uint8Array(0);
  }

  /** The socket, once the preamble is there; it does not read. */
  get socket(): Socket | undefined {
    return this.#socket;
  }

  /** Takes bytes that somebody else read from this connection. */
  receive(octets: Uint8Array): void {
    this.#connection.receive(octets);
  }

  /** Answers with a fault and closes. */
  refuse(fault: FramingFault): void {
    if (this.#isOver) return;
    this.#step({ on: 'refused', fault });
  }

  /** Says ServerTooBusy to one that is too many, and keeps its descriptor no longer than that takes. */
  turnAway(): void {
    if (this.#isOver) return;
    writeFault(this.#connection.writer(), 'ServerTooBusy');
    this.#connection.close();
    this.#over('too many connections have sent no preamble');
  }

  /** Closes it without a word, once the preamble is there: its client opens another. */
  close(): void {
    this.#socket?.destroy();
  }

  /** Takes the connection out, to give it to another daemon, as it came. @returns undefined when it is over */
  withdraw(): Incoming | undefined {
    if (this.#isOver) return undefined;
    if (this.#socket === undefined) this.#detach();
    this.#isOver = true;
    if (this.#socket === undefined) return undefined;
    const all = new OctetWriter(256);
    if (this.#header !== undefined) all.append(this.#header.bytes);
    all.append(this.octets);
    return { socket: this.#socket, octets: all.toBytes() };
  }

  /** A service has the socket: this process lets go of its copy. Closing alone disturbs nobody. */
  release(): void {
    this.#isOver = true;
    this.#socket?.destroy();
  }

  /** Gives the socket away for good, to be relayed. It needs an `error` listener before this turn ends. */
  takeSocket(): Socket | undefined {
    this.#isOver = true;
    this.#socket?.off('error', ignoreError).off('close', this.#onSocketClose);
    return this.#socket;
  }

  onOctets(octets: Uint8Array): void {
    if (this.#isHeaderDue) return this.#readHeader(octets);
    this.#keep(octets);
    this.#decoder.push(octets);
    stepRecords(
      this.#decoder,
      () => this.#state.at !== 'routing' && this.#state.at !== 'closed',
      (event) => this.#step(event),
    );
  }

  onEnd(): void {
    const isCut = this.#isHeaderDue && this.#header?.bytes.length !== 0;
    this.#step({ on: 'eof', atBoundary: this.#decoder.atBoundary && !isCut });
  }

  onClose(error: Error | undefined): void {
    // Whoever only looks whether somebody listens resets it before its first byte.
    const isNothing = this.#octets === undefined && systemCode(error) === 'ECONNRESET';
    this.#over(isNothing ? undefined : error?.message);
  }

  get #isHeaderDue(): boolean {
    return this.#header !== undefined && this.origin === undefined;
  }

  #readHeader(octets: Uint8Array): void {
    let header: ReturnType<ProxyHeaderReader['take']>;
    try {
      header = this.#header?.take(octets);
    } catch (error) {
      return this.#connection.destroy(NetTcpError.from(error));
    }
    if (header === undefined) return;
    const origin = new Origin(header.source ?? this.#peerAddress, true);
    setOrigin(this.#connection.socket, origin);
    if (octets.length > header.taken) this.onOctets(octets.subarray(header.taken));
  }

  /** Keeps them in one piece of memory: bytes that drip in, kept one by one, would take 100 times their size. */
  #keep(octets: Uint8Array): void {
    this.#octets ??= new OctetWriter(octets.length);
    this.#octets.append(octets);
  }

  #step(event: ReceiverEvent): void {
    const [state, effects] = stepReceiver(this.#state, event);
    this.#state = state;
    for (const effect of effects) {
      switch (effect.do) {
        case 'route':
          this.via = rawText(effect.preamble.via);
          this.#detach();
          this.#handler.onPreamble(this);
          break;
        case 'fault':
          this.#fault(effect.fault, effect.error.message);
          break;
        case 'abort':
          this.#connection.destroy(effect.error);
          break;
        default:
          this.#connection.close();
      }
    }
  }

  #detach(): void {
    const { socket, octets } = this.#connection.detach();
    if (octets.length > 0) this.#keep(octets);
    socket.on('error', ignoreError);
    socket.on('close', this.#onSocketClose);
    this.#socket = socket;
  }

  readonly #onSocketClose = (): void => this.#over(undefined);

  #fault(fault: FramingFault, reason: string): void {
    if (this.#socket === undefined) tellAndClose(this.#connection, fault, this.#limits);
    else refuseSocket(this.#socket, fault, this.#limits);
    this.#over(reason);
  }

  #over(reason: string | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#handler.onGone(this, reason);
  }
}
