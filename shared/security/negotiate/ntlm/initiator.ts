import { randomBytes } from 'node:crypto';
import { NetTcpError } from '../../../errors.ts';
import { concat, utf16 } from '../../bytes.ts';
import type { Mechanism, MechanismStep } from '../mechanism.ts';
import { NtlmContext } from './context.ts';
import { hmacMd5, responseKey } from './hashes.ts';
import {
  Flag,
  Pair,
  readChallenge,
  REQUIRED,
  withMic,
  writeAuthenticate,
  writeNegotiate,
  writePairs,
} from './messages.ts';
import { Rc4 } from './rc4.ts';

interface NtlmInitiatorOptions {
  readonly user: string;
  /** Empty for an account of the service's own machine. */
  readonly domain: string;
  /** NT hash of the password. */
  readonly hash: Uint8Array;
  /** The service that the client means to call: `host/calc.example`. */
  readonly target: string;
  readonly workstation: string;
  /** `size` bytes that nobody can guess. */
  readonly random?: (size: number) => Uint8Array;
}

const NEEDED = REQUIRED | Flag.Seal;
const OFFERED =
  NEEDED | Flag.RequestTarget | Flag.AlwaysSign | Flag.TargetInfo | Flag.Version | Flag.Key56;
const MIC_FOLLOWS = Uint8Array.of(2, 0, 0, 0);

/** The initiating side of NTLM version 2, with MIC, signing and sealing, or nothing. [MS-NLMP] 3.1.5 */
export function ntlmInitiator(options: NtlmInitiatorOptions): Mechanism {
  return {
    step() {
      const negotiate = writeNegotiate(OFFERED);
      return { is: 'in-progress', token: negotiate, next: answering(options, negotiate) };
    },
  };
}

function answering(options: NtlmInitiatorOptions, negotiate: Uint8Array): Mechanism {
  return { step: (bytes = new Uint8Array(0)) => answer(options, negotiate, bytes) };
}

function answer(
  { user, domain, hash, target, workstation, random = randomBytes }: NtlmInitiatorOptions,
  negotiate: Uint8Array,
  bytes: Uint8Array,
): MechanismStep {
  const { flags, challenge, targetInfo } = readChallenge(bytes);
  const time = targetInfo.get(Pair.Timestamp);
  if ((flags & NEEDED) !== NEEDED || time?.length !== 8) throw tooWeak();
  const pairs = new Map(targetInfo);
  pairs.set(Pair.Flags, MIC_FOLLOWS);
  pairs.set(Pair.ChannelBindings, new Uint8Array(16));
  pairs.set(Pair.TargetName, utf16(target));
  const version = Uint8Array.of(1, 1, 0, 0, 0, 0, 0, 0);
  const zeros = new Uint8Array(4);
  const client = concat(version, time, random(8), zeros, writePairs(pairs), zeros);
  const key = responseKey(hash, user, domain);
  const proof = hmacMd5(key, challenge, client);
  const exported = random(16);
  const message = writeAuthenticate(
    {
      flags: flags & OFFERED,
      domain,
      user,
      response: concat(proof, client),
      sessionKey: new Rc4(hmacMd5(key, proof)).transform(exported),
    },
    workstation,
  );
  return {
    is: 'complete',
    token: withMic(message, hmacMd5(exported, negotiate, bytes, message)),
    context: new NtlmContext(exported, 'initiator', true),
    peer: undefined,
  };
}

function tooWeak(): NetTcpError {
  return new NetTcpError(
    'SecurityNegotiation',
    'The service offers a weaker NTLM than is accepted: version 2 with 128 bits, MIC, signing and sealing.',
  );
}
