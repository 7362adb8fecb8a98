// What happens to a registration while others go on: the daemon looks again once it listens, without a process here.
import { closeSync, fstatSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { expect, test } from 'vitest';
import { type Limits, withLimits } from '../../../../shared/limits.ts';
import type { Destination } from '../../../../shared/port-sharing/daemon/destination.ts';
import type { Ports } from '../../../../shared/port-sharing/daemon/ports.ts';
import { Registrar } from '../../../../shared/port-sharing/daemon/registrations/registrar.ts';
import { Registry } from '../../../../shared/port-sharing/daemon/registrations/registry.ts';
import type { Router } from '../../../../shared/port-sharing/daemon/router.ts';

/** A registrar whose ports listen when they are told to. */
function registrar(limits: Partial<Limits> = {}) {
  const listen: (() => void)[] = [];
  const released: number[] = [];
  const all = withLimits(limits);
  const registry = new Registry<Destination>(all);
  const made = new Registrar({
    limits: all,
    log: { write() {} },
    registry,
    ports: {
      acquire: (port: number) => new Promise((resolve) => listen.push(() => resolve(port))),
      release: (port: number) => void released.push(port),
      adopt: () => true,
      close() {},
    } as unknown as Ports,
    router: { retry() {}, awaitServices() {} } as unknown as Router,
  });
  const owner = { pid: 7, open: 0, isStuck: false, isClosed: false, close: () => [] };
  const enter = (port: number, queueLength = 1) =>
    made.enter(owner as unknown as Destination, {
      address: `net.tcp://localhost:${port}/x`,
      hosts: ['127.0.0.1'],
      isReplica: false,
      queueLength,
    });
  const listening = (): void => listen.splice(0).forEach((each) => each());
  return { made, registry, owner, enter, listening, released };
}

test('a service that asks for two ports at once gets one, where it may have one', async () => {
  const { registry, enter, listening, released } = registrar({ maxRegistrationsPerService: 1 });
  const entered = [enter(9_001), enter(9_002)];
  await Promise.resolve();
  listening();
  const [first, second] = await Promise.all(entered);
  expect(first).toMatchObject({ address: { port: 9_001 } });
  expect(second).toMatchObject({ status: 'quota-exceeded' });
  expect([registry.size, released]).toEqual([1, [9_002]]);
});

test('one that goes while the daemon begins to listen for it leaves nothing', async () => {
  const { registry, owner, enter, listening, released } = registrar();
  const entered = enter(9_001);
  await Promise.resolve();
  owner.isClosed = true;
  listening();
  expect(await entered).toBeUndefined();
  expect([registry.size, released]).toEqual([0, [9_001]]);
});

test('so does one for which a daemon that ends begins to listen', async () => {
  const { made, registry, enter, listening, released } = registrar();
  const entered = enter(9_001);
  await Promise.resolve();
  made.close();
  listening();
  expect(await entered).toBeUndefined();
  expect([registry.size, released]).toEqual([0, [9_001]]);
});

test('no service has a longer queue than maxPendingConnections', async () => {
  const { enter, listening } = registrar({ maxPendingConnections: 10 });
  const lengths: unknown[] = [];
  for (const [port, wanted] of [
    [9_001, 10],
    [9_002, 11],
  ] as const) {
    const entered = enter(port, wanted);
    await Promise.resolve();
    listening();
    lengths.push(((await entered) as { queueLength?: number }).queueLength);
  }
  expect(lengths).toEqual([10, 10]);
});

test('a daemon that ends closes a listening socket that is brought to it', () => {
  const { made } = registrar();
  made.close();
  const descriptor = openSync(devNull, 'r');
  made.adopt({ host: '127.0.0.1', port: 9_001, descriptor }, 7);
  let isOpen = true;
  try {
    fstatSync(descriptor);
    closeSync(descriptor);
  } catch {
    isOpen = false;
  }
  expect(isOpen).toBe(false);
});
