import { closeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { NetTcpError } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import { descriptorOf, stopReading } from '../../transport/node-internals.ts';
import type { Attach, DaemonMessage, ServiceMessage } from '../handshake/messages.ts';
import { Conversation } from '../handshake/conversation.ts';
import type { InheritedListener } from './daemon.ts';
import { connectControl, connectToDaemon, type DaemonLink } from '../handshake/connect.ts';
import { type Lock, lockOf } from '../machine/lock.ts';
import type { Native } from '../machine/native.ts';
import type { Paths } from '../machine/paths.ts';

/** A daemon that takes another one's place, step by step; see `passOn` for the other's side. */
export class Successor {
  readonly #link: DaemonLink;
  readonly #talk: Conversation<DaemonMessage, ServiceMessage | Attach>;
  readonly #native: Native | undefined;
  readonly #limits: Limits;
  #descriptors: Socket | undefined;
  #listeners: InheritedListener[] = [];

  private constructor(link: DaemonLink, native: Native | undefined, limits: Limits) {
    this.#link = link;
    this.#talk = new Conversation(link.control);
    this.#native = link.welcome.transfer === 'hand-over' ? native : undefined;
    this.#limits = limits;
  }

  /**
   * Asks the daemon with process id `pid` for what it listens with.
   *
   * @returns undefined when none runs
   * @throws {NetTcpError} `ServerTooBusy` when it is being, or was, replaced by somebody else; `Communication`, `Timeout`
   */
  static async find(
    paths: Paths,
    native: Native | undefined,
    limits: Limits,
    pid: number,
  ): Promise<Successor | undefined> {
    const link = await connectToDaemon(paths, native, limits, 'successor');
    if (link === undefined) return undefined;
    const found = link.welcome.pid;
    if (found !== pid) {
      link.control.close();
      throw new NetTcpError(
        'ServerTooBusy',
        `daemon ${pid} was replaced by daemon ${found} already`,
      );
    }
    const successor = new Successor(link, native, limits);
    await successor.#inherit(paths);
    return successor;
  }

  /** What the other daemon listens with, and this one will. */
  get listeners(): readonly InheritedListener[] {
    return this.#listeners;
  }

  /** Process id of the other daemon. */
  get pid(): number {
    return this.#link.welcome.pid;
  }

  /** Says that everything is prepared, and waits for the word. @returns the daemon's lock, where there is one */
  async ready(): Promise<Lock | undefined> {
    this.#link.control.send({ type: 'ready' });
    const { descriptor: id } = await this.#talk.expect('go', this.#limits.helloTimeoutMs);
    const descriptor = id === undefined ? undefined : this.#receive(id);
    return descriptor === undefined ? undefined : lockOf(descriptor);
  }

  /**
   * Says that this is the daemon now, and waits for the other to agree.
   *
   * @throws {NetTcpError} `Communication` when it does not: then it goes on, and this one must end
   */
  async serving(): Promise<void> {
    this.#link.control.send({ type: 'serving' });
    await this.#talk.expect('retired', this.#limits.helloTimeoutMs);
    this.#descriptors?.destroy();
  }

  async #inherit(paths: Paths): Promise<void> {
    if (this.#native !== undefined) {
      const socket = await connectControl(paths, this.#native);
      if (socket === undefined) throw new NetTcpError('Communication', 'the other daemon is gone');
      this.#descriptors = socket;
      stopReading(socket);
      const { token } = this.#link.welcome;
      socket.write(`${JSON.stringify({ type: 'attach', token })}\n`);
      await this.#talk.expect('attached', this.#limits.helloTimeoutMs);
    }
    this.#link.control.send({ type: 'inherit' });
    for (;;) {
      const message = await this.#talk.next(this.#limits.helloTimeoutMs);
      if (message.type === 'inheritance') return;
      if (message.type !== 'listener') {
        throw new NetTcpError('Communication', `the other daemon said ${message.type}`);
      }
      const { host, port } = message;
      const descriptor = this.#receive(message.descriptor);
      if (descriptor !== undefined) this.#listeners.push({ host, port, descriptor });
    }
  }

  #receive(id: number): number | undefined {
    const channel = this.#descriptors === undefined ? undefined : descriptorOf(this.#descriptors);
    if (channel === undefined) return undefined;
    const received = this.#native?.receiveDescriptor(channel);
    if (received === undefined || received.id === id) return received?.descriptor;
    if (received.descriptor !== undefined) closeSync(received.descriptor);
    return undefined;
  }
}
