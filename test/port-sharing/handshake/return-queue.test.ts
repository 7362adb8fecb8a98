import { Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { withLimits } from '../../../shared/limits.ts';
import {
  type ReturnLink,
  ReturnQueue,
} from '../../../shared/port-sharing/handshake/return-queue.ts';
import type { Incoming } from '../../../shared/transport/listener.ts';

const limits = withLimits({ maxUnacknowledged: 2, drainTimeoutMs: 100 });

function connections(count: number): readonly Incoming[] {
  return Array.from({ length: count }, () => ({ socket: new Socket(), octets: new Uint8Array(0) }));
}

/** A daemon that takes what it is sent, when there is room. */
class Daemon implements ReturnLink {
  readonly sent: Incoming[] = [];
  transfer: 'hand-over' | 'relay' = 'hand-over';
  isFull = false;
  isGone = false;

  sendBack(connection: Incoming): number | 'full' | 'gone' | 'closed' {
    if (this.isFull) return 'full';
    return this.isGone ? 'gone' : this.sent.push(connection);
  }
}

function queue(): ReturnQueue {
  const made = new ReturnQueue(limits);
  onTestFinished(() => made.close());
  return made;
}

test('no more are on their way than may be, and each is kept until it is taken', () => {
  const returned = queue();
  const daemon = new Daemon();
  returned.use(daemon);
  const all = connections(4);
  for (const connection of all) returned.give(connection);
  expect(daemon.sent).toEqual(all.slice(0, 2));
  expect(all[0]?.socket.destroyed).toBe(false);
  returned.taken(1);
  expect(all[0]?.socket.destroyed).toBe(true);
  expect(daemon.sent).toEqual(all.slice(0, 3));
  returned.taken(2);
  returned.taken(3);
  returned.taken(4);
  expect(returned.size).toBe(0);
});

test('where there was no room it tries again', async () => {
  const returned = queue();
  const daemon = new Daemon();
  daemon.isFull = true;
  returned.use(daemon);
  const [connection] = connections(1);
  if (connection !== undefined) returned.give(connection);
  expect(daemon.sent).toEqual([]);
  daemon.isFull = false;
  await vi.waitFor(() => expect(daemon.sent).toEqual([connection]));
});

test('what a daemon had not taken when it died goes to the next', () => {
  const returned = queue();
  const [first, second] = [new Daemon(), new Daemon()];
  returned.use(first);
  const all = connections(3);
  for (const connection of all) returned.give(connection);
  first.isGone = true;
  returned.taken(1);
  returned.use(second);
  expect(second.sent).toEqual(expect.arrayContaining(all.slice(1)));
});

test('drainTimeoutMs: what no daemon has taken by then is closed, and not before', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const returned = queue();
  const [waiting, sent] = connections(2);
  if (waiting === undefined || sent === undefined) return expect.fail();
  returned.give(waiting);
  await vi.advanceTimersByTimeAsync(99);
  expect(waiting.socket.destroyed).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(waiting.socket.destroyed).toBe(true);
  returned.use(new Daemon());
  returned.give(sent);
  await vi.advanceTimersByTimeAsync(99);
  expect(sent.socket.destroyed).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(sent.socket.destroyed).toBe(true);
  expect(returned.size).toBe(0);
});

test('a daemon that relays cannot take anything: it is closed at once', () => {
  const returned = queue();
  const daemon = new Daemon();
  daemon.transfer = 'relay';
  returned.use(daemon);
  const [connection] = connections(1);
  if (connection !== undefined) returned.give(connection);
  expect(connection?.socket.destroyed).toBe(true);
});
