// What a publisher writes, and when: with a registry that dies, forgets and refuses as the test says.
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { NetTcpError } from '../../../shared/errors.ts';
import { Publisher } from '../../../shared/fleet/publish/publisher.ts';
import { readMachine } from '../../../shared/fleet/registry/machine.ts';
import type { Registry } from '../../../shared/fleet/registry/registry.ts';
import type { DaemonStatus } from '../../../shared/port-sharing/handshake/status.ts';
import { rawText, received, type Untrusted, untrusted } from '../../../shared/printable.ts';

const AT = '10.0.0.11:9000';
const KEY = `machines/${AT}/`;
const GONE = new NetTcpError('Communication', 'it cannot be reached');
const DENIED = new NetTcpError('SecurityAccessDenied', 'it refuses');

/** Keys that hang on leases, in memory; it notes what it is asked, and may be out of reach. */
class FakeRegistry {
  readonly asked: string[] = [];
  readonly keys = new Map<string, { readonly value: string; readonly lease: string }>();
  problem: NetTcpError | undefined;
  readonly #leases = new Set<string>();
  #last = 0;

  read(below: string): Promise<{ revision: number; values: Map<string, Untrusted> }> {
    return this.#answer('read', () => {
      const found = [...this.keys].filter(([key]) => key.startsWith(below));
      const values = new Map(found.map(([key, { value }]) => [key, untrusted(value)]));
      return { revision: 1, values };
    });
  }

  grant(seconds: number): Promise<string> {
    return this.#answer(`grant ${seconds}`, () => {
      const lease = `lease ${++this.#last}`;
      this.#leases.add(lease);
      return lease;
    });
  }

  keepAlive(lease: string): Promise<boolean> {
    return this.#answer(`keep ${lease}`, () => this.#leases.has(lease));
  }

  revoke(lease: string): Promise<void> {
    return this.#answer(`revoke ${lease}`, () => this.#end(lease));
  }

  leases(below: string): Promise<Map<string, string | undefined>> {
    return this.#answer('look', () => {
      const found = [...this.keys].filter(([key]) => key.startsWith(below));
      return new Map(found.map(([key, { lease }]) => [key, lease === '' ? undefined : lease]));
    });
  }

  write(
    lease: string,
    changes: ReadonlyMap<string, string | undefined>,
    held?: string,
  ): Promise<boolean> {
    const words = [...changes].map(
      ([key, value]) => `${value === undefined ? '-' : '+'}${key.slice(KEY.length)}`,
    );
    return this.#answer(`write ${words.join(' ')}`, () => {
      if (!this.#leases.has(lease)) throw new NetTcpError('Protocol', 'there is no such lease');
      if (held !== undefined && this.keys.get(held)?.lease !== lease) return false;
      for (const [key, value] of changes) {
        if (value === undefined) this.keys.delete(key);
        else this.keys.set(key, { value, lease });
      }
      return true;
    });
  }

  /** All leases end by themselves, and their keys with them. */
  forget(): void {
    for (const lease of this.#leases) this.#end(lease);
  }

  /** What it has of the machine: its state and its paths. */
  get machine(): unknown {
    const slices = [...this.keys].map(
      ([key, { value }]) => [key.slice(KEY.length), untrusted(value)] as const,
    );
    const machine = readMachine(new Map(slices));
    return machine && [machine.state, ...machine.paths];
  }

  #end(lease: string): void {
    this.#leases.delete(lease);
    for (const [key, one] of this.keys) if (one.lease === lease) this.keys.delete(key);
  }

  #answer<T>(asked: string, answer: () => T): Promise<T> {
    this.asked.push(asked);
    if (this.problem !== undefined) return Promise.reject(this.problem);
    return new Promise((resolve) => resolve(answer()));
  }
}

/** A daemon that has been there for long, with these endpoints. */
function daemon(...paths: readonly string[]): DaemonStatus {
  return {
    pid: 1,
    version: '0.2.0',
    since: '2026-11-01T12:00:00Z',
    transfer: 'hand-over',
    log: '/log',
    activated: [],
    pending: 0,
    notFound: 0,
    dropped: 0,
    relaying: 0,
    listeners: [],
    registrations: paths.map((path) => ({
      address: `net.tcp://localhost:9000/${path}`,
      pid: 7,
      since: '2026-11-01T12:00:00Z',
      listensOn: ['*4'],
      handedOver: 0,
      relayed: 0,
      queued: 0,
      refused: 0,
    })),
  };
}

/** A publisher that runs. `says.status` is what its daemon says: an error, or that none runs (`undefined`), too. */
function publish(
  first: DaemonStatus | undefined | Error,
  registry = new FakeRegistry(),
  by = 'machine-a',
) {
  const says = { status: first };
  const told: string[] = [];
  const stop = new AbortController();
  const publisher = new Publisher(
    registry as unknown as Registry,
    { host: '10.0.0.11', port: 9_000, isOwn: true },
    () =>
      says.status instanceof Error
        ? Promise.reject(says.status)
        : Promise.resolve(says.status && received(says.status)),
    {
      onPublished: (count, state) => void told.push(`${count} ${state}`),
      onDisplaced: (other) => void told.push(`displaced by ${other && rawText(other)}`),
      onUnreached: (count) => void told.push(`${count} unreached`),
      onLost: ({ message }) => void told.push(`lost: ${message}`),
      onFound: () => void told.push('found'),
    },
    by,
  );
  let outcome = 'runs';
  void publisher.run(stop.signal).then(
    () => (outcome = 'ended'),
    (error: unknown) => (outcome = NetTcpError.from(error).code),
  );
  onTestFinished(() => stop.abort());
  return { registry, says, told, stop: () => stop.abort(), outcome: () => outcome };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-28T12:00:00Z') });
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    const late = new AbortController();
    setTimeout(() => late.abort(), ms);
    return late.signal;
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test('it looks what is there, takes a lease, writes once, and keeps the lease', async () => {
  const { registry, told } = publish(daemon('a'));
  await pass(9_000);
  expect(registry.asked).toEqual(['read', 'grant 30', 'read', 'write +0']);
  expect(registry.machine).toEqual(['ready', '/a/']);
  await pass(52_000);
  expect(registry.asked.slice(4)).toEqual(
    Array.from({ length: 6 }, () => ['keep lease 1', 'look']).flat(),
  );
  expect(told).toEqual(['1 ready']);
});

test('how many endpoints no front reaches is told whenever there are others', async () => {
  const { registry, says, told } = publish(daemon('a'));
  await pass(1_000);
  const reached = daemon('a', 'b', 'c');
  const inner = reached.registrations.slice(1).map((one) => ({ ...one, listensOn: ['127.0.0.1'] }));
  says.status = { ...reached, registrations: [...reached.registrations.slice(0, 1), ...inner] };
  await pass(2_000);
  says.status = new Error('it is ending');
  await pass(1_000);
  says.status = reached;
  await pass(1_000);
  expect(told).toEqual(['1 ready', '2 unreached', '3 ready', '0 unreached']);
  expect(registry.machine).toEqual(['ready', '/a/', '/b/', '/c/']);
});

test('what comes and goes is written in one piece, and only the slices that it is in', async () => {
  const name = (index: number): string => `s${String(index).padStart(3, '0')}`;
  const many = Array.from({ length: 150 }, (_, index) => name(index));
  const { registry, says, told } = publish(daemon(...many));
  await pass(1_000);
  says.status = daemon(...many, name(150));
  await pass(1_000);
  says.status = daemon(...many.slice(0, 100));
  await pass(1_000);
  says.status = daemon();
  await pass(1_000);
  const writes = registry.asked.filter((one) => one.startsWith('write'));
  expect(writes).toEqual(['write +0 +1', 'write +1', 'write -1 +0', 'write +0']);
  expect(told).toEqual(['150 ready', '151 ready', '100 ready', '0 ready']);
  expect(registry.machine).toEqual(['ready']);
});

test('a lease that is lost is granted anew, and everything written again', async () => {
  const { registry, told, outcome } = publish(daemon('a', 'b'));
  await pass(1_000);
  registry.forget();
  expect(registry.machine).toBe(undefined);
  registry.asked.length = 0;
  await pass(11_000);
  expect(registry.asked).toEqual(['keep lease 1', 'look', 'grant 30', 'read', 'write +0']);
  expect(registry.machine).toEqual(['ready', '/a/', '/b/']);
  expect(told).toEqual(['2 ready', '2 ready']);
  expect(outcome()).toBe('runs');
});

test('the registry is gone and comes back: it is told once, and what has changed is written', async () => {
  const { registry, says, told } = publish(daemon('a'));
  await pass(1_000);
  registry.problem = GONE;
  says.status = daemon('a', 'b');
  await pass(60_000);
  expect(told).toEqual(['1 ready', `lost: ${GONE.message}`]);
  // As it was when it went: only its lease may have ended meanwhile.
  expect(registry.machine).toEqual(['ready', '/a/']);
  registry.problem = undefined;
  registry.forget();
  await pass(2_000);
  expect(registry.machine).toEqual(['ready', '/a/', '/b/']);
  expect(told.slice(2).sort()).toEqual(['2 ready', 'found']);
  // It may go again, which is told again.
  registry.problem = GONE;
  await pass(60_000);
  expect(told.at(-1)).toBe(`lost: ${GONE.message}`);
});

test.for<[name: string, problem: NetTcpError, outcome: string]>([
  ['is not there yet', GONE, 'runs'],
  ['refuses', DENIED, 'SecurityAccessDenied'],
  ['is none', new NetTcpError('Protocol', 'it is none'), 'Protocol'],
])('a registry that %s at the start', async ([, problem, expected]) => {
  const registry = new FakeRegistry();
  registry.problem = problem;
  const { told, outcome } = publish(daemon('a'), registry);
  await pass(5_000);
  expect(outcome()).toBe(expected);
  expect(told).toEqual(expected === 'runs' ? [`lost: ${GONE.message}`] : []);
});

test('one that refuses later is asked on: whoever looks after it is at it', async () => {
  const { registry, says, told, outcome } = publish(daemon('a'));
  await pass(1_000);
  registry.problem = DENIED;
  says.status = daemon('a', 'b');
  await pass(5_000);
  expect(outcome()).toBe('runs');
  registry.problem = undefined;
  await pass(2_000);
  expect(told).toEqual(['1 ready', `lost: ${DENIED.message}`, '2 ready', 'found']);
});

test('it says that it leaves, gives fronts a moment to hear it, and ends its lease', async () => {
  const { registry, told, stop, outcome } = publish(daemon('a'));
  await pass(1_000);
  registry.asked.length = 0;
  stop();
  await pass(1_900);
  expect(registry.asked).toEqual(['write +0']);
  expect(registry.machine).toEqual(['leaving', '/a/']);
  expect(outcome()).toBe('runs');
  await pass(200);
  expect(registry.asked).toEqual(['write +0', 'revoke lease 1']);
  expect(registry.machine).toBe(undefined);
  expect(told).toEqual(['1 ready', '1 leaving']);
  expect(outcome()).toBe('ended');
});

test('it waits for a registry only so long when it leaves: its lease ends by itself', async () => {
  const { registry, stop, outcome } = publish(daemon('a'));
  await pass(1_000);
  registry.problem = GONE;
  stop();
  await pass(4_000);
  expect(outcome()).toBe('runs');
  await pass(2_000);
  expect(outcome()).toBe('ended');
  expect(registry.machine).toEqual(['ready', '/a/']);
});

test('one that never got through leaves nothing, and at once', async () => {
  const registry = new FakeRegistry();
  registry.problem = GONE;
  const { stop, outcome } = publish(daemon('a'), registry);
  await pass(3_000);
  registry.problem = undefined;
  stop();
  await pass(1);
  expect(outcome()).toBe('ended');
  expect(registry.asked).not.toContain('write +0');
});

test('a daemon that does not answer, or is gone, takes nothing away', async () => {
  const { registry, says, told } = publish(daemon('a'));
  await pass(1_000);
  for (const status of [new Error('it is ending'), undefined, { ...daemon(), pid: 2 }]) {
    says.status = status;
    await pass(5_000);
    expect(registry.machine).toEqual(['ready', '/a/']);
  }
  // The new one is believed in the end.
  await pass(6_000);
  expect(registry.machine).toEqual(['ready']);
  expect(told).toEqual(['1 ready', '0 ready']);
});

test('what a publisher before it left stays until the daemon is believed', async () => {
  const first = publish(daemon('old'));
  await pass(1_000);
  const { registry } = first;
  const since = new Date().toISOString();
  const second = publish({ ...daemon('new'), since }, registry);
  await pass(1_000);
  expect(second.told).toEqual(['2 ready']);
  expect(registry.machine).toEqual(['ready', '/new/', '/old/']);
});

test.for<[what: string, take: (registry: FakeRegistry) => void]>([
  ['all of its keys', ({ keys }) => keys.clear()],
  ['the first of its keys', ({ keys }) => void keys.delete(`${KEY}0`)],
  ['another of its keys', ({ keys }) => void keys.delete(`${KEY}1`)],
  ['its lease', (registry) => registry.forget()],
  [
    'a key that hangs on nothing',
    ({ keys }) => void keys.set(`${KEY}0`, { value: '{}', lease: '' }),
  ],
])('somebody takes %s away, and it puts everything back', async ([, take]) => {
  const many = Array.from({ length: 150 }, (_, index) => `s${index}`);
  const { registry, told } = publish(daemon(...many));
  await pass(1_000);
  const before = registry.machine;
  take(registry);
  expect(registry.machine).not.toEqual(before);
  await pass(11_000);
  expect(registry.machine).toEqual(before);
  expect(told).toEqual(['150 ready', '150 ready']);
});

test('of two at one address the later has it; the first says whose it is, and waits', async () => {
  const registry = new FakeRegistry();
  const first = publish(daemon('a'), registry);
  await pass(1_000);
  const second = publish(daemon('b'), registry, 'machine-b, process 7');
  await pass(60_000);
  // The second believes what was there only until its daemon says otherwise: at once, as it has been there for long.
  expect(registry.machine).toEqual(['ready', '/b/']);
  expect(first.told).toEqual(['1 ready', 'displaced by machine-b, process 7']);
  expect(second.told).toEqual(['1 ready']);
  // What happens at the first is nobody's business now.
  first.says.status = daemon('a', 'c');
  await pass(60_000);
  expect(registry.machine).toEqual(['ready', '/b/']);
  second.stop();
  await pass(5_000);
  expect(registry.machine).toEqual(['ready', '/a/', '/c/']);
  expect(first.told.slice(2)).toEqual(['2 ready']);
});

test.for(['at once', 'before it has noticed', 'later'])(
  'one that was displaced and is stopped, %s, leaves the other alone',
  async (when) => {
    const registry = new FakeRegistry();
    const first = publish(daemon('a'), registry);
    await pass(9_000);
    publish(daemon('a', 'b'), registry);
    await pass(when === 'at once' ? 1 : when === 'later' ? 30_000 : 500);
    if (when !== 'at once') first.says.status = daemon('a', 'c');
    first.stop();
    await pass(60_000);
    expect(first.outcome()).toBe('ended');
    expect(registry.machine).toEqual(['ready', '/a/', '/b/']);
  },
);
