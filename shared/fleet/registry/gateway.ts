import { Agent, type IncomingMessage, request as plainRequest } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import { showEndpoint } from '../../address.ts';
import { messageOf, NetTcpError, systemCode } from '../../errors.ts';
import { printable, quoted } from '../../printable.ts';
import { sleep } from '../../time.ts';
import type { RegistryAddress } from './registry-address.ts';

/** How a registry is entered. */
export interface RegistryAccess {
  readonly address: RegistryAddress;
  /** PEM of a CA to trust, and of an own certificate with its key. */
  readonly tls?: {
    readonly ca?: Buffer | undefined;
    readonly cert?: Buffer | undefined;
    readonly key?: Buffer | undefined;
  };
  readonly login?: { readonly name: string; readonly password: string } | undefined;
}

/** A registry that lives answers at once: a member that does not in this time is left for the next. */
const ANSWER_TIMEOUT_MS = 3_000;
/** One answer, or one line of a watch: 200 keys of the largest size. Stops a server from filling memory. */
const MAX_ANSWER_BYTES = 67_108_864;
/** Of what a server says of its refusal. */
const MAX_REFUSAL_CHARS = 200;

/** An answer whose body is read by the caller. */
export interface Answer {
  readonly body: IncomingMessage;
}

/**
 * The JSON gateway of etcd 3.4 and newer, over HTTP: each call of its API is a POST of JSON. Members are asked in
 * turn, and a token of a user is got again where it is not valid any more.
 */
export class Gateway {
  readonly #access: RegistryAccess;
  readonly #agent: Agent;
  #member = 0;
  #token: string | undefined;

  constructor(access: RegistryAccess) {
    this.#access = access;
    const { address, tls = {} } = access;
    this.#agent = address.isSecured
      ? new SecureAgent({ keepAlive: true, ...tls })
      : new Agent({ keepAlive: true });
  }

  /** The member that is asked now, `host:port`. */
  get member(): string {
    const { members } = this.#access.address;
    const { host, port } = members[this.#member % members.length] ?? { host: '?', port: 0 };
    return showEndpoint(host, port);
  }

  /**
   * Asks one member after the other until one answers.
   *
   * @returns its JSON; whoever reads it checks it
   * @throws {NetTcpError} `Communication` if none can be reached, `SecurityAccessDenied` if this user may not,
   *   `Protocol` for what is no JSON of etcd's
   */
  async ask(call: string, body: object): Promise<Readonly<Record<string, unknown>>> {
    for (let tried = 1; ; tried++) {
      try {
        const { body: answer } = await this.open(
          call,
          body,
          AbortSignal.timeout(ANSWER_TIMEOUT_MS),
        );
        return jsonObject(await whole(answer), this.member);
      } catch (error) {
        const problem = this.#problemOf(error);
        if (problem.code !== 'Communication') throw problem;
        this.#member += 1;
        if (tried >= this.#access.address.members.length) throw problem;
        await sleep(0);
      }
    }
  }

  /**
   * Begins one request to one member.
   *
   * @param signal ends it, with its answer
   * @throws {NetTcpError} as {@link ask}
   */
  async open(call: string, body: object, signal: AbortSignal): Promise<Answer> {
    const { login } = this.#access;
    for (let attempt = 1; ; attempt++) {
      if (login !== undefined && this.#token === undefined) await this.#authenticate(signal);
      const answer = await this.#post(call, body, signal);
      if (answer.statusCode === 200) return { body: answer };
      const text = await whole(answer);
      const isStale = /invalid auth token|auth: revision in header is old/.test(text);
      this.#token = undefined;
      if (isStale && login !== undefined && attempt === 1) continue;
      throw refusal(this.member, answer.statusCode ?? 0, text, login !== undefined);
    }
  }

  /** Goes on to the next member. */
  leave(): void {
    this.#member += 1;
  }

  close(): void {
    this.#agent.destroy();
  }

  async #authenticate(signal: AbortSignal): Promise<void> {
    const answer = await this.#post('auth/authenticate', this.#access.login ?? {}, signal);
    const text = await whole(answer);
    if (answer.statusCode !== 200) {
      throw refusal(this.member, answer.statusCode ?? 0, text, true);
    }
    const { token } = jsonObject(text, this.member);
    this.#token = typeof token === 'string' ? token : '';
  }

  #post(call: string, body: object, signal: AbortSignal): Promise<IncomingMessage> {
    const { isSecured, members } = this.#access.address;
    const { host, port } = members[this.#member % members.length] ?? { host: '', port: 0 };
    const text = JSON.stringify(body);
    const headers = {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(text),
      ...(this.#token === undefined ? {} : { Authorization: this.#token }),
    };
    const options = {
      host,
      port,
      path: `/v3/${call}`,
      method: 'POST',
      headers,
      agent: this.#agent,
      signal,
    };
    return new Promise((resolve, reject) => {
      const sent = (isSecured ? secureRequest : plainRequest)(options, resolve);
      sent.on('error', (error) => reject(this.#problemOf(error)));
      sent.end(text);
    });
  }

  #problemOf(error: unknown): NetTcpError {
    if (error instanceof NetTcpError) return error;
    const isLate = error instanceof Error && /^(?:Abort|Timeout)Error$/.test(error.name);
    const code = systemCode(error);
    const why = isLate
      ? 'it does not answer'
      : (distrust(code) ?? printable(code ?? messageOf(error)));
    const text = `The registry at ${this.member} cannot be reached: ${why}.`;
    return new NetTcpError('Communication', text, { cause: error });
  }
}

/** What is wrong with the certificate that a member shows; `undefined` if it is something else. */
function distrust(code: string | undefined): string | undefined {
  switch (code) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return 'its certificate is for another name: write the address that it names';
    case 'CERT_HAS_EXPIRED':
      return 'its certificate has expired';
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'CERT_SIGNATURE_FAILURE':
      return `its certificate is not trusted (${code}): name its CA, --ca FILE`;
    default:
      return undefined;
  }
}

/** All of an answer. @throws {NetTcpError} `QuotaExceeded` for too much of it */
async function whole(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_ANSWER_BYTES) throw tooLong();
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** The lines of an answer that goes on. @throws {NetTcpError} `QuotaExceeded` for one that is too long */
export async function* linesOf({ body }: Answer): AsyncGenerator<string> {
  let rest: Buffer[] = [];
  let size = 0;
  for await (const part of body as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = part.indexOf(10); end >= 0; end = part.indexOf(10, from)) {
      const line = Buffer.concat([...rest, part.subarray(from, end)]).toString('utf8');
      rest = [];
      size = 0;
      from = end + 1;
      yield line;
    }
    rest.push(part.subarray(from));
    size += part.length - from;
    if (size > MAX_ANSWER_BYTES) throw tooLong();
  }
}

function tooLong(): NetTcpError {
  const text = `The registry answers with more than ${MAX_ANSWER_BYTES} bytes at once.`;
  return new NetTcpError('QuotaExceeded', text);
}

/** @throws {NetTcpError} `Protocol` unless it is a JSON object */
export function jsonObject(text: string, member: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new NetTcpError(
    'Protocol',
    `What answers at ${member} is not etcd: it says ${quoted(text)}. Check --registry.`,
  );
}

function refusal(member: string, status: number, text: string, hasLogin: boolean): NetTcpError {
  const said = printable(text.trim(), MAX_REFUSAL_CHARS);
  const isDenied = /permission denied|authentication failed|user name is empty|auth token/.test(
    text,
  );
  if (status === 401 || status === 403 || isDenied) {
    const advice = hasLogin ? 'Check --user and its password.' : 'Name a user: --user.';
    const sentence = `The registry at ${member} refuses this user: ${said}. ${advice}`;
    return new NetTcpError('SecurityAccessDenied', sentence);
  }
  if (status === 404) {
    const sentence = `What answers at ${member} has no JSON gateway of etcd 3.4 or newer. Check --registry.`;
    return new NetTcpError('Protocol', sentence);
  }
  const sentence = `The registry at ${member} answers ${status}: ${said}.`;
  return new NetTcpError('Communication', sentence);
}
