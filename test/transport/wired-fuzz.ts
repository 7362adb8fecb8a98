/**
 * Sessions with security between a real client and a real service, on whose way somebody changes bytes: what came
 * before the handshake, the handshake, and what it protects. Used by the tests and by `npm run fuzz`.
 */
import assert from 'node:assert/strict';
import { NetTcpError } from '../../shared/errors.ts';
import {
  ChannelFactory,
  ICalculator,
  type Limits,
  NetTcpBinding,
  ServiceHost,
} from '../../shared/index.ts';
import { TRANSFER_VARIABLE } from '../../shared/port-sharing/machine/load-native.ts';
import { type Kind, type KindName, makeKind, USERS } from './wired-kinds.ts';
import { type Change, injecting, type Lengths, mutating, Relay } from './wired-relay.ts';

const HANG_MS = 120_000;
/** Whoever waits for bytes that were taken away gives up soon. */
const LIMITS = { openTimeoutMs: 1_000, sendTimeoutMs: 1_000, closeTimeoutMs: 1_000 };

/** How connections get to the service; all but the first by a daemon, whose directory this process's settings name. */
export const WAYS = ['its own port', 'handed over', 'relayed'] as const;
export type Way = (typeof WAYS)[number];

/** A service of one kind, and clients whose bytes are changed while another goes on calling it. */
export class WiredFuzz {
  readonly #kind: Kind;
  readonly #host: ServiceHost;
  readonly #problems: string[] = [];
  #user = 0;

  private constructor(kind: Kind, portSharing: boolean) {
    this.#kind = kind;
    const { security, service, callers } = kind;
    this.#host = new ServiceHost(
      new NetTcpBinding({ security, portSharing, limits: { preambleTimeoutMs: 10_000 } }),
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
    // Nobody but whoever changes what is on the way calls it.
    const Subtract = (n1: number, n2: number): number =>
      this.#problems.push('a call of nobody') * n1 * n2;
    const calculator = { Add, Subtract, Multiply: Add, Divide: Add };
    this.#host.addEndpoint(ICalculator, calculator, 'net.tcp://localhost:0/calc');
  }

  static async open(name: KindName, way: Way = 'its own port'): Promise<WiredFuzz> {
    const fuzz = new WiredFuzz(await makeKind(name), way !== 'its own port');
    const before = process.env[TRANSFER_VARIABLE];
    if (way === 'relayed') process.env[TRANSFER_VARIABLE] = 'relay';
    try {
      await fuzz.#host.open();
    } finally {
      if (before === undefined) Reflect.deleteProperty(process.env, TRANSFER_VARIABLE);
      else process.env[TRANSFER_VARIABLE] = before;
    }
    return fuzz;
  }

  /**
   * Plays sessions, so many at a time, in each of which one chunk is changed.
   *
   * @returns how often each outcome was seen: `answered`, or the code of an error
   * @throws {Error} if one hung, was answered wrongly, or ended in an error that is not typed; if the steady client
   *   noticed; if the service saw somebody else
   */
  play(from: number, count: number, atATime: number): Promise<ReadonlyMap<string, number>> {
    return this.#playAll(from, count, atATime, mutating);
  }

  /**
   * Plays sessions, in each of which somebody sends a whole call, or its answer, in the clear: one at each position of
   * those that the seeds from `from` on stand for, {@link Lengths} both directions one after the other.
   *
   * @param step  positions from one to the next
   * @returns and throws as {@link play} does
   */
  async inject(from: number, step: number, atATime: number): Promise<ReadonlyMap<string, number>> {
    const { client, service } = await this.measure();
    const count = Math.ceil((client + service - from) / step);
    return await this.#playAll(0, count, atATime, (index) => {
      const at = from + index * step;
      return at < client ? injecting('client', at) : injecting('service', at - client);
    });
  }

  /** How much both say in a session, after they have agreed to the upgrade. */
  async measure(): Promise<Lengths> {
    const change = injecting('client', Infinity);
    assert.equal(await this.#session(0, change, {}), 'answered');
    return change.lengths;
  }

  async #playAll(
    from: number,
    count: number,
    atATime: number,
    changeOf: (seed: number) => Change,
  ): Promise<ReadonlyMap<string, number>> {
    const outcomes = new Map<string, number>();
    // With limits as long as anybody's: what is late on a busy machine is no fault.
    using factory = this.#factory({});
    const steady = factory.createChannel(this.#address);
    assert.equal(await steady.Add(1, 2), 3);
    let next = from;
    const player = async (): Promise<void> => {
      while (next < from + count) {
        const seed = next++;
        const outcome = await inTime(this.#session(seed, changeOf(seed)), seed);
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

  #factory(limits: Partial<Limits>): ChannelFactory<typeof ICalculator> {
    const { security, client } = this.#kind;
    const credentials = client(this.#user++ % USERS);
    return new ChannelFactory(ICalculator, new NetTcpBinding({ security, limits }), {
      credentials,
    });
  }

  async #session(seed: number, change: Change, limits: Partial<Limits> = LIMITS): Promise<string> {
    const relay = await Relay.listen(this.#address, seed, change);
    using factory = this.#factory(limits);
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
