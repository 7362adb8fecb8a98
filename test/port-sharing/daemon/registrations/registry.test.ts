import { describe, expect, test } from 'vitest';
import { withLimits } from '../../../../shared/limits.ts';
import {
  type OwnerLike,
  reaches,
} from '../../../../shared/port-sharing/daemon/registrations/registration.ts';
import { Registry } from '../../../../shared/port-sharing/daemon/registrations/registry.ts';
import { ANY_IPV4, ANY_IPV6 } from '../../../../shared/port-sharing/machine/hosts.ts';

interface Owner extends OwnerLike {
  open: number;
  isStuck: boolean;
}
const process = (pid: number): Owner => ({ pid, open: 0, isStuck: false });
const one = process(1);
const two = process(2);
const LOOPBACK = ['127.0.0.1', '::1'];

/** So many addresses of one machine. */
function addresses(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `127.0.1.${index}`);
}

function registryWith(
  entries: readonly (readonly [owner: Owner, uri: string, hosts?: readonly string[]])[],
  limits = {},
  isReplica = false,
): Registry<Owner> {
  const registry = new Registry<Owner>(withLimits(limits));
  for (const [owner, uri, hosts = LOOPBACK] of entries) {
    const address = registry.check({ address: uri, hosts, isReplica }, owner);
    if ('status' in address) throw new Error(address.message);
    const counts = { handedOver: 0, relayed: 0, refused: 0 };
    const since = new Date(0);
    registry.add({ address, hosts, isReplica, queueLength: 1, owner, since, counts });
  }
  return registry;
}

describe('finds', () => {
  const registry = registryWith([
    [one, 'net.tcp://localhost:9000/calculator'],
    [two, 'net.tcp://localhost:9000/calculator/4381'],
    [one, 'net.tcp://localhost:9001/other'],
    [two, 'net.tcp://localhost:9000/wide', [ANY_IPV4, ANY_IPV6]],
    [one, 'net.tcp://localhost:9000/wide/inner'],
  ]);
  test.for<[port: number, via: string, local: string, pid: number | undefined]>([
    [9000, 'net.tcp://localhost:9000/calculator/4381', '127.0.0.1', 2],
    [9000, 'net.tcp://anything:1/Calculator/4381', '127.0.0.1', 2],
    [9000, 'net.tcp://localhost:9000/calculator/4381/x', '::1', 2],
    [9000, 'net.tcp://localhost:9000/calculator/1', '127.0.0.1', 1],
    [9000, 'net.tcp://localhost:9000/calc', '127.0.0.1', undefined],
    [9001, 'net.tcp://localhost:9000/calculator', '127.0.0.1', undefined],
    [9000, 'net.tcp://localhost:9000/calculator', '192.0.2.7', undefined],
    [9000, 'net.tcp://localhost:9000/wide', '192.0.2.7', 2],
    // `/wide` is reachable from outside, and `/wide/inner` is not: from outside the path leads to `/wide`.
    [9000, 'net.tcp://localhost:9000/wide/inner', '192.0.2.7', 2],
    [9000, 'net.tcp://localhost:9000/wide/inner', '127.0.0.1', 1],
    [9000, 'nonsense', '127.0.0.1', undefined],
    [9000, 'net.tcp://localhost:9000/../calculator', '127.0.0.1', undefined],
  ])('on port %i for %s at %s: process %s', ([port, via, local, pid]) => {
    expect(registry.find(port, via, local)?.owner.pid).toBe(pid);
  });
});

test('64 addresses of one registration are taken', () => {
  expect(registryWith([[one, 'net.tcp://localhost:9000/x', addresses(64)]]).size).toBe(1);
});

describe('refuses', () => {
  const registry = registryWith([[one, 'net.tcp://localhost:9000/calculator/4381']], {
    maxRegistrationsPerService: 1,
    maxRegistrations: 2,
  });
  test.for<[owner: Owner, uri: string, hosts: string[], status: string]>([
    [two, 'net.tcp://localhost:9000/calculator/4381', LOOPBACK, 'conflicting-registration'],
    [two, 'net.tcp://OTHER:9000/CALCULATOR//4381/', LOOPBACK, 'conflicting-registration'],
    [one, 'net.tcp://localhost:9000/calculator/1', LOOPBACK, 'quota-exceeded'],
    [two, 'net.tcp://localhost:9000/a/../b', LOOPBACK, 'invalid-argument'],
    [two, 'http://localhost:9000/x', LOOPBACK, 'invalid-argument'],
    [two, 'net.tcp://localhost:9000/x', [], 'invalid-argument'],
    [two, 'net.tcp://localhost:9000/x', addresses(65), 'invalid-argument'],
    [two, `net.tcp://localhost:9000/${'x'.repeat(2_048)}`, LOOPBACK, 'path-too-long'],
  ])('%o %s', ([owner, uri, hosts, status]) => {
    expect(registry.check({ address: uri, hosts, isReplica: false }, owner)).toMatchObject({
      status,
    });
  });

  test('and names the process that has it', () => {
    const address = 'net.tcp://localhost:9000/calculator/4381';
    const found = registry.check({ address, hosts: LOOPBACK, isReplica: false }, two);
    expect(found).toMatchObject({ message: expect.stringContaining('process 1') });
  });
});

test('a registration that has ended is gone, and its place is free', () => {
  const uri = 'net.tcp://localhost:9000/calculator/4381';
  const registry = registryWith([[one, uri]]);
  for (const registration of registry.of(one)) registry.remove(registration);
  expect(registry.size).toBe(0);
  expect(registry.find(9000, uri, '127.0.0.1')).toBeUndefined();
  const wish = { address: uri, hosts: LOOPBACK, isReplica: false };
  expect(registry.check(wish, two)).not.toHaveProperty('status');
});

describe('several at one address', () => {
  const uri = 'net.tcp://localhost:9000/x';
  const three = process(3);
  const route = { ...process(4), target: 'other:1' };

  test.for<[what: string, first: boolean, second: boolean, by: Owner, problem: RegExp | undefined]>(
    [
      ['nobody says so', false, false, two, /^the URI is already registered .* by process 1$/],
      ['both say so', true, true, two, undefined],
      ['only the first does', true, false, two, /process 1, which shares it only with services/],
      ['only the second does', false, true, two, /process 1, which shares it with nobody/],
      ['the same says so twice', true, true, one, /by process 1$/],
      ['a route and a service', true, true, route, /by process 1$/],
      ['a route of several and one service', false, true, route, /by process 1$/],
    ],
  )('%s', ([, first, second, by, problem]) => {
    const registry = registryWith([[one, uri]], {}, first);
    const found = registry.check({ address: uri, hosts: LOOPBACK, isReplica: second }, by);
    if (problem === undefined) return expect(found).not.toHaveProperty('status');
    const message = expect.stringMatching(problem) as string;
    expect(found).toMatchObject({ status: 'conflicting-registration', message });
  });

  test.for<
    [what: string, open: number[], stuck: number[], tried: Owner[], next: (number | undefined)[]]
  >([
    ['the one with the fewest', [2, 1, 3], [], [], [2, 2]],
    ['in turn if they have as many', [0, 0, 0], [], [], [1, 2, 3, 1]],
    ['not one that is stuck', [0, 9, 9], [1], [], [2, 3, 2]],
    ['one that is stuck if all are', [2, 1, 3], [1, 2, 3], [], [2]],
    ['not one that has not taken it', [0, 1, 2], [], [one], [2]],
    ['nobody when nobody took it', [0, 1, 2], [], [one, two, three], [undefined]],
  ])('the next connection goes to %s', ([, open, stuck, tried, next]) => {
    const all = [one, two, three];
    const registry = registryWith(
      all.map((owner) => [owner, uri]),
      {},
      true,
    );
    for (const [index, owner] of all.entries()) {
      owner.open = open[index] ?? 0;
      owner.isStuck = stuck.includes(owner.pid);
    }
    const found = next.map(() => registry.find(9000, uri, '127.0.0.1', new Set(tried))?.owner.pid);
    expect(found).toEqual(next);
  });

  test('one that cannot be reached where the client came in gets nothing', () => {
    const entries = [
      [one, uri, ['127.0.0.1']],
      [two, uri, [ANY_IPV4]],
    ] as const;
    const registry = registryWith(entries, {}, true);
    one.open = 0;
    two.open = 9;
    expect(registry.find(9000, uri, '192.0.2.7')?.owner.pid).toBe(2);
    expect(registry.find(9000, uri, '127.0.0.1')?.owner.pid).toBe(1);
  });

  test('one that leaves leaves the others', () => {
    const entries = [one, two].map((owner) => [owner, uri] as const);
    const registry = registryWith(entries, {}, true);
    for (const registration of registry.of(one)) registry.remove(registration);
    expect(registry.onPort(9000).map(({ owner }) => owner.pid)).toEqual([2]);
    expect(registry.find(9000, uri, '127.0.0.1')?.owner.pid).toBe(2);
    expect(registry.size).toBe(1);
  });
});

test.for<[host: string, local: string, reached: boolean]>([
  ['127.0.0.1', '127.0.0.1', true],
  ['127.0.0.1', '127.0.0.2', false],
  [ANY_IPV4, '192.0.2.7', true],
  [ANY_IPV4, '::1', false],
  [ANY_IPV6, 'fd00::2', true],
  [ANY_IPV6, '192.0.2.7', false],
])('%s is reached at %s: %s', ([host, local, reached]) => {
  expect(reaches(host, local)).toBe(reached);
});
