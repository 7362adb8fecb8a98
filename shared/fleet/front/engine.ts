import { AdminSocket, word } from './admin-socket.ts';
import { mapValue, readMap, readServers, serverName, type ServerState } from './engine-state.ts';
import type { Health } from './members.ts';
import { MACHINES } from './pools.ts';
import type { Routing, Servers } from './routing.ts';

/** Above this many paths one that changes or goes takes HAProxy so long that all are written anew, beside the old. */
const MAX_SINGLE_CHANGES_AT = 10_000;

/**
 * Servers that are changed at once: HAProxy takes command after command anyway, and to wait for each answer takes
 * minutes with 10,000 of them.
 */
const AT_ONCE = 100;

/** What an engine needs to know of its configuration. */
interface EngineOptions {
  /** Path of the admin socket. */
  readonly socket: string;
  /** Path of the map's file, which is its name. */
  readonly map: string;
  /** What is said of each server behind its address. */
  readonly serverOptions: string;
}

/** HAProxy, while it runs: brings its servers and its map to where they have to be. */
export class Engine {
  readonly #options: EngineOptions;
  /** The process that `#values` and `#servers` are of. */
  #pid: string | undefined;
  #values = new Map<string, string>();
  /** By `BACKEND/AT`. */
  readonly #servers = new Map<string, { isOut: boolean }>();

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** Paths that HAProxy has. */
  get size(): number {
    return this.#values.size;
  }

  /**
   * Brings it up to date: first servers that are new, then paths, then servers that have no path any more. So no
   * path ever leads to where nobody is.
   *
   * @throws {NetTcpError} `Communication` if it cannot be reached; the next call begins with what HAProxy has then
   */
  async apply(routing: Routing): Promise<void> {
    let admin: AdminSocket | undefined;
    try {
      admin = await AdminSocket.open(this.#options.socket);
      const isNew = await this.#meet(admin);
      const taken = routing.takeChanges();
      const servers = routing.servers();
      await this.#addServers(admin, servers);
      const changes = new Map<string, string | undefined>();
      if (isNew) {
        for (const path of this.#values.keys()) changes.set(path, undefined);
        for (const [path, target] of routing.targets()) changes.set(path, mapValue(target));
      } else {
        for (const [path, target] of taken) changes.set(path, target && mapValue(target));
      }
      await this.#changePaths(admin, changes);
      await this.#takeOut(admin, servers);
      routing.applied();
    } catch (error) {
      this.#pid = undefined;
      throw error;
    } finally {
      admin?.close();
    }
  }

  /** What its checks say; servers that were taken out, and have no connections any more, are removed meanwhile. */
  async look(): Promise<{ readonly health: Health; readonly isKnown: boolean }> {
    const admin = await AdminSocket.open(this.#options.socket);
    try {
      const isKnown = pidOf(await admin.ask('show info')) === this.#pid;
      const states = readServers(await admin.ask('show servers state'));
      const health = new Map<string, boolean>();
      for (const { backend, at, isUp, isOut } of states) {
        if (backend === MACHINES && !isOut) health.set(at, isUp);
      }
      const out = isKnown ? states.filter(({ isOut }) => isOut) : [];
      await severalAtOnce(out, ({ backend, at }) => this.#remove(admin, backend, at));
      return { health, isKnown };
    } finally {
      admin.close();
    }
  }

  /** @returns whether it is another process than before, with what its files said */
  async #meet(admin: AdminSocket): Promise<boolean> {
    const pid = pidOf(await admin.ask('show info'));
    if (pid === this.#pid) return false;
    this.#servers.clear();
    for (const state of readServers(await admin.ask('show servers state'))) this.#note(state);
    this.#values = new Map(readMap(await admin.ask(`show map ${this.#options.map}`)));
    this.#pid = pid;
    return true;
  }

  #note({ backend, at, isOut }: ServerState): void {
    this.#servers.set(`${backend}/${at}`, { isOut });
  }

  async #addServers(admin: AdminSocket, servers: Servers): Promise<void> {
    for (const [backend, machines] of servers) {
      await severalAtOnce(machines, (at) => this.#addServer(admin, backend, at));
    }
  }

  async #addServer(admin: AdminSocket, backend: string, at: string): Promise<void> {
    const name = `${backend}/${serverName(at)}`;
    const known = this.#servers.get(`${backend}/${at}`);
    if (known?.isOut === false) return;
    if (known === undefined) {
      const { serverOptions } = this.#options;
      await admin.order(`add server ${name} ${at} ${serverOptions}`, /^New server registered/);
      await admin.order(`enable health ${name}`);
    }
    await admin.order(`set server ${name} state ready`);
    this.#servers.set(`${backend}/${at}`, { isOut: false });
  }

  async #changePaths(
    admin: AdminSocket,
    wanted: ReadonlyMap<string, string | undefined>,
  ): Promise<void> {
    const { map } = this.#options;
    const changes = [...wanted].filter(([path, value]) => this.#values.get(path) !== value);
    const added = changes.filter(([path]) => !this.#values.has(path));
    const isLarge = this.#values.size > MAX_SINGLE_CHANGES_AT;
    const isSwapped = isLarge && added.length < changes.length;
    for (const [path, value] of changes) {
      if (!isSwapped && this.#values.has(path)) {
        if (value === undefined) await admin.order(`del map ${map} ${word(path)}`);
        else await admin.order(`set map ${map} ${word(path)} ${value}`);
      }
    }
    for (const [path, value] of changes) {
      if (value === undefined) this.#values.delete(path);
      else this.#values.set(path, value);
    }
    if (!isSwapped) return await admin.orderLines(`add map ${map}`, linesOf(added));
    const [, version] = /version created: (\d+)/.exec(await admin.ask(`prepare map ${map}`)) ?? [];
    await admin.orderLines(`add map @${version} ${map}`, linesOf(this.#values));
    await admin.order(`commit map @${version} ${map}`);
  }

  async #takeOut(admin: AdminSocket, servers: Servers): Promise<void> {
    await severalAtOnce(this.#servers, async ([key, known]) => {
      const { backend, at } = partsOf(key);
      if (servers.get(backend)?.has(at) === true || known.isOut) return;
      await admin.order(`set server ${backend}/${serverName(at)} state maint`);
      known.isOut = true;
      await this.#remove(admin, backend, at);
    });
  }

  /** Removes a server, unless it has connections still. */
  async #remove(admin: AdminSocket, backend: string, at: string): Promise<void> {
    const said = await admin.ask(`del server ${backend}/${serverName(at)}`);
    if (said.startsWith('Server deleted')) this.#servers.delete(`${backend}/${at}`);
  }
}

/** Begins with as many as may be under way at once, and with the next ones when those are done. */
async function severalAtOnce<T>(all: Iterable<T>, act: (one: T) => Promise<void>): Promise<void> {
  const list = [...all];
  for (let from = 0; from < list.length; from += AT_ONCE) {
    await Promise.all(list.slice(from, from + AT_ONCE).map(act));
  }
}

function partsOf(key: string): { readonly backend: string; readonly at: string } {
  const slash = key.indexOf('/');
  return { backend: key.slice(0, slash), at: key.slice(slash + 1) };
}

function pidOf(info: string): string | undefined {
  return /^Pid: (\d+)$/m.exec(info)?.[1];
}

function* linesOf(values: Iterable<readonly [string, string | undefined]>): Generator<string> {
  for (const [path, value] of values) if (value !== undefined) yield `${path} ${value}`;
}
