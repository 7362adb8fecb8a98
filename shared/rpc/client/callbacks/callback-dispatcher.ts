import type { AnswerWriter, Request } from '../../../encoding/encoding.ts';
import { NetTcpError } from '../../../errors.ts';
import type { Limits } from '../../../limits.ts';
import type { OctetWriter } from '../../../octets.ts';
import { NOBODY } from '../../../transport/upgrade.ts';
import { CallerContext } from '../../dispatch/caller-context.ts';
import { Dispatcher } from '../../dispatch/dispatcher.ts';
import type { Endpoint } from '../../dispatch/endpoint.ts';
import type { AnswerSink, CallbackTaker } from '../session-owner.ts';

/**
 * Makes the callbacks of one session. They run as they come, several at a time, while calls wait for answers: a
 * client goes on reading, whatever runs, so that neither side waits for the other for ever.
 */
export class CallbackDispatcher extends Dispatcher implements CallbackTaker {
  readonly #sink: AnswerSink;
  readonly #maxRunning: number;

  constructor(
    endpoint: Endpoint,
    answers: AnswerWriter,
    sink: AnswerSink,
    via: string,
    limits: Limits,
  ) {
    super(endpoint, answers, new CallerContext(via, NOBODY));
    this.#sink = sink;
    this.#maxRunning = limits.maxConcurrentCalls;
  }

  override take(request: Request): void {
    if (request.kind === 'refused' && request.id === undefined) {
      const { code, message } = request.fault;
      const where = { operation: 'a one-way callback', via: this.context.via };
      return this.endpoint.onError(new NetTcpError(code, message), where);
    }
    if (request.kind !== 'call' || this.running < this.#maxRunning) return super.take(request);
    const message = `${this.#maxRunning} callbacks are running in the client (maxConcurrentCalls).`;
    if (!request.operation.oneWay)
      return this.refuseCall(request, { code: 'ServerTooBusy', message });
    // Nobody could be told that it is not made.
    this.#sink.abort(
      new NetTcpError('QuotaExceeded', `${message} The service has called once more.`),
    );
  }

  gone(cause: Error | undefined): void {
    this.context.gone(cause);
  }

  protected begin(): OctetWriter | undefined {
    return this.#sink.begin();
  }

  protected end(out: OctetWriter): void {
    this.#sink.end(out);
  }

  /** A callback that failed costs its caller an error, not the client its session. */
  protected endSession(): void {}

  protected onCallDone(): void {}
}
