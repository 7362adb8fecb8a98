import { randomBytes, randomUUID } from 'node:crypto';
import type {
  IssuedToken,
  SecurityHeader,
  SecurityRefusal,
  ServiceMessageSecurity,
  TokenRequest,
} from '../../encoding/message-security.ts';
import { NetTcpError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import { ANONYMOUS, type Caller } from '../caller.ts';
import { type Clocks, SYSTEM_CLOCKS } from '../../time.ts';
import { PasswordAttempts, type SourceAttempts } from '../password-attempts.ts';
import { ReplayCache } from '../replay-cache.ts';
import type { ValidateUserName } from '../users.ts';
import { type ContextToken, ContextTokens, type ContextTokensLimits } from './context-tokens.ts';
import { KEY_BYTES, proofKey } from './proof-key.ts';
import { checkTimestamp, makeTimestamp } from './timestamp.ts';
import { checkTimestampSignature } from './timestamp-signature.ts';
import { checkUsernameToken } from './username-token.ts';

interface TokenIssuerLimits extends ContextTokensLimits {
  /** Passwords that are being checked. */
  readonly maxPendingPasswords: number;
}

/** With less of the client's, the key would be the service's alone; more is of no use. */
const MIN_ENTROPY_BYTES = 16;
const MAX_ENTROPY_BYTES = 128;

/**
 * Issues tokens for user names and passwords, and knows whose each token is: one issuer for each host, because a
 * token that is asked for on one connection is used on others. WS-Trust and WS-SecureConversation, February 2005
 */
export class TokenIssuer {
  readonly limits: TokenIssuerLimits;
  readonly validate: ValidateUserName;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly isUser: (name: string) => boolean;
  readonly tokens: ContextTokens;
  readonly nonces: ReplayCache;
  readonly #attempts: PasswordAttempts;
  #pending = 0;

  /** @param isUser whether somebody is known to be called so, for what is told of a refusal */
  constructor(
    limits: TokenIssuerLimits,
    validate: ValidateUserName,
    isUser: (name: string) => boolean = () => false,
    clocks: Clocks = SYSTEM_CLOCKS,
  ) {
    this.limits = limits;
    this.validate = validate;
    this.isUser = isUser;
    this.now = clocks.now;
    this.tokens = new ContextTokens(limits, clocks);
    this.nonces = new ReplayCache({ clocks });
    this.#attempts = new PasswordAttempts({ clocks });
  }

  /**
   * The message security of one session.
   *
   * @param source    the client's IP address, if that is known
   * @param onRefused told once whose credential was refused: for a log
   */
  session(source: string | undefined, onRefused: (error: Error) => void = noLog): TokenSession {
    const told = (name: string, why: string): void =>
      onRefused(refusedUser(source, this.isUser(name) ? name : undefined, why));
    return new TokenSession(this, this.#attempts.from(source), told);
  }

  /**
   * Checks a password, but not too many at a time: each costs the machine 50 ms.
   *
   * @throws {NetTcpError} `ServerTooBusy`, and what `look` throws
   */
  async bounded(look: () => Promise<void>): Promise<void> {
    const { maxPendingPasswords } = this.limits;
    if (this.#pending >= maxPendingPasswords) {
      throw new NetTcpError(
        'ServerTooBusy',
        `The service is checking ${maxPendingPasswords} passwords already (maxPendingPasswords). Try again later.`,
      );
    }
    this.#pending += 1;
    try {
      await look();
    } finally {
      this.#pending -= 1;
    }
  }
}

/** The message security of one session, and its caller. */
export class TokenSession implements ServiceMessageSecurity {
  readonly #issuer: TokenIssuer;
  readonly #attempts: SourceAttempts;
  readonly #onRefused: (name: string, why: string) => void;
  #hasToldOfRefused = false;
  #caller: Caller = ANONYMOUS;
  #isAsking = false;

  constructor(
    issuer: TokenIssuer,
    attempts: SourceAttempts,
    onRefused: (name: string, why: string) => void,
  ) {
    this.#issuer = issuer;
    this.#attempts = attempts;
    this.#onRefused = onRefused;
  }

  /** Whose session it is: anonymous until a valid message has said so. */
  get caller(): Caller {
    return this.#caller;
  }

  /** As `Sender` has it. */
  get security(): ServiceMessageSecurity {
    return this;
  }

  header(): SecurityHeader {
    return { timestamp: { id: '_0', ...makeTimestamp(this.#issuer.now()) } };
  }

  check({ timestamp, contextToken, signature }: SecurityHeader): SecurityRefusal | undefined {
    if (timestamp === undefined || contextToken === undefined || signature === undefined) {
      return 'InvalidSecurity';
    }
    const now = this.#issuer.now();
    const token = this.#issuer.tokens.use(contextToken);
    if (token === undefined) return 'BadContextToken';
    try {
      checkTimestampSignature(timestamp, timestamp.id, token.key, signature);
      checkTimestamp(timestamp, now);
    } catch {
      return 'InvalidSecurity';
    }
    // A session is one caller's: another token of the same caller is as good, another caller's is not.
    const { name } = this.#caller;
    if (this.#caller !== ANONYMOUS && name !== token.caller.name) return 'InvalidSecurity';
    this.#caller = token.caller;
    return undefined;
  }

  async issue(header: SecurityHeader, request: TokenRequest): Promise<IssuedToken> {
    const { timestamp, userName, problem } = header;
    const { entropy, target } = request;
    if (problem !== undefined) throw refused(problem);
    if (timestamp === undefined) throw refused('it has no Timestamp');
    if (userName === undefined) throw refused('it has no UsernameToken');
    if (!isEntropy(entropy)) {
      throw refused(`it has no entropy of ${MIN_ENTROPY_BYTES} to ${MAX_ENTROPY_BYTES} bytes`);
    }
    const issuer = this.#issuer;
    checkTimestamp(timestamp, issuer.now());
    // Guesses come one after another, not a thousand in one segment: after a failure there is a wait.
    if (this.#isAsking) throw refused('the last request of this session has not been answered yet');
    this.#isAsking = true;
    try {
      const { validate, now } = issuer;
      const check = { validate, now, attempts: this.#attempts };
      await issuer.bounded(() => checkUsernameToken(userName, issuer.nonces, check));
    } catch (error) {
      this.#tellOfRefused(userName.name, error);
      throw error;
    } finally {
      this.#isAsking = false;
    }
    const caller: Caller = { kind: 'username', name: userName.name };
    return this.#issue(caller, entropy, this.#renewable(target, caller));
  }

  cancel({ target }: TokenRequest): void {
    const token = this.#issuer.tokens.use(target ?? '');
    if (token === undefined) return;
    if (token.caller.name !== this.#caller.name) throw refused('the token is not the caller’s');
    this.#issuer.tokens.cancel(token.identifier);
  }

  /** Once: whoever guesses may do it often. */
  #tellOfRefused(name: string, error: unknown): void {
    if (this.#hasToldOfRefused || !(error instanceof NetTcpError)) return;
    this.#hasToldOfRefused = true;
    // Of a password there is nothing to say but that it is wrong.
    this.#onRefused(name, error.code === 'SecurityNegotiation' ? '' : ` ${error.message}`);
  }

  #issue(caller: Caller, secret: Uint8Array, renews: string | undefined): IssuedToken {
    const { tokens, now, limits } = this.#issuer;
    const entropy = new Uint8Array(randomBytes(KEY_BYTES));
    const identifier = `urn:uuid:${randomUUID()}`;
    const key = proofKey(secret, entropy);
    tokens.issue({ identifier, key, caller, renews });
    return { identifier, entropy, ...makeTimestamp(now(), limits.contextTokenLifetimeMs) };
  }

  /** The token that is renewed, if it is the caller's own. */
  #renewable(target: string | undefined, caller: Caller): string | undefined {
    if (target === undefined) return undefined;
    const token: ContextToken | undefined = this.#issuer.tokens.use(target);
    return token?.caller.name === caller.name ? token.identifier : undefined;
  }
}

function noLog(): void {}

/** For a log. @param name `undefined` where nobody is known to have it: people type passwords where names belong */
function refusedUser(source: string | undefined, name: string | undefined, why: string): Error {
  const client = source === undefined ? 'a client' : `the client at ${source}`;
  const who =
    name === undefined ? 'no user that is known, so the name is not shown' : printable(name);
  const text = `The user name or the password of ${client} is refused: ${who}.${why}`;
  return new NetTcpError('SecurityNegotiation', text);
}

function isEntropy(entropy: Uint8Array | undefined): entropy is Uint8Array {
  if (entropy === undefined) return false;
  return entropy.length >= MIN_ENTROPY_BYTES && entropy.length <= MAX_ENTROPY_BYTES;
}

function refused(why: string): NetTcpError {
  return new NetTcpError('MessageSecurity', `A request for a token is refused: ${why}.`);
}
