import { showEndpoint } from '../../address.ts';
import { NetTcpError } from '../../errors.ts';
import type { DaemonStatus } from '../../port-sharing/handshake/status.ts';
import type { Received } from '../../printable.ts';
import { sleep } from '../../time.ts';
import { type MachineState, readMachine, writeMachine } from '../registry/machine.ts';
import type { Registry } from '../registry/registry.ts';
import { askAgainMs, type Place, Publication } from './publication.ts';

/** A machine that is gone without a word is forgotten after this: 10,000 of them say 1,000 words a second. */
const LEASE_SECONDS = 30;
/** Three chances to be heard. */
const KEEP_ALIVE_EVERY_MS = 10_000;
const RETRY_AFTER_MS = 1_000;
/** From `leaving` to the end of the lease: fronts that were away for a moment read it, too. */
const LEAVE_MS = 2_000;
/** Nobody waits longer for a registry to say that this machine leaves: its lease ends by itself. */
const GIVE_UP_MS = 5_000;

/** What a publisher tells of. */
interface PublisherEvents {
  /** The registry has what is published now: how many paths. */
  onPublished(count: number, state: MachineState): void;
  /** So many endpoints of the daemon are not published, as no front reaches them; whenever there are others. */
  onUnreached(count: number): void;
  /** The registry is out of reach, or refuses; once until it is there again. */
  onLost(problem: NetTcpError): void;
  onFound(): void;
}

/** Keeps one machine's document in a registry as its daemon is, until it leaves. */
export class Publisher {
  readonly #registry: Registry;
  readonly #place: Place;
  readonly #events: PublisherEvents;
  readonly #askStatus: () => Promise<Received<DaemonStatus> | undefined>;
  #publication: Publication | undefined;
  #paths: ReadonlySet<string> = new Set();
  #lease: string | undefined;
  #keptAt = 0;
  /** What the registry has, by key; whatever it is, if a write failed. */
  #written: ReadonlyMap<string, string> | undefined;
  #isLost = false;
  #unreached = 0;
  #askingTookMs = 0;

  constructor(
    registry: Registry,
    place: Place,
    askStatus: () => Promise<Received<DaemonStatus> | undefined>,
    events: PublisherEvents,
  ) {
    this.#registry = registry;
    this.#place = place;
    this.#askStatus = askStatus;
    this.#events = events;
  }

  /**
   * Publishes until `stop` fires; then it says that the machine leaves, and ends its lease.
   *
   * @throws {NetTcpError} `SecurityAccessDenied`, `Protocol` if the registry refuses from the first word on
   */
  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      const isDone = await this.#once(() => this.#publish());
      await sleep(isDone ? askAgainMs(this.#askingTookMs) : RETRY_AFTER_MS, 0, stop);
    }
    const late = AbortSignal.timeout(GIVE_UP_MS);
    while (!late.aborted) {
      if (await this.#once(() => this.#leave())) return;
      await sleep(RETRY_AFTER_MS, 0, late);
    }
  }

  async #once(act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
      if (this.#isLost) this.#events.onFound();
      this.#isLost = false;
      return true;
    } catch (error) {
      this.#written = undefined;
      const problem = NetTcpError.from(error);
      // What was never right does not become so by itself: whoever has typed it is told.
      if (this.#publication === undefined && problem.code !== 'Communication') throw problem;
      if (!this.#isLost) this.#events.onLost(problem);
      this.#isLost = true;
      return false;
    }
  }

  async #publish(): Promise<void> {
    if (this.#publication === undefined) {
      const { values } = await this.#registry.read(this.#key(''));
      const slices = new Map(
        [...values].map(([key, value]) => [key.slice(this.#key('').length), value]),
      );
      const found = readMachine(slices);
      this.#publication = new Publication(this.#place, found?.paths ?? new Set());
      this.#written = undefined;
    }
    // A daemon that is ending, or too busy to answer, says nothing: what is published stays.
    const askedAt = performance.now();
    const status = await this.#askStatus().catch(() => null);
    this.#askingTookMs = performance.now() - askedAt;
    if (status !== null) {
      this.#paths = this.#publication.next(status, performance.now(), Date.now());
    }
    await this.#write('ready');
    const { unreached } = this.#publication;
    if (unreached !== this.#unreached) this.#events.onUnreached(unreached);
    this.#unreached = unreached;
  }

  async #leave(): Promise<void> {
    if (this.#lease === undefined) return;
    await this.#write('leaving');
    await sleep(LEAVE_MS);
    await this.#registry.revoke(this.#lease);
  }

  async #write(state: MachineState): Promise<void> {
    await this.#keepLease();
    const lease = this.#lease ?? '';
    const at = showEndpoint(this.#place.host, this.#place.port);
    const wanted = new Map<string, string>();
    for (const [slice, value] of writeMachine({ at, state, paths: this.#paths })) {
      wanted.set(this.#key(slice), value);
    }
    const changes = new Map<string, string | undefined>();
    const written = this.#written ?? (await this.#leftovers());
    for (const key of written.keys()) if (!wanted.has(key)) changes.set(key, undefined);
    for (const [key, value] of wanted) if (written.get(key) !== value) changes.set(key, value);
    if (changes.size > 0) {
      await this.#registry.write(lease, changes);
      this.#events.onPublished(this.#paths.size, state);
    }
    this.#written = wanted;
  }

  /** Keys of this machine that are there, with values that are to be written anew. */
  async #leftovers(): Promise<ReadonlyMap<string, string>> {
    const { values } = await this.#registry.read(this.#key(''));
    return new Map([...values.keys()].map((key) => [key, '']));
  }

  async #keepLease(): Promise<void> {
    const now = performance.now();
    if (this.#lease !== undefined && now - this.#keptAt < KEEP_ALIVE_EVERY_MS) return;
    if (this.#lease === undefined || !(await this.#registry.keepAlive(this.#lease))) {
      this.#lease = await this.#registry.grant(LEASE_SECONDS);
      this.#written = undefined;
    }
    this.#keptAt = now;
  }

  #key(slice: string): string {
    return `machines/${showEndpoint(this.#place.host, this.#place.port)}/${slice}`;
  }
}
