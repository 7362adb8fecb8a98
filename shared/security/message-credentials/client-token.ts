import { randomBytes } from 'node:crypto';
import type {
  ClientMessageSecurity,
  IssuedToken,
  SecurityHeader,
  TokenRequest,
} from '../../encoding/message-security.ts';
import { NetTcpError } from '../../errors.ts';
import { type Clocks, SYSTEM_CLOCKS } from '../../time.ts';
import { KEY_BYTES, proofKey } from './proof-key.ts';
import { checkTimestamp, makeTimestamp, parseTime } from './timestamp.ts';
import { signTimestamp } from './timestamp-signature.ts';

/** What a client shows when it asks for a token. */
export interface UserNameCredential {
  readonly userName: string;
  readonly password: string;
}

const TIMESTAMP_ID = '_0';
/** A token is replaced by a new one after this share of its lifetime: WCF's 10 hours of 15. */
const RENEWED_AFTER = 2 / 3;

/** Asks for one token: the security of that request. */
export class TokenAsker implements ClientMessageSecurity {
  readonly #credential: UserNameCredential;
  readonly #clocks: Clocks;
  readonly #entropy = new Uint8Array(randomBytes(KEY_BYTES));

  constructor(credential: UserNameCredential, clocks: Clocks = SYSTEM_CLOCKS) {
    this.#credential = credential;
    this.#clocks = clocks;
  }

  /** The body of the request. */
  get request(): TokenRequest {
    return { entropy: this.#entropy };
  }

  header(): SecurityHeader {
    const { userName: name, password } = this.#credential;
    const userName = {
      name,
      password,
      passwordType: undefined,
      nonce: undefined,
      created: undefined,
    };
    return { timestamp: stamp(this.#clocks.now()), userName };
  }

  check(header: SecurityHeader): void {
    checkAnswer(header, this.#clocks.now());
  }

  /** @throws {NetTcpError} `MessageSecurity` for an answer without a token */
  take(answer: IssuedToken | undefined): ClientToken {
    if (answer === undefined) {
      throw new NetTcpError(
        'MessageSecurity',
        'The service answered the request for a security token with none.',
      );
    }
    return new ClientToken(answer, proofKey(this.#entropy, answer.entropy), this.#clocks);
  }
}

/** A token that a client was given: the security of its sessions' messages. */
export class ClientToken implements ClientMessageSecurity {
  readonly #identifier: string;
  readonly #key: Uint8Array;
  readonly #clocks: Clocks;
  /** On the clock that nobody sets; what the service's says does not matter. */
  readonly #renewAt: number;
  #isForgotten = false;

  constructor({ identifier, created, expires }: IssuedToken, key: Uint8Array, clocks: Clocks) {
    this.#identifier = identifier;
    this.#key = key;
    this.#clocks = clocks;
    const lifetimeMs = parseTime(expires) - parseTime(created);
    this.#renewAt = clocks.elapsed() + lifetimeMs * RENEWED_AFTER;
  }

  /** A new one is due; this one is valid for a while yet. */
  get isAging(): boolean {
    return this.#clocks.elapsed() >= this.#renewAt;
  }

  /** The service does not know it any more: there is nothing to cancel. */
  get isForgotten(): boolean {
    return this.#isForgotten;
  }

  forgotten(): void {
    this.#isForgotten = true;
  }

  /** The request that cancels it. */
  get cancellation(): TokenRequest {
    return { target: this.#identifier };
  }

  header(): SecurityHeader {
    const timestamp = stamp(this.#clocks.now());
    const signature = signTimestamp(timestamp, TIMESTAMP_ID, this.#key);
    return { timestamp, contextToken: this.#identifier, signature };
  }

  check(header: SecurityHeader): void {
    checkAnswer(header, this.#clocks.now());
  }
}

function stamp(now: number): NonNullable<SecurityHeader['timestamp']> {
  return { id: TIMESTAMP_ID, ...makeTimestamp(now) };
}

/** An answer has to say when it was made; TLS has shown who made it. */
function checkAnswer({ timestamp, problem }: SecurityHeader, now: number): void {
  if (timestamp === undefined) {
    const why = problem ?? 'it has no Timestamp';
    throw new NetTcpError('MessageSecurity', `An answer of the service is refused: ${why}.`);
  }
  checkTimestamp(timestamp, now);
}
