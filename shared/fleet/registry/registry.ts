import { NetTcpError } from '../../errors.ts';
import type { Untrusted } from '../../printable.ts';
import { Gateway, jsonObject, linesOf, type RegistryAccess } from './gateway.ts';
import { after, base64, type Pair, pairsOf, revisionOf } from './pairs.ts';

/** Keys in one answer: even with values of the largest size it is no longer than an answer may be. */
const PAGE = 200;
/** Changes in one transaction: etcd takes 128, and 1.5 MB. */
const MAX_CHANGES = 100;
const MAX_CHANGE_BYTES = 500_000;
/** How often a watch that is silent is looked after: its member may be gone without a word. */
const LOOK_AFTER_MS = 5_000;

/** What all keys of a fleet were at one moment. */
export interface Snapshot {
  readonly revision: number;
  readonly values: ReadonlyMap<string, Untrusted>;
}

/** One change: `value` is `undefined` for a key that is gone. */
export interface Change {
  readonly key: string;
  readonly value: Untrusted | undefined;
}

/** The revision that a watch was to go on from is not kept any more, or never was: another history. */
export class HistoryLost extends Error {}

/** A fleet's keys in etcd. Keys are told without the prefix. */
export class Registry {
  readonly #gateway: Gateway;
  readonly #prefix: string;

  constructor(access: RegistryAccess) {
    this.#gateway = new Gateway(access);
    this.#prefix = `${access.address.prefix}/`;
  }

  /** The member that is asked now, `host:port`. */
  get member(): string {
    return this.#gateway.member;
  }

  /**
   * All keys that begin with `below`, at one revision.
   *
   * @throws {NetTcpError} as {@link Gateway.ask}; so do all methods
   */
  async read(below = ''): Promise<Snapshot> {
    const values = new Map<string, Untrusted>();
    const revision = await this.#eachPair(below, {}, ({ key, value }) => values.set(key, value));
    return { revision, values };
  }

  /** On which lease each key hangs that begins with `below`; `undefined`: on none. */
  async leases(below: string): Promise<ReadonlyMap<string, string | undefined>> {
    const leases = new Map<string, string | undefined>();
    const some = { keys_only: true };
    await this.#eachPair(below, some, ({ key, lease }) => leases.set(key, lease));
    return leases;
  }

  /** Grants a lease. @returns its id */
  async grant(ttlSeconds: number): Promise<string> {
    const { ID } = await this.#gateway.ask('lease/grant', { TTL: ttlSeconds });
    if (typeof ID === 'string') return ID;
    throw new NetTcpError(
      'Protocol',
      `The registry at ${this.member} grants a lease without an id.`,
    );
  }

  /** Begins the time of a lease anew. @returns whether there was that lease still */
  async keepAlive(lease: string): Promise<boolean> {
    const { result } = await this.#gateway.ask('lease/keepalive', { ID: lease });
    const { TTL } = (result ?? {}) as { readonly TTL?: unknown };
    return typeof TTL === 'string' && TTL !== '0';
  }

  /** Ends a lease, with all keys that hang on it. */
  async revoke(lease: string): Promise<void> {
    await this.#gateway.ask('lease/revoke', { ID: lease });
  }

  /**
   * Writes keys that hang on a lease, and removes others: in one transaction, if they fit into one.
   *
   * @param held a key that has to hang on that lease already; without one nothing has to
   * @returns whether it did: if not, nothing is written any more
   */
  async write(
    lease: string,
    changes: ReadonlyMap<string, string | undefined>,
    held?: string,
  ): Promise<boolean> {
    let part: object[] = [];
    let bytes = 0;
    const compare =
      held === undefined
        ? []
        : [{ key: base64(`${this.#prefix}${held}`), target: 'LEASE', lease, result: 'EQUAL' }];
    const send = async (): Promise<boolean> => {
      if (part.length === 0) return true;
      const { succeeded } = await this.#gateway.ask('kv/txn', { compare, success: part });
      part = [];
      bytes = 0;
      return succeeded === true;
    };
    for (const [name, value] of changes) {
      const key = base64(`${this.#prefix}${name}`);
      part.push(
        value === undefined
          ? { request_delete_range: { key } }
          : { request_put: { key, value: base64(value), lease } },
      );
      bytes += value?.length ?? 0;
      if (part.length >= MAX_CHANGES || bytes >= MAX_CHANGE_BYTES) {
        if (!(await send())) return false;
      }
    }
    return await send();
  }

  /**
   * Tells all changes from a revision on, in their order, until the connection breaks or `signal` fires.
   *
   * @param onChanges gets those of one moment, and the revision that they led to
   * @throws {HistoryLost} if the registry does not have that revision any more
   * @throws {NetTcpError} `Communication` in every other case
   */
  async watch(
    revision: number,
    onChanges: (changes: readonly Change[], revision: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const end = new AbortController();
    const either = AbortSignal.any([signal, end.signal]);
    const looking = setInterval(() => void this.#look(revision, end), LOOK_AFTER_MS);
    try {
      const stream = await this.#gateway.open(
        'watch',
        {
          create_request: {
            key: base64(this.#prefix),
            range_end: base64(after(this.#prefix)),
            start_revision: revision,
          },
        },
        either,
      );
      for await (const line of linesOf(stream)) {
        const { result, error } = jsonObject(line, this.member);
        if (error !== undefined) break;
        const told = (result ?? {}) as Readonly<Record<string, unknown>>;
        if (told['compact_revision'] !== undefined) throw new HistoryLost();
        if (told['canceled'] === true) break;
        const changes = this.#changesOf(told['events']);
        if (changes.length > 0) onChanges(changes, revisionOf(told));
      }
    } catch (error) {
      const { reason } = end.signal;
      if (reason instanceof HistoryLost) throw reason;
      if (error instanceof HistoryLost) throw error;
      if (error instanceof NetTcpError && error.code !== 'Communication') throw error;
    } finally {
      clearInterval(looking);
      end.abort();
    }
    const gone = `The registry at ${this.member} is gone.`;
    this.#gateway.leave();
    if (!signal.aborted) throw new NetTcpError('Communication', gone);
  }

  /** Asks whether a watch's registry is there, and has the same history still. */
  async #look(revision: number, end: AbortController): Promise<void> {
    try {
      const answer = await this.#gateway.ask('kv/range', { key: base64(this.#prefix) });
      if (revisionOf(answer) < revision - 1) end.abort(new HistoryLost());
    } catch (error) {
      end.abort(error);
    }
  }

  close(): void {
    this.#gateway.close();
  }

  /** Calls `take` for every key that begins with `below`, page by page. @returns the revision of all of them */
  async #eachPair(below: string, what: object, take: (pair: Pair) => void): Promise<number> {
    const end = base64(after(`${this.#prefix}${below}`));
    let revision = 0;
    let from = `${this.#prefix}${below}`;
    for (;;) {
      const page = await this.#gateway.ask('kv/range', {
        key: base64(from),
        range_end: end,
        limit: PAGE,
        ...what,
        ...(revision === 0 ? {} : { revision }),
      });
      if (revision === 0) revision = revisionOf(page);
      const found = pairsOf(page['kvs']);
      for (const pair of found) {
        take({ ...pair, key: pair.key.slice(this.#prefix.length) });
        from = `${pair.key}\0`;
      }
      if (page['more'] !== true || found.length === 0) return revision;
    }
  }

  #changesOf(events: unknown): readonly Change[] {
    if (!Array.isArray(events)) return [];
    return events.flatMap((event: unknown) => {
      const { type, kv } = (event ?? {}) as { readonly type?: unknown; readonly kv?: unknown };
      return pairsOf([kv]).map(({ key, value }) => ({
        key: key.slice(this.#prefix.length),
        value: type === 'DELETE' ? undefined : value,
      }));
    });
  }
}
