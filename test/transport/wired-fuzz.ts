/**
 * Sessions with security between a real client and a real service, on whose way somebody changes bytes: what came
 * before the handshake, the handshake, and what it protects. Used by the tests and by `npm run fuzz`.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { parseAddress } from '../../shared/address.ts';
import { NetTcpError } from '../../shared/errors.ts';
import { ChannelFactory, ICalculator, NetTcpBinding, ServiceHost } from '../../shared/index.ts';
import { mutations } from '../encoding/binary-xml/mutations.ts';
import { type Kind, type KindName, makeKind, USERS } from './wired-kinds.ts';

/** Chunks of one direction, of which one is changed; a session has about six. */
const CHUNKS = 8;
const HANG_MS = 120_000;
/** Whoever waits for bytes that were taken away gives up soon. */
const LIMITS = { openTimeoutMs: 1_000, sendTimeoutMs: 1_000, closeTimeoutMs: 1_000 };

/** A service of one kind, and clients whose bytes are changed while another goes on calling it. */
export class WiredFuzz {
  readonly #kind: Kind;
  readonly #host: ServiceHost;
  readonly #problems: string[] = [];
  #user = 0;

  private constructor(kind: Kind) {
    this.#kind = kind;
    const { security, service, callers } = kind;
    this.#host = new ServiceHost(
      new NetTcpBinding({ security, limits: { preambleTimeoutMs: 1_000 } }),
      {
        credentials: service,
        authorize: ({ kind: of, name }) => {
          if (!callers.test(`${of} ${name}`)) this.#problems.push(`the caller ${of} ${name}`);
          return true;
        },
        onConnectionError: (error) => void (isOfPeer(error) || this.#problems.push(String(error))),
      },
    );
    const Add = (n1: number, n2: number): number => n1 + n2;
    const calculator = { Add, Subtract: Add, Multiply: Add, Divide: Add };
    this.#host.addEndpoint(ICalculator, calculator, 'net.tcp://localhost:0/calc');
  }

  static async open(name: KindName): Promise<WiredFuzz> {
    const fuzz = new WiredFuzz(await makeKind(name));
    await fuzz.#host.open();
    return fuzz;
  }

  /**
   * Plays sessions, so many at a time, in each of which one chunk is changed.
   *
   * @returns how often each outcome was seen: `answered`, or the code of an error
   * @throws {Error} if one hung, was answered wrongly, or ended in an error that is not typed; if the steady client
   *   noticed; if the service saw somebody else
   */
  async play(from: number, count: number, atATime: number): Promise<ReadonlyMap<string, number>> {
    const outcomes = new Map<string, number>();
    using factory = this.#factory();
    const steady = factory.createChannel(this.#address);
    assert.equal(await steady.Add(1, 2), 3);
    let next = from;
    const player = async (): Promise<void> => {
      while (next < from + count) {
        const seed = next++;
        const outcome = await inTime(this.#session(seed), seed);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        assert.equal(await steady.Add(seed, 1), seed + 1);
      }
    };
    await Promise.all(Array.from({ length: atATime }, player));
    await steady.close();
    assert.deepEqual(this.#problems, []);
    return outcomes;
  }

  /** Sessions that the service still has. */
  get connectionCount(): number {
    return this.#host.connectionCount;
  }

  async close(): Promise<void> {
    this.#host.abort();
    await this.#host.close();
    await this.#kind.close?.();
  }

  get #address(): string {
    return this.#host.addresses[0] ?? '';
  }

  #factory(): ChannelFactory<typeof ICalculator> {
    const { security, client } = this.#kind;
    const credentials = client(this.#user++ % USERS);
    return new ChannelFactory(ICalculator, new NetTcpBinding({ security, limits: LIMITS }), {
      credentials,
    });
  }

  async #session(seed: number): Promise<string> {
    const relay = await Relay.listen(this.#address, seed);
    using factory = this.#factory();
    const proxy = factory.createChannel(this.#address, { via: relay.via });
    try {
      assert.equal(await proxy.Add(seed, 2), seed + 2, `seed ${seed}`);
      await proxy.close();
      return 'answered';
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      assert.ok(isTyped(error), `seed ${seed}: ${String(error)}`);
      return error.code;
    } finally {
      proxy.abort();
      relay.close();
    }
  }
}

function isTyped(error: unknown): error is NetTcpError {
  return error instanceof NetTcpError && error.code !== 'Internal' && error.code !== 'Usage';
}

/** Whether a service says that its peer is to blame: a sentence, or the system's error of its socket. */
function isOfPeer(error: Error): boolean {
  const isMistake = /^(?:Type|Range|Reference|Assertion)Error$/.test(error.name);
  return !isMistake && !/openssl|\.c:\d/.test(error.message);
}

/** Passes on what both sides say, but for one chunk of one direction, which it changes. */
class Relay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #chunk = 0;

  static async listen(address: string, seed: number): Promise<Relay & { readonly via: string }> {
    const relay = new Relay(address, seed);
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    const { port } = relay.#server.address() as { readonly port: number };
    return Object.assign(relay, { via: `net.tcp://127.0.0.1:${port}/calc` });
  }

  private constructor(address: string, seed: number) {
    const { port } = parseAddress(address);
    const isOfClient = seed % 2 === 0;
    const changed = (seed >> 1) % CHUNKS;
    // The service slows down addresses, too; Linux has many of its own.
    const ofItsOwn = { localAddress: `127.1.${(seed >> 8) & 0xff}.${1 + (seed % 250)}` };
    this.#server = createServer((client) => {
      const from = process.platform === 'linux' ? ofItsOwn : {};
      const service = connect({ port, host: '127.0.0.1', ...from });
      this.#carry(client, service, isOfClient ? changed : -1, seed);
      this.#carry(service, client, isOfClient ? -1 : changed, seed);
    });
  }

  #carry(from: Socket, to: Socket, changed: number, seed: number): void {
    this.#sockets.add(from);
    from.on('data', (chunk: Uint8Array) => {
      const isIt = changed >= 0 && this.#chunk++ === changed;
      for (const payload of isIt ? mutations(chunk, 1, seed) : [chunk]) to.write(payload);
    });
    from.on('error', () => to.destroy()).on('end', () => to.end());
    from.on('close', () => to.destroy());
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** @throws {Error} that names the seed if the session takes longer than any limit allows */
async function inTime<T>(session: Promise<T>, seed: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`seed ${seed} hangs`)), HANG_MS);
  });
  try {
    return await Promise.race([session, hang]);
  } finally {
    clearTimeout(timer);
  }
}
