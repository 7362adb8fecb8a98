import { randomBytes } from 'node:crypto';
import { NetTcpError } from '../../../errors.ts';
import { printable } from '../../../printable.ts';
import { isSameSecret, utf16, viewOf } from '../../bytes.ts';
import type { SourceAttempts } from '../../password-attempts.ts';
import type { Mechanism, MechanismStep, Protection } from '../mechanism.ts';
import { isRawNtlm, type OfferedMechanism } from '../spnego-acceptor.ts';
import { Oid } from '../spnego-tokens.ts';
import { NtlmContext } from './context.ts';
import { hmacMd5, responseKey } from './hashes.ts';
import {
  type Authenticate,
  Flag,
  Pair,
  readAuthenticate,
  readNegotiate,
  readPairs,
  REQUIRED,
  withMic,
  writeChallenge,
  writePairs,
} from './messages.ts';
import { Rc4 } from './rc4.ts';

export interface NtlmAccount {
  /** As the accounts spell it: the caller's name. */
  readonly name: string;
  readonly hash: Uint8Array;
}

interface NtlmAcceptorOptions {
  /** The account of a user of a domain, as a client names them, or `undefined`. */
  readonly find: (user: string, domain: string) => NtlmAccount | undefined;
  /** Names of this service's domain and machine, as clients see them. */
  readonly domain: string;
  readonly machine: string;
  /** Those from the client's address. */
  readonly attempts: SourceAttempts;
  /** `sign`: a client that asks for no more than signing is not refused. */
  readonly protection: Protection;
  /** 8 bytes that were never used before. */
  readonly challenge?: () => Uint8Array;
}

/** A response of version 2 has 44 bytes or more; one of version 1 has 24. */
const MIN_RESPONSE_BYTES = 44;
const PROOF_BYTES = 16;
const MAX_NAME_CHARS = 1_024;
const NOBODY: NtlmAccount = { name: '', hash: randomBytes(16) };

/** NTLM, as a service offers it to its own accounts: version 2 with MIC, signing and, for `seal`, sealing. */
export function offerNtlm(options: NtlmAcceptorOptions): OfferedMechanism {
  return { names: [Oid.Ntlm], isRaw: isRawNtlm, start: () => ntlmAcceptor(options) };
}

function ntlmAcceptor(options: NtlmAcceptorOptions): Mechanism {
  return {
    step(negotiate = new Uint8Array(0), now) {
      const asked = readNegotiate(negotiate);
      requireFlags(asked, options.protection);
      const challenge = options.challenge?.() ?? randomBytes(8);
      const { domain, machine } = options;
      const pairs = new Map([
        [Pair.DomainName, utf16(domain)],
        [Pair.ComputerName, utf16(machine)],
        [Pair.DnsDomainName, utf16(domain.toLowerCase())],
        [Pair.DnsComputerName, utf16(machine.toLowerCase())],
        // With a time here, a client must send a MIC of all three messages.
        [Pair.Timestamp, fileTime(now)],
      ]);
      const flags =
        REQUIRED |
        Flag.RequestTarget |
        Flag.AlwaysSign |
        Flag.TargetTypeServer |
        Flag.TargetInfo |
        Flag.Version |
        (asked & (Flag.Seal | Flag.Key56));
      const message = writeChallenge(flags, challenge, domain, writePairs(pairs));
      return {
        is: 'in-progress',
        token: message,
        next: answering(options, challenge, [new Uint8Array(negotiate), message]),
      };
    },
  };
}

/** @param before the two messages that came first */
function answering(
  options: NtlmAcceptorOptions,
  challenge: Uint8Array,
  before: readonly Uint8Array[],
): Mechanism {
  return {
    step(bytes = new Uint8Array(0)) {
      const message = readAuthenticate(bytes);
      const { user, domain, response } = message;
      if (user === '') throw refused('anonymous');
      if (response.length < MIN_RESPONSE_BYTES) throw refused('an answer of NTLM version 1');
      requireFlags(message.flags, options.protection);
      const account = options.find(user, domain);
      // It is remembered for a while: a name that nobody can have takes no more room than others.
      const name = account?.name ?? `${domain}\\${user}`.slice(0, MAX_NAME_CHARS);
      const { attempts } = options;
      // A name that nobody has is not told: people type passwords where names belong.
      const who = account?.name ?? `no account of the domain "${printable(domain)}"`;
      if (!attempts.mayTry(name)) throw refused(who);
      // For a name that nobody has, too: the time must not tell.
      const key = responseKey((account ?? NOBODY).hash, user, domain);
      const isRight = isProved(key, challenge, message);
      if (account === undefined || !isRight) {
        attempts.failed(name);
        throw refused(who);
      }
      attempts.succeeded(name);
      return complete(key, message, bytes, before, account.name);
    },
  };
}

function requireFlags(flags: number, protection: Protection): void {
  const needed = protection === 'seal' ? REQUIRED | Flag.Seal : REQUIRED;
  if ((flags & needed) !== needed) throw tooWeak();
}

function isProved(key: Uint8Array, challenge: Uint8Array, { response }: Authenticate): boolean {
  const proof = hmacMd5(key, challenge, response.subarray(PROOF_BYTES));
  return isSameSecret(proof, response.subarray(0, PROOF_BYTES));
}

function complete(
  key: Uint8Array,
  { response, sessionKey, mic, flags }: Authenticate,
  bytes: Uint8Array,
  before: readonly Uint8Array[],
  name: string,
): MechanismStep {
  // 28 bytes of times and numbers come before the target information. [MS-NLMP] 2.2.2.7
  readPairs(response.subarray(PROOF_BYTES + 28));
  if (sessionKey.length !== 16) throw tooWeak();
  const exported = new Rc4(hmacMd5(key, response.subarray(0, PROOF_BYTES))).transform(sessionKey);
  const whole = hmacMd5(exported, ...before, withMic(bytes, new Uint8Array(16)));
  if (!isSameSecret(whole, mic)) {
    throw new NetTcpError('Protocol', 'The NTLM messages were changed on their way.');
  }
  return {
    is: 'complete',
    token: undefined,
    context: new NtlmContext(exported, 'acceptor', (flags & Flag.Seal) !== 0),
    peer: { kind: 'ntlm', name },
  };
}

/** Tenths of a microsecond since 1601. */
function fileTime(now: number): Uint8Array {
  const bytes = new Uint8Array(8);
  const ticks = (BigInt(Math.floor(now)) + 11_644_473_600_000n) * 10_000n;
  viewOf(bytes).setBigUint64(0, ticks, true);
  return bytes;
}

function refused(name: string): NetTcpError {
  return new NetTcpError(
    'SecurityNegotiation',
    `The client's NTLM credential is refused: ${printable(name)}.`,
  );
}

function tooWeak(): NetTcpError {
  return new NetTcpError(
    'SecurityNegotiation',
    'The client offers a weaker NTLM than is accepted: version 2 with 128 bits, signing and (unless this service lets it go) sealing.',
  );
}
