import { NetTcpError } from '../../errors.ts';
import type { ControlChannel } from './channel.ts';

interface Typed {
  readonly type: string;
}

/** A control channel on which messages come in a known order, and are awaited one by one. */
export class Conversation<In extends Typed, Out extends Typed> {
  readonly #control: ControlChannel<In, Out>;
  readonly #who: string;

  /** @param who the other end, as errors name it */
  constructor(control: ControlChannel<In, Out>, who: string) {
    this.#control = control;
    this.#who = who;
  }

  /**
   * The next message.
   *
   * @throws {NetTcpError} `Timeout`, or `Communication` if the channel closes first
   */
  next(timeoutMs: number): Promise<In> {
    return new Promise((resolve, reject) => {
      const control = this.#control;
      const end = (): void => {
        clearTimeout(timer);
        control.onMessage = undefined;
        control.onClose = undefined;
      };
      const timer = setTimeout(() => {
        end();
        reject(new NetTcpError('Timeout', `${this.#who} has not answered for ${timeoutMs} ms`));
      }, timeoutMs);
      control.onClose = () => {
        end();
        reject(new NetTcpError('Communication', `${this.#who} is gone`));
      };
      control.onMessage = (message) => {
        end();
        resolve(message);
      };
    });
  }

  /** {@link next}, for a message of one type. @throws {NetTcpError} also `Communication` if it has another */
  async expect<T extends In['type']>(
    type: T,
    timeoutMs: number,
  ): Promise<Extract<In, { readonly type: T }>> {
    const message = await this.next(timeoutMs);
    if (message.type === type) return message as Extract<In, { readonly type: T }>;
    throw new NetTcpError('Communication', `${this.#who} said ${message.type}, not ${type}`);
  }
}
