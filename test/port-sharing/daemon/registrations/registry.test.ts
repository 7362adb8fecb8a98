import { describe, expect, test } from 'vitest';
import { withLimits } from '../../../../shared/limits.ts';
import {
  reaches,
  Registry,
} from '../../../../shared/port-sharing/daemon/registrations/registry.ts';
import { ANY_IPV4, ANY_IPV6 } from '../../../../shared/port-sharing/machine/hosts.ts';

interface Owner {
  readonly pid: number;
}
const one: Owner = { pid: 1 };
const two: Owner = { pid: 2 };
const LOOPBACK = ['127.0.0.1', '::1'];

function registryWith(
  entries: readonly (readonly [owner: Owner, uri: string, hosts?: readonly string[]])[],
  limits = {},
): Registry<Owner> {
  const registry = new Registry<Owner>(withLimits(limits));
  for (const [owner, uri, hosts = LOOPBACK] of entries) {
    const address = registry.check(uri, hosts, owner);
    if ('status' in address) throw new Error(address.message);
    const counts = { handedOver: 0, relayed: 0, refused: 0 };
    registry.add({ address, hosts, queueLength: 1, owner, since: new Date(0), counts });
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
    // Its neighbour is reachable from outside; it is not, and does not stand in the way.
    [9000, 'net.tcp://localhost:9000/wide/inner', '192.0.2.7', 2],
    [9000, 'net.tcp://localhost:9000/wide/inner', '127.0.0.1', 1],
    [9000, 'nonsense', '127.0.0.1', undefined],
    [9000, 'net.tcp://localhost:9000/../calculator', '127.0.0.1', undefined],
  ])('on port %i for %s at %s: process %s', ([port, via, local, pid]) => {
    expect(registry.find(port, via, local)?.owner.pid).toBe(pid);
  });
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
    [two, `net.tcp://localhost:9000/${'x'.repeat(2_048)}`, LOOPBACK, 'path-too-long'],
  ])('%o %s', ([owner, uri, hosts, status]) => {
    expect(registry.check(uri, hosts, owner)).toMatchObject({ status });
  });

  test('and names the process that has it', () => {
    const found = registry.check('net.tcp://localhost:9000/calculator/4381', LOOPBACK, two);
    expect(found).toMatchObject({ message: expect.stringContaining('process 1') });
  });
});

test('a registration that has ended is gone, and its place is free', () => {
  const uri = 'net.tcp://localhost:9000/calculator/4381';
  const registry = registryWith([[one, uri]]);
  for (const registration of registry.of(one)) registry.remove(registration);
  expect(registry.size).toBe(0);
  expect(registry.find(9000, uri, '127.0.0.1')).toBeUndefined();
  expect(registry.check(uri, LOOPBACK, two)).not.toHaveProperty('status');
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
