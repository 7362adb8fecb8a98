import { closeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { descriptorOf, stopReading } from '../../transport/node-internals.ts';
import type { DescriptorKind, Native } from '../machine/native.ts';

// As much as the four bytes hold that travel with a descriptor.
const LAST_ID = 0xffff_ffff;

/**
 * The second connection between daemon and service: descriptors travel on it, each under an id that a message
 * on the control connection names. Node never reads it; without it, or without `native`, nothing travels.
 */
export class DescriptorChannel {
  readonly #native: Native | undefined;
  #socket: Socket | undefined;
  #nextId = 1;

  /** @param native `undefined` where this process or the other side cannot hand over */
  constructor(native: Native | undefined) {
    this.#native = native;
  }

  /** Whether descriptors can travel, once the connection is there. */
  get handsOver(): boolean {
    return this.#native !== undefined;
  }

  /** Takes the connection, in place of one before. */
  attach(socket: Socket): void {
    this.#socket?.destroy();
    this.#socket = socket;
    stopReading(socket);
  }

  /** @returns the id that it was sent under; `'full'`: not now; `'gone'`: the other side is */
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
   * Takes the descriptor that a message has announced. What is not what was announced is closed.
   *
   * @returns `'lost'` where the kernel had no room for it; `'wrong'` when nothing came, or under another id, or something else
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
