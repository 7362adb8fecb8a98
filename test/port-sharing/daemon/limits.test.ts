// The daemon's counts and times, on both sides of each, without a process and without waiting.
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import path from 'node:path';
import { type EndpointAddress, parseAddress } from '../../../shared/address.ts';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type Limits, withLimits } from '../../../shared/limits.ts';
import { Admission } from '../../../shared/port-sharing/daemon/admission.ts';
import type { Arrival } from '../../../shared/port-sharing/daemon/arrival.ts';
import { Callers } from '../../../shared/port-sharing/daemon/control/callers.ts';
import { NOBODY, Shares } from '../../../shared/port-sharing/daemon/control/shares.ts';
import type { CallerControl } from '../../../shared/port-sharing/handshake/link.ts';
import { ControlChannel } from '../../../shared/port-sharing/handshake/channel.ts';
import { DispatchQueue } from '../../../shared/port-sharing/daemon/services/dispatch-queue.ts';
import { Ending } from '../../../shared/port-sharing/daemon/succession/ending.ts';
import { openLogFile } from '../../../shared/port-sharing/machine/log.ts';
import type {
  OwnerLike,
  Registration,
} from '../../../shared/port-sharing/daemon/registrations/registration.ts';
import { Registry } from '../../../shared/port-sharing/daemon/registrations/registry.ts';
import type { Destination } from '../../../shared/port-sharing/daemon/destination.ts';
import { Router } from '../../../shared/port-sharing/daemon/router.ts';
import { Idle } from '../../../shared/port-sharing/daemon/idle.ts';
import { encodeMessage, LENGTH_BYTES } from '../../../shared/port-sharing/handshake/codec.ts';
import { Fronts } from '../../../shared/transport/fronts/fronts.ts';
import { Origin } from '../../../shared/transport/fronts/origin.ts';
import { eventually } from '../../helpers/eventually.ts';
import { scratchDirectory } from '../../helpers/directory.ts';

function fakeTime(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
}

function admission(limits: Partial<Limits>): Admission {
  return new Admission(withLimits(limits), {
    descriptorLimit: 1_000_000,
    handsOver: true,
    shares: { total: 0 },
  });
}

/** Opens `count` connections from `source` that say nothing. @returns how many of them are turned away */
async function silent(door: Admission, count: number, source: string, ms: number): Promise<number> {
  let away = 0;
  for (let index = 0; index < count; index++) {
    door.add({ remoteAddress: source, turnAway: () => (away += 1) } as unknown as Arrival);
  }
  await vi.advanceTimersByTimeAsync(ms);
  return away;
}

const AWAY = '192.0.2.1';
const HERE = '127.0.0.1';

test.for<[limits: Partial<Limits>, source: string]>([
  [{ maxPendingPreamblesPerSource: 5 }, AWAY],
  // Where drops begin at the bound there is nothing random in between.
  [{ maxPendingPreambles: 5, earlyDropPreambles: 5 }, HERE],
  [{ maxPendingPreambles: 5, earlyDropPreambles: 5 }, AWAY],
])('%o: five silent connections from %s stay, the sixth does not', async ([limits, source]) => {
  fakeTime();
  const door = admission({ silentAfterMs: 100, ...limits });
  expect(await silent(door, 5, source, 101)).toBe(0);
  expect(await silent(door, 1, source, 101)).toBe(1);
});

// From the bound on, one more is turned away with a chance that grows by a tenth with each that stays; the
// first after it with none at all.
test.for([
  [0, 51],
  [0.5, 56],
  [0.99, 60],
])('earlyDropPreambles 50 of 60: where the dice show %d, %d stay', async ([shown = 0, staying]) => {
  fakeTime();
  const dice = vi.spyOn(Math, 'random').mockReturnValue(shown);
  onTestFinished(() => dice.mockRestore());
  const door = admission({
    silentAfterMs: 100,
    maxPendingPreambles: 60,
    earlyDropPreambles: 50,
  });
  expect(100 - (await silent(door, 100, HERE, 101))).toBe(staying);
});

test('silentAfterMs: a connection is no silent one before', async () => {
  fakeTime();
  const door = admission({ silentAfterMs: 100, maxPendingPreambles: 0, earlyDropPreambles: 0 });
  let away = 0;
  door.add({ remoteAddress: HERE, turnAway: () => (away += 1) } as unknown as Arrival);
  await vi.advanceTimersByTimeAsync(99);
  expect(away).toBe(0);
  await vi.advanceTimersByTimeAsync(2);
  expect(away).toBe(1);
});

/** Queues `count` connections for a service that takes nothing. */
function queue(limits: Partial<Limits>, count: number, queueLength: number): { away: number } {
  const seen = { away: 0 };
  const waiting = new DispatchQueue(withLimits(limits), { notTaken: () => void (seen.away += 1) });
  onTestFinished(() => void waiting.clear());
  const registration = { queueLength, counts: { refused: 0 } } as Registration<Destination>;
  for (let index = 0; index < count; index++) {
    waiting.add({ registration, arrival: {} as Arrival } as never);
    waiting.checkLength(registration);
  }
  return seen;
}

test('busyAfterMs: until then a queue may be too long, and no longer', async () => {
  fakeTime();
  await vi.advanceTimersByTimeAsync(1_000);
  const within = queue({ busyAfterMs: 100, listenBacklog: 100 }, 5, 5);
  const beyond = queue({ busyAfterMs: 100, listenBacklog: 100 }, 7, 5);
  await vi.advanceTimersByTimeAsync(99);
  expect([within.away, beyond.away]).toEqual([0, 0]);
  await vi.advanceTimersByTimeAsync(2);
  expect([within.away, beyond.away]).toEqual([0, 2]);
});

test.for([
  [10, 0],
  [11, 1],
])('listenBacklog 10: of %d that wait in a burst %d are turned away', ([count = 0, away]) => {
  fakeTime();
  expect(queue({ busyAfterMs: 100, listenBacklog: 10 }, count, 5).away).toBe(away);
});

const owner = (pid: number): OwnerLike => ({ pid, open: 0, isStuck: false });

function enter(
  registry: Registry<OwnerLike>,
  by: OwnerLike,
  address: EndpointAddress,
  isReplica: boolean,
): void {
  const counts = { handedOver: 0, relayed: 0, refused: 0 };
  const hosts = ['127.0.0.1'];
  const since = new Date(0);
  registry.add({ address, hosts, isReplica, queueLength: 1, owner: by, since, counts });
}

test('maxReplicas 3: three processes have one address, the fourth is refused', () => {
  const registry = new Registry<OwnerLike>(withLimits({ maxReplicas: 3 }));
  const wish = { address: 'net.tcp://localhost:9000/x', hosts: ['127.0.0.1'], isReplica: true };
  for (let pid = 1; pid <= 4; pid++) {
    const address = registry.check(wish, owner(pid));
    if (pid === 4) expect(address).toMatchObject({ status: 'quota-exceeded' });
    else if ('status' in address) expect.fail(address.message);
    else enter(registry, owner(pid), address, true);
  }
});

test.for<[limits: Partial<Limits>, owners: number]>([
  [{ maxRegistrationsPerService: 3 }, 1],
  [{ maxRegistrations: 3 }, 3],
])(
  '%o: three registrations of %d services are taken, the fourth is refused',
  ([limits, owners]) => {
    const registry = new Registry<OwnerLike>(withLimits(limits));
    const processes = Array.from({ length: owners }, (_, pid) => owner(pid));
    const hosts = ['127.0.0.1'];
    for (let index = 0; index < 4; index++) {
      const own = processes[index % owners] ?? owner(-1);
      const wish = { address: `net.tcp://localhost:9000/${index}`, hosts, isReplica: false };
      const address = registry.check(wish, own);
      if (index === 3) expect(address).toMatchObject({ status: 'quota-exceeded' });
      else if ('status' in address) expect.fail(address.message);
      else {
        enter(registry, own, address, false);
      }
    }
  },
);

test.for([
  [1_000, 3],
  // A quarter of what there is, where that is less.
  [8, 2],
])('maxDescriptorsPerProcess 3 of %d: a process has %d, and others find room', ([all, own = 0]) => {
  const shares = new Shares(3, Number(all));
  for (let count = 0; count < own; count++) {
    expect(shares.hasRoom(7)).toBe(true);
    shares.take(7);
  }
  expect(shares.hasRoom(7)).toBe(false);
  expect(() => shares.reserve(7, 1)).toThrow(/process 7 has its share/);
  expect(shares.hasRoom(8)).toBe(true);
  shares.giveBack(7);
  shares.reserve(7, 1)();
  expect(shares.hasRoom(7)).toBe(true);
  expect(shares.total).toBe(own - 1);
});

test('half of the descriptors are for clients, however many processes share the rest', () => {
  const shares = new Shares(1_000, 8);
  for (const pid of [1, 1, 2, 2]) shares.take(pid);
  expect(shares.hasRoom(3)).toBe(false);
});

test.for<[held: readonly number[], what: string]>([
  [[1_000], 'stays'],
  [[400, 600], 'stays'],
  [[1_001], 'goes'],
  [[400, 601], 'goes'],
])('maxControlBytesPerProcess 1000: %o wait for one process, and it %s', ([held, what]) => {
  const callers = new Callers(new Shares(100, 1_000), 1_000);
  const control = (heldBytes: number) =>
    ({ heldBytes, socket: { once() {} } }) as unknown as CallerControl;
  expect(callers.add(control(5_000), 8)).toBe(true);
  const own = held.map(control);
  for (const each of own) expect(callers.add(each, 7)).toBe(true);
  for (const each of own) expect(callers.mayHold(each)).toBe(what === 'stays');
});

test('a process that the system does not name is the one that it says it is', () => {
  const callers = new Callers(new Shares(1, 1_000), 0);
  const control = () => ({ socket: { once() {} } }) as unknown as CallerControl;
  const [known, first, second] = [control(), control(), control()];
  expect(callers.add(known, 7)).toBe(true);
  expect(callers.identify(known, 9)).toBe(7);
  for (const each of [first, second]) expect(callers.add(each, NOBODY)).toBe(true);
  expect(callers.identify(first, 9)).toBe(9);
  expect(callers.identify(second, 9)).toBe(undefined);
});

function makeRouter(limits: Limits, fronts = Fronts.none): Router {
  return new Router({
    limits,
    log: { write() {} },
    registry: new Registry<Destination>(limits),
    admission: admission({}),
    idle: new Idle(limits.idleExitMs),
    fronts,
  });
}

test('recoveryGraceMs: a path that nobody has waits so long, and no longer', async () => {
  fakeTime();
  const limits = withLimits({ recoveryGraceMs: 100 });
  const faults: string[] = [];
  const router = makeRouter(limits);
  router.awaitServices(() => {});
  const arrival = { port: 9000, via: 'net.tcp://localhost/x', localAddress: HERE };
  const refuse = (fault: string): void => void faults.push(fault);
  router.route({ ...arrival, refuse } as unknown as Arrival);
  await vi.advanceTimersByTimeAsync(99);
  expect(faults).toEqual([]);
  await vi.advanceTimersByTimeAsync(3);
  expect(faults).toEqual(['EndpointNotFound']);
});

test('departureGraceMs: a connection of a front waits so long for what has just gone, and is closed', async () => {
  fakeTime();
  const limits = withLimits({ departureGraceMs: 100 });
  const log: string[] = [];
  const router = makeRouter(limits, Fronts.parse('192.0.2.1/32'));
  const route = (name: string, via: string, isFronted: boolean): void => {
    router.route({
      port: 9000,
      via,
      localAddress: HERE,
      origin: new Origin('192.0.2.1', isFronted),
      refuse: (fault: string) => void log.push(`${name}: ${fault}`),
      close: () => void log.push(`${name}: closed`),
    } as unknown as Arrival);
  };
  router.departures.note(parseAddress('net.tcp://localhost:9000/x'));
  await vi.advanceTimersByTimeAsync(50);
  route('below it', 'net.tcp://front/X/y', true);
  route('beside it', 'net.tcp://front/xy', true);
  route('from elsewhere', 'net.tcp://localhost/x', false);
  const refused = ['beside it: EndpointNotFound', 'from elsewhere: EndpointNotFound'];
  expect(log).toEqual(refused);
  await vi.advanceTimersByTimeAsync(49);
  expect(log).toEqual(refused);
  await vi.advanceTimersByTimeAsync(2);
  expect(log).toEqual([...refused, 'below it: closed']);
  route('late', 'net.tcp://front/x', true);
  expect(log.at(-1)).toBe('late: EndpointNotFound');
});

test('who brings the sockets of one port again and again holds up no other port', async () => {
  fakeTime();
  const limits = withLimits({ recoveryGraceMs: 100 });
  const faults: string[] = [];
  const router = makeRouter(limits);
  const arrivalAt = (port: number): Arrival => {
    const refuse = (): void => void faults.push(`${port}`);
    const arrival = { port, via: 'net.tcp://localhost/x', localAddress: HERE, refuse };
    return arrival as unknown as Arrival;
  };
  router.awaitServices(() => {}, 9001);
  await vi.advanceTimersByTimeAsync(99);
  router.awaitServices(() => {}, 9001);
  for (const port of [9000, 9001]) router.route(arrivalAt(port));
  await vi.advanceTimersByTimeAsync(50);
  expect(faults).toEqual(['9000']);
  await vi.advanceTimersByTimeAsync(100);
  expect(faults).toEqual(['9000', '9001']);
});

test('drainTimeoutMs: a daemon that ends waits so long for what it relays, and no longer', async () => {
  fakeTime();
  const ended = vi.fn();
  const part = { close() {}, arrivals: new Set(), counts: { relayed: 1 } };
  const options = { registrar: part, router: part, idle: part, services: [] };
  const limits = withLimits({ drainTimeoutMs: 100 });
  const ending = new Ending({ limits, log: { write() {} }, ...options } as never);
  void ending.stop('why').then(ended);
  await vi.advanceTimersByTimeAsync(99);
  expect(ended).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(ended).toHaveBeenCalled();
});

test('leaveMs: a daemon that is told to stop only says so for so long, and no longer; twice, and it is over', async () => {
  fakeTime();
  for (const isUrgent of [false, true]) {
    const heard: string[] = [];
    const says = (what: string) => () => void heard.push(what);
    const part = { close: says('close'), arrivals: new Set(), counts: { relayed: 0 } };
    const router = { ...part, health: { leave: says('leave') } };
    const idle = { close() {} };
    const options = { registrar: idle, router, idle, services: [] };
    const limits = withLimits({ leaveMs: 100 });
    const ending = new Ending({ limits, log: { write() {} }, ...options } as never);
    void ending.stop('why');
    await vi.advanceTimersByTimeAsync(99);
    expect(heard).toEqual(['leave']);
    expect(ending.hasBegun).toBe(false);
    if (isUrgent) void ending.stop('again');
    await vi.advanceTimersByTimeAsync(isUrgent ? 0 : 1);
    expect(heard).toEqual(['leave', 'close']);
  }
});

test.for([
  [20, 'read'],
  [21, 'closed'],
])('maxControlMessageBytes 20: a message of %d is %s', async ([size = 0, what]) => {
  const server = createServer().listen(0, HERE);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const client = connect((server.address() as { readonly port: number }).port, HERE);
  const [socket] = (await once(server, 'connection')) as [Socket];
  onTestFinished(() => void client.destroy());
  const channel = new ControlChannel<unknown, object>(socket, {
    maxMessageBytes: 20,
    check: (value) => value,
  });
  const heard: string[] = [];
  channel.onMessage = () => void heard.push('read');
  channel.onClose = () => void heard.push('closed');
  const message = encodeMessage({ type: 'x'.repeat(Number(size) - '.type.'.length - 1) });
  expect(message.length).toBe(LENGTH_BYTES + Number(size));
  client.on('error', () => {}).write(message);
  await eventually(() => expect(heard).toEqual([what]));
});

test('maxLogBytes: lines fill the file to it, and the next one begins another', () => {
  const directory = scratchDirectory();
  const file = path.join(directory, 'daemon.log');
  openLogFile(file, 1_000).write('started');
  const { size } = statSync(file);
  const log = openLogFile(file, 2 * size);
  log.write('started');
  expect(statSync(file).size).toBe(2 * size);
  log.write('started');
  expect([statSync(file).size, statSync(`${file}.1`).size]).toEqual([size, 2 * size]);
});
