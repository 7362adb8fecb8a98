import { NetTcpError } from '../../../errors.ts';
import { concat, isSameSecret, utf8, viewOf } from '../../bytes.ts';
import type { SecurityContext } from '../mechanism.ts';
import { hmacMd5, md5 } from './hashes.ts';
import { Rc4 } from './rc4.ts';

const SIGNATURE_BYTES = 16;

/**
 * Session security of NTLM with extended session security, 128 bits and key exchange. [MS-NLMP] 3.4
 *
 *     signature   01 00 00 00  checksum(8, encrypted)  sequence(32, little-endian)
 *     wrapped     signature, data (sealed, if that was agreed upon)
 */
export class NtlmContext implements SecurityContext {
  readonly #ours: Direction;
  readonly #theirs: Direction;
  readonly #isSealing: boolean;

  /** @param sessionKey the exported one, 16 bytes */
  constructor(sessionKey: Uint8Array, side: 'initiator' | 'acceptor', isSealing: boolean) {
    this.#isSealing = isSealing;
    const initiator = new Direction(sessionKey, 'client-to-server');
    const acceptor = new Direction(sessionKey, 'server-to-client');
    this.#ours = side === 'initiator' ? initiator : acceptor;
    this.#theirs = side === 'initiator' ? acceptor : initiator;
  }

  wrap(data: Uint8Array): Uint8Array {
    // The order matters: the key stream goes over the data first, then over the checksum.
    const sealed = this.#isSealing ? this.#ours.transform(data) : data;
    return concat(this.#ours.signature(data), sealed);
  }

  unwrap(token: Uint8Array): Uint8Array {
    if (token.length < SIGNATURE_BYTES) throw refused();
    const body = token.subarray(SIGNATURE_BYTES);
    const data = this.#isSealing ? this.#theirs.transform(body) : body;
    this.verify(data, token.subarray(0, SIGNATURE_BYTES));
    return data;
  }

  sign(data: Uint8Array): Uint8Array {
    return this.#ours.signature(data);
  }

  verify(data: Uint8Array, signature: Uint8Array): void {
    if (!isSameSecret(this.#theirs.signature(data), signature)) throw refused();
  }

  /** The key streams begin anew after SPNEGO's signatures; the sequence goes on. [MS-SPNG] 3.3.5.1 */
  startData(): void {
    this.#ours.restart();
    this.#theirs.restart();
  }
}

class Direction {
  readonly #signingKey: Uint8Array;
  readonly #sealingKey: Uint8Array;
  #stream: Rc4;
  #sequence = 0;

  constructor(sessionKey: Uint8Array, way: 'client-to-server' | 'server-to-client') {
    this.#signingKey = derive(sessionKey, way, 'signing');
    this.#sealingKey = derive(sessionKey, way, 'sealing');
    this.#stream = new Rc4(this.#sealingKey);
  }

  transform(data: Uint8Array): Uint8Array {
    return this.#stream.transform(data);
  }

  signature(data: Uint8Array): Uint8Array {
    const signature = new Uint8Array(SIGNATURE_BYTES);
    const view = viewOf(signature);
    view.setUint32(0, 1, true);
    view.setUint32(12, this.#sequence, true);
    this.#sequence = (this.#sequence + 1) >>> 0;
    const checksum = hmacMd5(this.#signingKey, signature.subarray(12), data).subarray(0, 8);
    signature.set(this.#stream.transform(checksum), 4);
    return signature;
  }

  restart(): void {
    this.#stream = new Rc4(this.#sealingKey);
  }
}

/** SIGNKEY and SEALKEY. [MS-NLMP] 3.4.5.2, 3.4.5.3 */
function derive(sessionKey: Uint8Array, way: string, purpose: 'signing' | 'sealing'): Uint8Array {
  return md5(sessionKey, utf8(`session key to ${way} ${purpose} key magic constant\0`));
}

function refused(): NetTcpError {
  return new NetTcpError(
    'Protocol',
    'An NTLM token of the peer is refused: it was changed, repeated or left out.',
  );
}
