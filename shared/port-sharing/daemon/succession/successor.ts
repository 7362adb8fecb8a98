import type { Received } from '../../../printable.ts';
import { NetTcpError } from '../../../errors.ts';
import type { Limits } from '../../../limits.ts';
import { connectToDaemon } from '../../handshake/connect.ts';
import { Conversation } from '../../handshake/conversation.ts';
import type { DaemonLink } from '../../handshake/link.ts';
import type { DaemonMessage, ServiceMessage } from '../../handshake/messages.ts';
import { type Lock, lockOf } from '../../machine/lock.ts';
import type { Native } from '../../machine/native.ts';
import type { Paths } from '../../machine/paths.ts';
import type { GivenListener } from '../given-socket.ts';

/** A daemon that takes another one's place, step by step; see `passOn` for the other one's side. */
export class Successor {
  readonly #link: DaemonLink;
  readonly #talk: Conversation<Received<DaemonMessage>, ServiceMessage>;
  readonly #limits: Limits;
  readonly #listeners: GivenListener[] = [];

  private constructor(link: DaemonLink, limits: Limits) {
    this.#link = link;
    this.#talk = new Conversation(link.control, 'the other daemon');
    this.#limits = limits;
  }

  /**
   * Asks the daemon with process id `pid` for its listening sockets.
   *
   * @returns undefined when no daemon runs
   * @throws {NetTcpError} `ServerTooBusy` when another one replaces it, or has; `Communication`, `Timeout`
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
      link.close();
      throw new NetTcpError(
        'ServerTooBusy',
        `daemon ${pid} was replaced by daemon ${found} already`,
      );
    }
    const successor = new Successor(link, limits);
    await successor.#inherit();
    return successor;
  }

  /** The other daemon's listening sockets, on which this one will listen. */
  get listeners(): readonly GivenListener[] {
    return this.#listeners;
  }

  /** Process id of the other daemon. */
  get pid(): number {
    return this.#link.welcome.pid;
  }

  /** Says that everything is prepared, and waits for `go`. @returns the daemon's lock, if there is one */
  async ready(): Promise<Lock | undefined> {
    this.#link.control.send({ type: 'ready' });
    const { descriptor: id } = await this.#talk.expect('go', this.#limits.helloTimeoutMs);
    const descriptor = id === undefined ? undefined : this.#link.receiveDescriptor(id, 'other');
    return descriptor === undefined ? undefined : lockOf(descriptor);
  }

  /**
   * Says that this is the daemon now, and waits for the other to agree.
   *
   * @throws {NetTcpError} `Communication` if it does not agree: then it goes on, and this one must end
   */
  async serving(): Promise<void> {
    this.#link.control.send({ type: 'serving' });
    await this.#talk.expect('retired', this.#limits.helloTimeoutMs);
    this.#link.close();
  }

  async #inherit(): Promise<void> {
    await this.#link.attach();
    this.#link.control.send({ type: 'inherit' });
    for (;;) {
      const message = await this.#talk.next(this.#limits.helloTimeoutMs);
      if (message.type === 'inheritance') return;
      if (message.type !== 'listener') {
        throw new NetTcpError('Communication', `the other daemon said ${message.type}`);
      }
      const { host, port, descriptor: id } = message;
      const descriptor = this.#link.receiveDescriptor(id, 'listener');
      if (descriptor !== undefined) this.#listeners.push({ host, port, descriptor });
    }
  }
}
