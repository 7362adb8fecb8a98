import type { Socket } from 'node:net';
import { NetTcpError } from '../../errors.ts';
import type { Caller } from '../../security/caller.ts';
import { encodeHandshake, FrameDecoder } from '../../security/negotiate/frames.ts';
import {
  ACCEPTOR_START,
  type HandshakeEffect,
  type HandshakeEvent,
  type HandshakeState,
  INITIATOR_START,
  type Side,
  stepHandshake,
} from '../../security/negotiate/handshake.ts';
import type { Mechanism } from '../../security/negotiate/mechanism.ts';
import { ignoreError } from '../connection.ts';
import { startReading } from '../node-internals.ts';
import { disownSocket, ownSocket, type SocketOwner } from '../socket-owner.ts';
import { NegotiatedStream } from './stream.ts';

/** The name of negotiate in an upgrade request. [MS-NNS] */
export const NEGOTIATE = 'application/negotiate';

/** The result of a handshake. */
interface Negotiated {
  readonly stream: NegotiatedStream;
  /** Who the client is; `undefined` at the client, which has called the service by name. */
  readonly peer: Caller | undefined;
}

/**
 * Does the handshake of [MS-NNS] on a socket. It has no time limit of its own: a caller that has one destroys
 * the socket then.
 *
 * @param socket has no owner, and is not in flowing mode
 * @param octets that were read from it before
 * @throws {NetTcpError} `SecurityNegotiation` if either side refuses, ends or breaks the handshake, `Protocol` for
 *   a malformed message or token, `Communication` if the connection is gone; the socket is closed, after the
 *   peer was sent the protocol's error message
 */
export function negotiate(
  socket: Socket,
  octets: Uint8Array,
  side: Side,
  mechanism: Mechanism,
): Promise<Negotiated> {
  return new Promise((resolve, reject) => {
    const handshake = new Handshake(socket, side, mechanism, { resolve, reject });
    handshake.start(octets);
  });
}

interface Outcome {
  readonly resolve: (negotiated: Negotiated) => void;
  readonly reject: (error: NetTcpError) => void;
}

class Handshake implements SocketOwner {
  readonly #socket: Socket;
  readonly #outcome: Outcome;
  readonly #decoder = new FrameDecoder();
  #mechanism: Mechanism;
  #state: HandshakeState;
  #error: Error | undefined;

  constructor(socket: Socket, side: Side, mechanism: Mechanism, outcome: Outcome) {
    this.#socket = socket;
    this.#mechanism = mechanism;
    this.#outcome = outcome;
    this.#state = side === 'acceptor' ? ACCEPTOR_START : INITIATOR_START;
    ownSocket(socket, this);
  }

  start(octets: Uint8Array): void {
    // Its 'close' came before we listened.
    if (this.#socket.destroyed) return this.onClose();
    this.#step({ on: 'begin' });
    if (octets.length > 0) this.receive(octets);
    startReading(this.#socket);
  }

  receive(octets: Uint8Array): void {
    this.#decoder.push(octets);
    try {
      while (this.#isRunning) {
        const message = this.#decoder.nextMessage();
        if (message === undefined) return;
        this.#step({ on: 'message', message });
      }
    } catch (error) {
      this.#step({ on: 'refused', error: NetTcpError.from(error) });
    }
  }

  onEnd(): void {
    this.#step({ on: 'eof' });
  }

  onError(error: Error): void {
    this.#error ??= error;
  }

  onClose(): void {
    const text = 'The connection was closed in the middle of the negotiate handshake.';
    this.#outcome.reject(new NetTcpError('Communication', text, { cause: this.#error }));
  }

  get #isRunning(): boolean {
    return this.#state.at === 'waiting' || this.#state.at === 'stepping';
  }

  #step(event: HandshakeEvent): void {
    const [state, effects] = stepHandshake(this.#state, event);
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: HandshakeEffect): void {
    const socket = this.#socket;
    switch (effect.do) {
      case 'step':
        return this.#step(this.#authenticate(effect.token));
      case 'send':
        socket.write(encodeHandshake(effect.message));
        return;
      case 'establish': {
        disownSocket(socket);
        const stream = new NegotiatedStream(socket, this.#decoder, effect.context);
        return this.#outcome.resolve({ stream, peer: effect.peer });
      }
      case 'fail':
        disownSocket(socket);
        // The peer closes once it has read our error: if we did so now, the kernel would answer it with a reset.
        socket.on('error', ignoreError).on('end', () => socket.destroy());
        startReading(socket);
        socket.end();
        return this.#outcome.reject(effect.error);
    }
  }

  #authenticate(token: Uint8Array | undefined): HandshakeEvent {
    try {
      const step = this.#mechanism.step(token, Date.now());
      if (step.is === 'in-progress') this.#mechanism = step.next;
      return { on: 'stepped', step };
    } catch (error) {
      return { on: 'refused', error: NetTcpError.from(error) };
    }
  }
}
