import type { OperationContext } from '../../contract/contract.ts';
import { NetTcpError } from '../../errors.ts';

/** What the implementations of one session are told of its caller. */
export class CallerContext implements OperationContext {
  readonly via: string;
  /** Made when somebody asks: most implementations never do. */
  #controller: AbortController | undefined;
  #isGone = false;
  #cause: Error | undefined;

  constructor(via: string) {
    this.via = via;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#isGone) this.#abort(this.#controller);
    }
    return this.#controller.signal;
  }

  /** Whether an implementation threw this because its signal had fired: nothing is wrong with it. */
  isReason(error: unknown): boolean {
    return this.#controller?.signal.aborted === true && this.#controller.signal.reason === error;
  }

  /** The caller waits for no answer any more. */
  gone(cause: Error | undefined): void {
    this.#isGone = true;
    this.#cause ??= cause;
    if (this.#controller !== undefined) this.#abort(this.#controller);
  }

  #abort(controller: AbortController): void {
    controller.abort(
      new NetTcpError('Communication', 'the caller is gone', { cause: this.#cause }),
    );
  }
}
