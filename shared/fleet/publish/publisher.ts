import { showEndpoint } from '../../address.ts';
import { NetTcpError } from '../../errors.ts';
import type { DaemonStatus } from '../../port-sharing/handshake/status.ts';
import type { Received, Untrusted } from '../../printable.ts';
import { sleep } from '../../time.ts';
import { type Machine, type MachineState, readMachine, writeMachine } from '../registry/machine.ts';
import type { Registry } from '../registry/registry.ts';
import { askAgainMs, type Place, Publication } from './publication.ts';

/** A machine that is gone without a word is forgotten after this: 10,000 of them say 1,000 words a second. */
const LEASE_SECONDS = 30;
/** Three chances to be heard. As often it looks whether what it has published is there, and its own. */
const KEEP_ALIVE_EVERY_MS = 10_000;
const RETRY_AFTER_MS = 1_000;
/** From `leaving` to the end of the lease: fronts that were away for a moment read it, too. */
const LEAVE_MS = 2_000;
/** Nobody waits longer for a registry to say that this machine leaves: its lease ends by itself. */
const GIVE_UP_MS = 5_000;

/** What a publisher tells of. */
export interface PublisherEvents {
  /** The registry has what is published now: how many paths. */
  onPublished(count: number, state: MachineState): void;
  /** So many endpoints of the daemon are not published, as no front reaches them; whenever there are others. */
  onUnreached(count: number): void;
  /**
   * Somebody else publishes at the same address, and has begun later: this one writes nothing until that one has gone.
   *
   * @param by who, as the registry has it; `undefined` if that does not say
   */
  onDisplaced(by: Untrusted | undefined): void;
  /** The registry is out of reach, or refuses; once until it is there again. */
  onLost(problem: NetTcpError): void;
  onFound(): void;
}

/**
 * Keeps one machine's document in a registry as its daemon is, until it leaves. Of two with one address the later has
 * it: who starts takes over what is there, as the one before may have died, and who finds it taken writes nothing.
 */
export class Publisher {
  readonly #registry: Registry;
  readonly #place: Place;
  readonly #events: PublisherEvents;
  readonly #askStatus: () => Promise<Received<DaemonStatus> | undefined>;
  #publication: Publication | undefined;
  #paths: ReadonlySet<string> = new Set();
  /** What it says of itself, for people. */
  readonly #by: string;
  #lease: string | undefined;
  #keptAt = 0;
  /** Whether what is there is to become its own, whoever's it is. */
  #takesOver = true;
  #isDisplaced = false;
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
    by: string,
  ) {
    this.#by = by;
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
      await sleep(
        isDone && !this.#isDisplaced ? askAgainMs(this.#askingTookMs) : RETRY_AFTER_MS,
        0,
        stop,
      );
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
      const found = await this.#found();
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
    if (await this.#write('leaving')) await sleep(LEAVE_MS);
    await this.#registry.revoke(this.#lease);
  }

  /** @returns whether the registry has it: not, if that is somebody else's there */
  async #write(state: MachineState): Promise<boolean> {
    if (!(await this.#isOwn())) return false;
    const lease = this.#lease ?? '';
    const at = showEndpoint(this.#place.host, this.#place.port);
    const wanted = new Map<string, string>();
    for (const [slice, value] of writeMachine({ at, state, paths: this.#paths }, this.#by)) {
      wanted.set(this.#key(slice), value);
    }
    const changes = new Map<string, string | undefined>();
    const written = this.#written ?? (await this.#leftovers());
    for (const key of written.keys()) if (!wanted.has(key)) changes.set(key, undefined);
    for (const [key, value] of wanted) if (written.get(key) !== value) changes.set(key, value);
    if (changes.size > 0) {
      // What was written in full is changed only while it is its own.
      const held = this.#written === undefined ? undefined : this.#key('0');
      if (!(await this.#registry.write(lease, changes, held))) {
        this.#keptAt = -Infinity; // looks at once whose it is
        return await this.#write(state);
      }
      this.#events.onPublished(this.#paths.size, state);
    }
    this.#written = wanted;
    this.#takesOver = false;
    return true;
  }

  /** Keys of this machine that are there, with values that are to be written anew. */
  async #leftovers(): Promise<ReadonlyMap<string, string>> {
    const { values } = await this.#registry.read(this.#key(''));
    return new Map([...values.keys()].map((key) => [key, '']));
  }

  /** Keeps the lease, and looks whether what hangs on it is there still. @returns whether it may be written */
  async #isOwn(): Promise<boolean> {
    const now = performance.now();
    if (!this.#isDisplaced && this.#lease !== undefined && now - this.#keptAt < KEEP_ALIVE_EVERY_MS)
      return true;
    if (this.#lease !== undefined && !(await this.#registry.keepAlive(this.#lease))) {
      this.#lease = undefined;
    }
    if (!this.#takesOver) {
      const there = await this.#registry.leases(this.#key(''));
      const holder = there.get(this.#key('0'));
      if (holder !== undefined && holder !== this.#lease) return await this.#stepBack();
      const isWhole = [...(this.#written ?? [])].every(([key]) => there.get(key) === this.#lease);
      if (!isWhole || there.size !== this.#written?.size) this.#written = undefined;
    }
    this.#isDisplaced = false;
    if (this.#lease === undefined) {
      this.#lease = await this.#registry.grant(LEASE_SECONDS);
      this.#written = undefined;
    }
    this.#keptAt = now;
    return true;
  }

  async #stepBack(): Promise<false> {
    this.#written = undefined;
    if (this.#isDisplaced) return false;
    const { by } = (await this.#found()) ?? {};
    this.#isDisplaced = true;
    this.#events.onDisplaced(by);
    return false;
  }

  /** What the registry has of this machine. */
  async #found(): Promise<Machine | undefined> {
    const { values } = await this.#registry.read(this.#key(''));
    const slices = [...values].map(
      ([key, value]) => [key.slice(this.#key('').length), value] as const,
    );
    return readMachine(new Map(slices));
  }

  #key(slice: string): string {
    return `machines/${showEndpoint(this.#place.host, this.#place.port)}/${slice}`;
  }
}
