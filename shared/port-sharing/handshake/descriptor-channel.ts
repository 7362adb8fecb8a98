import { closeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { descriptorOf, stopReading } from '../../transport/node-internals.ts';
import type { DescriptorKind, Native } from '../machine/native.ts';

/**
 * Milliseconds between tries while a channel is full, because the other side has not taken what it was sent: no
 * message says that there is room again.
 */
export const FULL_RETRY_MS = 10;
// The largest number in the four bytes that travel with a descriptor.
const LAST_ID = 0xffff_ffff;

/**
 * The second connection between daemon and service: descriptors travel on it, each under an id that a message on
 * the control connection names. Node never reads it. Without it, or without `native`, no descriptor travels.
 */
export class DescriptorChannel {
  readonly #native: Native | undefined;
  #socket: Socket | undefined;
  #nextId = 1;

  /** @param native `undefined` where this process or the other side cannot hand over */
  constructor(native: Native | undefined) {
    this.#native = native;
  }

  /** Whether descriptors can travel once the connection is attached. */
  get handsOver(): boolean {
    return this.#native !== undefined;
  }

  /** Takes the connection, in place of any earlier one. */
  attach(socket: Socket): void {
    this.#socket?.destroy();
    this.#socket = socket;
    stopReading(socket);
  }

  /** @returns the id under which it was sent; `'full'`: not now; `'gone'`: the other side has gone */
  send(descriptor: number): number | 'full' | 'gone' {
    const channel = this.#descriptor;
    if (channel === undefined || this.#native === undefined) return 'gone';
    const id = this.#nextId;
    const outcome = this.#native.sendDescriptor(channel, id, descriptor);
    if (outcome !== 'sent') return outcome;
    this.#nextId = id === LAST_ID ? 1 : id + 1;
    return id;
  }

  /**
   * Takes the descriptor that a message has announced, and closes any other.
   *
   * @returns `'lost'` if this process had no room for it; `'wrong'` if nothing came, or it has another id or kind
   */
  receive(id: number, kind: DescriptorKind): number | 'lost' | 'wrong' {
    const channel = this.#descriptor;
    if (channel === undefined || this.#native === undefined) return 'wrong';
    const received = this.#native.receiveDescriptor(channel);
    if (received === undefined) return 'wrong';
    const { descriptor } = received;
    if (descriptor === undefined) return received.id === id ? 'lost' : 'wrong';
    if (received.id === id && this.#native.kindOf(descriptor) === kind) return descriptor;
    closeSync(descriptor);
    return 'wrong';
  }

  close(): void {
    this.#socket?.destroy();
  }

  get #descriptor(): number | undefined {
    return this.#socket === undefined ? undefined : descriptorOf(this.#socket);
  }
}
