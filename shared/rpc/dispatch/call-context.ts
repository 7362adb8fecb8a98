import type { OperationContext } from '../../contract/contract.ts';
import { type MessageHeader, NO_HEADERS, type ReceivedHeaders } from '../../contract/header.ts';
import type { Caller } from '../../security/caller.ts';
import type { HeardCall } from '../call-events.ts';
import type { CallerContext } from './caller-context.ts';

/** What an implementation can learn of one call. */
export class CallContext implements OperationContext {
  readonly headers: ReceivedHeaders;
  /** That of its session. @internal */
  readonly session: CallerContext;
  #replyHeaders: MessageHeader[] | undefined;
  /** Where somebody hears of calls. @internal */
  heard: HeardCall | undefined;

  constructor(session: CallerContext, headers: ReceivedHeaders | undefined) {
    this.session = session;
    this.headers = headers ?? NO_HEADERS;
    this.heard = undefined;
  }

  get signal(): AbortSignal {
    return this.session.signal;
  }

  get via(): string {
    return this.session.via;
  }

  get remoteAddress(): string | undefined {
    return this.session.remoteAddress;
  }

  get caller(): Caller {
    return this.session.caller;
  }

  /** The methods of the client, where the contract has callbacks. */
  get callback(): object | undefined {
    return this.session.callback;
  }

  get replyHeaders(): MessageHeader[] {
    return (this.#replyHeaders ??= []);
  }

  /** Those that the answer has; `undefined` if the implementation never asked for the list. */
  get ofReply(): readonly MessageHeader[] | undefined {
    return this.#replyHeaders;
  }
}
