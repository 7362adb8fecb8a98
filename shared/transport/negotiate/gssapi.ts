import { messageOf, NetTcpError } from '../../errors.ts';
import { type Koffi, loadKoffi } from '../../load-later.ts';
import { printable } from '../../printable.ts';
import { utf8 } from '../../security/bytes.ts';
import {
  declareCalls,
  type GssBuffer,
  type GssCalls,
  type Handle,
  type NativeCall,
} from './gssapi-calls.ts';

export type { Handle } from './gssapi-calls.ts';

/** `service@host`, which the library turns into a principal by its settings; a principal; a user. */
type NameForm = 'service' | 'principal' | 'user';

/** The result of a client's first step: its context, and the token for the service. */
interface Begun {
  readonly context: Handle;
  readonly token: Uint8Array;
}

interface ExportedKeys {
  /** Encryption type, as numbered by RFC 3961. */
  readonly encryption: number;
  readonly key: Uint8Array;
  readonly isAcceptorSubkey: boolean;
  /** Sequence number of the next token in each direction. */
  readonly sendSequence: number;
  readonly receiveSequence: number;
}

/** What the library says of a call that failed. */
export class GssError extends Error {
  /** Routine error of GSSAPI. RFC 2744 3.9.1 */
  readonly routine: number;
  /** Error of Kerberos. */
  readonly minor: number;

  constructor(routine: number, minor: number, message: string) {
    super(message);
    this.routine = routine;
    this.minor = minor;
  }
}

const LIBRARIES: Readonly<Record<string, { readonly file: string; readonly from: string }>> = {
  linux: { file: 'libgssapi_krb5.so.2', from: 'Debian: libgssapi-krb5-2; Fedora: krb5-libs' },
  darwin: { file: '/System/Library/Frameworks/GSS.framework/GSS', from: 'a part of macOS' },
};

const OID_DIGITS = {
  kerberos: '2a864886f712010202',
  service: '2a864886f71201020104',
  principal: '2a864886f71201020201',
  user: '2a864886f71201020101',
} as const;
/** Mutual authentication, detection of replays and order, sealing, signing, caller's identity: as .NET asks. */
const FLAGS = 0x02 | 0x04 | 0x08 | 0x10 | 0x20 | 0x2000;
const INDEFINITE = 0xffff_ffff;
const INITIATE = 1;
const RFC_4121 = 1;
const MECHANISM_CODE = 2;

let loaded: Promise<Gssapi> | undefined;

/** @throws {NetTcpError} `Communication` where koffi or the system's Kerberos is missing */
export function loadGssapi(): Promise<Gssapi> {
  return (loaded ??= load());
}

async function load(): Promise<Gssapi> {
  const library = LIBRARIES[process.platform];
  if (library === undefined) throw missing(`none is known for ${process.platform}`);
  const koffi = await loadKoffi().catch((error: unknown) => {
    throw missing(`${messageOf(error)} (npm install koffi)`, error);
  });
  try {
    return new Gssapi(koffi, declareCalls(koffi, koffi.load(library.file)));
  } catch (error) {
    throw missing(`${library.file} cannot be loaded (${library.from})`, error);
  }
}

function missing(why: string, cause?: unknown): NetTcpError {
  const text = `No Kerberos ticket can be obtained here: tickets come through the system's GSSAPI, and ${why}.`;
  return new NetTcpError('Communication', text, { cause });
}

/**
 * What a client needs of the system's Kerberos. Calls that may ask a KDC run on another thread. Every handle has
 * to be released. A call that fails throws a {@link GssError}.
 */
export class Gssapi {
  readonly #koffi: Koffi;
  readonly #calls: GssCalls;

  constructor(koffi: Koffi, calls: GssCalls) {
    this.#koffi = koffi;
    this.#calls = calls;
  }

  importName(name: string, form: NameForm): Handle {
    const handle: [Handle] = [0n];
    this.#run(this.#calls.importName, bufferOf(utf8(name)), oid(form), handle);
    return handle[0];
  }

  /** A credential for a user who has this password. The KDC is asked now, or by {@link begin}. */
  async acquire(user: Handle, password: string): Promise<Handle> {
    const handle: [Handle] = [0n];
    const secret = utf8(password);
    const mechanisms = { count: 1, elements: [oid('kerberos')] };
    const args = [user, bufferOf(secret), INDEFINITE, mechanisms, INITIATE, handle, null, null];
    try {
      await this.#runAside(this.#calls.acquireWithPassword, ...args);
    } finally {
      secret.fill(0);
    }
    return handle[0];
  }

  /** @param credential `undefined`: that of the user who has logged in */
  async begin(target: Handle, credential: Handle | undefined): Promise<Begun> {
    const context: [Handle | null] = [null];
    const output: { value?: Handle } = {};
    const what = [credential ?? null, context, target, oid('kerberos'), FLAGS, 0];
    const tokens = [null, null, null, output, null, null];
    await this.#runAside(this.#calls.initContext, ...what, ...tokens);
    return { context: context[0] ?? 0n, token: this.#take(output) };
  }

  /** Takes the service's answer: both sides know each other then. Asks no KDC. */
  finish(context: Handle, target: Handle, answer: Uint8Array): void {
    const output = {};
    const what = [null, [context], target, oid('kerberos'), FLAGS, 0];
    const tokens = [null, bufferOf(answer), null, output, null, null];
    this.#run(this.#calls.initContext, ...what, ...tokens);
    this.#take(output);
  }

  /**
   * Keys and counters of a complete context, which is released by this.
   *
   * @throws {NetTcpError} `SecurityNegotiation` for keys of the protocol that came before RFC 4121
   */
  exportKeys(context: Handle): ExportedKeys {
    const handle: [Handle] = [0n];
    this.#run(this.#calls.exportLucid, [context], 1, handle);
    try {
      const found = this.#calls.readLucid(handle[0]);
      if (found.protocol !== RFC_4121) throw tooOld();
      const isAcceptorSubkey = found.have_acceptor_subkey !== 0;
      const { type, data, length } = isAcceptorSubkey ? found.acceptor_subkey : found.ctx_key;
      return {
        encryption: type,
        key: this.#copy(data, length),
        isAcceptorSubkey,
        sendSequence: Number(found.send_seq),
        receiveSequence: Number(found.recv_seq),
      };
    } finally {
      this.#calls.freeLucid([0], handle[0]);
    }
  }

  releaseName(name: Handle): void {
    this.#calls.releaseName([0], [name]);
  }

  releaseCredential(credential: Handle): void {
    this.#calls.releaseCredential([0], [credential]);
  }

  releaseContext(context: Handle): void {
    this.#calls.deleteContext([0], [context], null);
  }

  #run(call: NativeCall, ...args: readonly unknown[]): void {
    const minor: [number] = [0];
    this.#check(call(minor, ...args), minor[0]);
  }

  async #runAside(call: NativeCall, ...args: readonly unknown[]): Promise<void> {
    const minor: [number] = [0];
    const major = await new Promise<number>((resolve, reject) => {
      call.async(minor, ...args, (error: Error | null, result: number) => {
        if (error === null) resolve(result);
        else reject(error);
      });
    });
    this.#check(major, minor[0]);
  }

  /** The upper half of a status says what failed, the lower half only that there is more to do. */
  #check(major: number, minor: number): void {
    if (major >>> 16 === 0) return;
    const text = {};
    this.#calls.displayStatus([0], minor, MECHANISM_CODE, oid('kerberos'), [0], text);
    const words = new TextDecoder().decode(this.#take(text));
    throw new GssError((major >>> 16) & 0xff, minor | 0, printable(words));
  }

  /** Copies what the library has put into a buffer, and releases that. */
  #take(filled: Partial<GssBuffer>): Uint8Array {
    const { value, length = 0 } = filled;
    if (typeof value !== 'bigint') return new Uint8Array(0);
    const bytes = this.#copy(value, length);
    this.#calls.releaseBuffer([0], filled);
    return bytes;
  }

  #copy(at: Handle, length: number): Uint8Array {
    return new Uint8Array(this.#koffi.view(at, length)).slice();
  }
}

interface Oid {
  readonly length: number;
  readonly elements: Uint8Array;
}

function oid(name: keyof typeof OID_DIGITS): Oid {
  const elements = Uint8Array.from(Buffer.from(OID_DIGITS[name], 'hex'));
  return { length: elements.length, elements };
}

function bufferOf(value: Uint8Array): GssBuffer {
  return { length: value.length, value };
}

function tooOld(): NetTcpError {
  const text = 'The service agreed on a protection of Kerberos (DES, RC4) that is not accepted.';
  return new NetTcpError('SecurityNegotiation', text);
}
