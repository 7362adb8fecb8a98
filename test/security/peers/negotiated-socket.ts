import { once } from 'node:events';
import type { Socket } from 'node:net';
import { NetTcpError } from '../../../shared/errors.ts';
import type { Caller } from '../../../shared/security/caller.ts';
import {
  encodeHandshake,
  FrameDecoder,
  frameHeader,
} from '../../../shared/security/negotiate/frames.ts';
import {
  ACCEPTOR_START,
  type HandshakeEvent,
  type HandshakeState,
  INITIATOR_START,
  type Side,
  stepHandshake,
} from '../../../shared/security/negotiate/handshake.ts';
import type { Mechanism, SecurityContext } from '../../../shared/security/negotiate/mechanism.ts';

/** A socket with the protocol of negotiate on it and nothing else: what the product's pure parts need to run. */
export class NegotiatedSocket {
  readonly #socket: Socket;
  readonly #decoder = new FrameDecoder();
  readonly #chunks: AsyncIterator<Uint8Array>;
  #context: SecurityContext | undefined;
  /** Tokens that the peer sent. */
  readonly tokens: Uint8Array[] = [];
  peer: Caller | undefined;
  /** Bytes by which the last frame was longer than what was in it. */
  added = 0;

  constructor(socket: Socket) {
    this.#socket = socket.setNoDelay();
    this.#chunks = socket.iterator({ destroyOnReturn: false });
  }

  /** @throws {NetTcpError} whatever ended the handshake */
  async handshake(side: Side, mechanism: Mechanism, clock: () => number = Date.now): Promise<void> {
    let state: HandshakeState = side === 'acceptor' ? ACCEPTOR_START : INITIATOR_START;
    let current = mechanism;
    const events: HandshakeEvent[] = side === 'initiator' ? [{ on: 'begin' }] : [];
    while (this.#context === undefined) {
      const event = events.shift() ?? (await this.#nextMessage());
      const [next, effects] = stepHandshake(state, event);
      state = next;
      for (const effect of effects) {
        switch (effect.do) {
          case 'step':
            try {
              const step = current.step(effect.token, clock());
              if (step.is === 'in-progress') current = step.next;
              events.push({ on: 'stepped', step });
            } catch (error) {
              events.push({ on: 'refused', error: NetTcpError.from(error) });
            }
            break;
          case 'send':
            this.#socket.write(encodeHandshake(effect.message));
            break;
          case 'establish':
            this.#context = effect.context;
            this.peer = effect.peer;
            break;
          case 'fail':
            this.#socket.end();
            throw effect.error;
        }
      }
    }
  }

  async #nextMessage(): Promise<HandshakeEvent> {
    for (;;) {
      const message = this.#decoder.nextMessage();
      if (message !== undefined) {
        if (message.id !== 'error') this.tokens.push(message.token);
        return { on: 'message', message };
      }
      if (!(await this.#read())) return { on: 'eof' };
    }
  }

  /** What the next frame holds; `undefined` when the peer has ended. */
  async receive(): Promise<Uint8Array | undefined> {
    for (;;) {
      const frame = this.#decoder.nextFrame();
      if (frame !== undefined) {
        const data = this.#established().unwrap(frame);
        this.added = frame.length - data.length;
        return data;
      }
      if (!(await this.#read())) return undefined;
    }
  }

  send(data: Uint8Array): void {
    const frame = this.#established().wrap(data);
    this.#socket.write(frameHeader(frame.length));
    this.#socket.write(frame);
  }

  async end(): Promise<void> {
    this.#socket.end();
    if (!this.#socket.closed) await once(this.#socket, 'close');
  }

  async #read(): Promise<boolean> {
    const { value, done } = await this.#chunks.next();
    if (done !== true) this.#decoder.push(value);
    return done !== true;
  }

  #established(): SecurityContext {
    if (this.#context === undefined) throw new Error('the handshake is not over');
    return this.#context;
  }
}
