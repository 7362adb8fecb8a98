import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { NetTcpError } from '../../errors.ts';
import { makeDirectory } from '../../port-sharing/machine/files/make-directory.ts';
import { replaceWhole } from '../../port-sharing/machine/files/write-file.ts';
import { attempt } from '../../system-error.ts';
import { sleep } from '../../time.ts';
import { Fleet } from './fleet.ts';
import {
  backendsText,
  type FrontOptions,
  mapText,
  readFiles,
  serverOptions,
} from './configuration.ts';
import { Engine } from './engine.ts';

/** How often HAProxy is looked after: whether it is another process, and what its checks say. */
const LOOK_EVERY_MS = 1_000;
/** Files are written this much less often than it takes to write them: with a million paths a second each time. */
const WRITING_SHARE = 20;

/** What a front tells of. */
interface FrontEvents {
  /** HAProxy is up to date, with other numbers than before. */
  onApplied(told: { readonly machines: number; readonly paths: number }): void;
  /** Machines that were removed, as nobody speaks of them and their checks fail. */
  onRemoved(machines: readonly string[]): void;
  /** The checks of all machines fail: nobody gets through. Once until one succeeds. */
  onAllDown(): void;
  /** HAProxy or the disk is out of reach; once until it is there again. */
  onLost(problem: NetTcpError): void;
  /** Paths that several machines have, and only one gets, for want of pools. */
  onUnpooled(paths: number): void;
}

/** Keeps one HAProxy, and the files that it starts from, as a fleet is. */
export class Front {
  readonly fleet: Fleet;
  readonly #options: FrontOptions;
  readonly #backends: string;
  readonly #events: FrontEvents;
  readonly #engine: Engine;
  #isBehind = true;
  #areFilesBehind = false;
  #nextWriteAt = 0;
  /** What does not work now: it was told once. */
  readonly #failing = new Set<'haproxy' | 'files'>();
  #unpooled = 0;
  #areAllDown = false;
  #told = '';
  #wake: AbortController = new AbortController();

  /** @throws {NetTcpError} `Communication` if the directory cannot be used */
  constructor(options: FrontOptions, events: FrontEvents) {
    this.#options = options;
    this.#events = events;
    this.#backends = path.join(path.dirname(options.map), 'backends.cfg');
    this.#engine = new Engine({ ...options, serverOptions: serverOptions(options) });
    this.fleet = new Fleet(options.pools, () => {
      this.#isBehind = true;
      this.#wake.abort();
    });
    attempt(
      `The directory ${path.dirname(options.map)} cannot be made`,
      'Name another: --directory.',
      () => makeDirectory(path.dirname(options.map)),
    );
    this.#remember();
  }

  /** Follows the fleet until `stop` fires. HAProxy goes on without it, as it is then. */
  async run(stop: AbortSignal): Promise<void> {
    let lookAt = 0;
    stop.addEventListener('abort', () => this.#wake.abort(), { once: true });
    while (!stop.aborted) {
      this.#wake = new AbortController();
      await this.#once('haproxy', async () => {
        if (this.#hasChanges) await this.#apply();
        if (performance.now() < lookAt) return;
        lookAt = performance.now() + LOOK_EVERY_MS;
        await this.#look();
      });
      await this.#once('files', async () => this.#writeFiles());
      const isFailing = this.#failing.has('haproxy');
      if (!isFailing && this.#hasChanges) continue;
      await sleep(LOOK_EVERY_MS, 0, isFailing ? stop : this.#wake.signal);
    }
    this.#nextWriteAt = 0;
    await this.#once('files', async () => this.#writeFiles());
  }

  /** What HAProxy has is never replaced by what is not known yet. */
  get #hasChanges(): boolean {
    return this.#isBehind && this.fleet.isKnown;
  }

  async #apply(): Promise<void> {
    this.#isBehind = false;
    const { routing } = this.fleet;
    try {
      await this.#engine.apply(routing);
    } catch (error) {
      this.#isBehind = true;
      // The files are as the fleet is, even if HAProxy does not run: it starts from them.
      routing.takeChanges();
      throw error;
    } finally {
      this.#areFilesBehind = true;
    }
    if (routing.isChanged) this.#isBehind = true;
    this.#tell(routing.machines.size, routing.size);
    if (routing.unpooled !== this.#unpooled) this.#events.onUnpooled(routing.unpooled);
    this.#unpooled = routing.unpooled;
  }

  #tell(machines: number, paths: number): void {
    const told = `${machines} ${paths}`;
    if (told !== this.#told) this.#events.onApplied({ machines, paths });
    this.#told = told;
  }

  async #look(): Promise<void> {
    const { health, isKnown } = await this.#engine.look();
    if (!isKnown) this.#isBehind = true;
    const areAllDown = health.size > 0 && [...health.values()].every((isUp) => !isUp);
    if (areAllDown && !this.#areAllDown) this.#events.onAllDown();
    this.#areAllDown = areAllDown;
    const removed = this.fleet.judge(health);
    if (removed.length > 0) this.#events.onRemoved(removed);
  }

  async #once(what: 'haproxy' | 'files', act: () => Promise<void>): Promise<void> {
    try {
      await act();
      this.#failing.delete(what);
    } catch (error) {
      if (!this.#failing.has(what)) this.#events.onLost(NetTcpError.from(error));
      this.#failing.add(what);
    }
  }

  /** HAProxy begins with what the files say. It does not start without them, so there are empty ones at least. */
  #remember(): void {
    const { map } = this.#options;
    const areThere = existsSync(map) && existsSync(this.#backends);
    if (!areThere) return this.#write();
    const advice = 'Remove it: it is written again.';
    const [backends, paths] = [this.#backends, map].map((file) =>
      attempt(`The file ${file} cannot be read`, advice, () => readFileSync(file, 'utf8')),
    ) as [string, string];
    this.fleet.remember(readFiles(backends, paths));
  }

  #writeFiles(): void {
    if (!this.#areFilesBehind || performance.now() < this.#nextWriteAt) return;
    const begun = performance.now();
    this.#write();
    this.#areFilesBehind = false;
    const now = performance.now();
    this.#nextWriteAt = now + WRITING_SHARE * (now - begun);
  }

  #write(): void {
    const { routing } = this.fleet;
    const advice = 'Name another directory: --directory.';
    const text = (lines: Iterable<string>): string => `${[...lines].join('\n')}\n`;
    // The map last: what leads to a backend's server is there when that is.
    replaceWhole(this.#backends, text(backendsText(routing, this.#options)), advice);
    replaceWhole(this.#options.map, text(mapText(routing)), advice);
  }
}
