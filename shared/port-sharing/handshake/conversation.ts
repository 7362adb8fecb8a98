import { NetTcpError } from '../../errors.ts';
import type { ControlChannel } from './line-channel.ts';

interface Typed {
  readonly type: string;
}

/** A control channel on which messages come in an order that is known: they are waited for, one by one. */
export class Conversation<In extends Typed, Out extends Typed> {
  readonly control: ControlChannel<In, Out>;
  readonly #messages: In[] = [];
  #isClosed = false;
  #wake: () => void = () => {};

  constructor(control: ControlChannel<In, Out>) {
    this.control = control;
    control.onMessage = (message) => {
      this.#messages.push(message);
      this.#wake();
    };
    control.onClose = () => {
      this.#isClosed = true;
      this.#wake();
    };
    this.#isClosed = !control.isOpen;
  }

  /**
   * The next message.
   *
   * @throws {NetTcpError} `Timeout`, or `Communication` when the channel closes first
   */
  async next(timeoutMs: number): Promise<In> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) return message;
      if (this.#isClosed) throw new NetTcpError('Communication', 'the other daemon is gone');
      const left = deadline - performance.now();
      if (left <= 0) {
        throw new NetTcpError('Timeout', `the other daemon said nothing for ${timeoutMs} ms`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** The same, for a message of one type. @throws {NetTcpError} `Communication` for any other, too */
  async expect<T extends In['type']>(
    type: T,
    timeoutMs: number,
  ): Promise<Extract<In, { readonly type: T }>> {
    const message = await this.next(timeoutMs);
    if (message.type === type) return message as Extract<In, { readonly type: T }>;
    throw new NetTcpError('Communication', `the other daemon said ${message.type}, not ${type}`);
  }
}
