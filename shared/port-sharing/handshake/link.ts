import type { Received } from '../../printable.ts';
import type { Socket } from 'node:net';
import type { Limits } from '../../limits.ts';
import { sleep } from '../../time.ts';
import type { Incoming } from '../../transport/listener.ts';
import { descriptorOf } from '../../transport/node-internals.ts';
import type { Transfer } from '../machine/load-native.ts';
import type { DescriptorKind, Native } from '../machine/native.ts';
import type { Paths } from '../machine/paths.ts';
import { randomHex } from '../machine/random.ts';
import type { ControlChannel } from './channel.ts';
import { encodeMessage } from './codec.ts';
import { Conversation } from './conversation.ts';
import { DescriptorChannel, FULL_RETRY_MS } from './descriptor-channel.ts';
import { connectControl } from './dial.ts';
import type { Attach, DaemonMessage, Hello, ServiceMessage, Welcome } from './messages.ts';
import { gone } from './refusal.ts';

/** The daemon's end of a control connection. */
export type CallerControl = ControlChannel<Received<ServiceMessage>, DaemonMessage>;
/** The caller's end. */
export type DaemonControl = ControlChannel<Received<DaemonMessage>, ServiceMessage>;

// Bytes that a message takes beside those of a connection and its via.
const MESSAGE_ROOM = 128;

/**
 * One end of a link between the daemon and a process of its user: the control connection; where both sides can
 * hand over, a connection that descriptors travel on; and the token by which further connections belong to it.
 */
abstract class Link<In, Out extends object> {
  readonly control: ControlChannel<In, Out>;
  protected readonly descriptors: DescriptorChannel;
  readonly #maxOctets: number;

  /** @param native set when both sides can hand over */
  constructor(control: ControlChannel<In, Out>, native: Native | undefined, limits: Limits) {
    this.control = control;
    this.#maxOctets = limits.maxControlMessageBytes - limits.maxViaBytes - MESSAGE_ROOM;
    this.descriptors = new DescriptorChannel(native);
    control.socket.once('close', () => this.descriptors.close());
  }

  get transfer(): Transfer {
    return this.descriptors.handsOver ? 'hand-over' : 'relay';
  }

  /**
   * Sends a descriptor, and after it the message that says what it is.
   *
   * @returns the id under which it was sent; `'full'`: not now; `'gone'`: the other side has gone, or takes none
   */
  sendDescriptor(descriptor: number, announce: (id: number) => Out): number | 'full' | 'gone' {
    const id = this.descriptors.send(descriptor);
    if (typeof id === 'number') this.control.send(announce(id));
    return id;
  }

  /** {@link sendDescriptor}, as soon as there is room. @returns whether it was sent */
  async sendDescriptorInTime(descriptor: number, announce: (id: number) => Out): Promise<boolean> {
    for (;;) {
      const id = this.sendDescriptor(descriptor, announce);
      if (id !== 'full') return id !== 'gone';
      await sleep(FULL_RETRY_MS);
    }
  }

  /** Whether a message has room for the bytes read from a connection. */
  hasRoomFor(octets: Uint8Array): boolean {
    return octets.length <= this.#maxOctets;
  }

  /**
   * Takes the descriptor that a message has announced. If it has not come, or is something else, the link ends:
   * the next one would not be what its message says either.
   *
   * @returns `undefined` in that case, and if this process had no room for it
   */
  receiveDescriptor(id: number, kind: DescriptorKind): number | undefined {
    const received = this.descriptors.receive(id, kind);
    if (received === 'wrong') {
      this.control.close(`descriptor ${id}, a ${kind}, did not come as it was announced`);
    }
    return typeof received === 'number' ? received : undefined;
  }
}

/** The caller's end: a service's, a tool's, or another daemon's. Further connections go to the same daemon. */
export class DaemonLink extends Link<Received<DaemonMessage>, ServiceMessage> {
  readonly welcome: Received<Welcome>;
  readonly #paths: Paths;
  readonly #native: Native | undefined;
  readonly #limits: Limits;
  #isLost = false;
  #lose: (() => void) | undefined;
  /** Resolves when the daemon is gone or this is closed. */
  readonly lost = new Promise<void>((resolve) => (this.#lose = resolve));

  /** @param native `undefined` where this process cannot hand over */
  constructor(
    control: DaemonControl,
    welcome: Received<Welcome>,
    paths: Paths,
    native: Native | undefined,
    limits: Limits,
  ) {
    super(control, welcome.transfer === 'hand-over' ? native : undefined, limits);
    this.welcome = welcome;
    this.#paths = paths;
    this.#native = native;
    this.#limits = limits;
    control.socket.once('close', () => this.#onLost());
    if (!control.isOpen) this.#onLost();
  }

  /** Whether the daemon is gone, or this was closed. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /**
   * Opens the connection that descriptors travel on, where both sides can hand over. Nothing else may take
   * messages meanwhile.
   *
   * @throws {NetTcpError} `Communication`, `Timeout`
   */
  async attach(): Promise<void> {
    if (!this.descriptors.handsOver) return;
    const socket = await this.#openFurther({});
    if (socket === undefined) throw gone();
    this.descriptors.attach(socket);
    try {
      const talk = new Conversation(this.control, 'the port-sharing daemon');
      await talk.expect('attached', this.#limits.helloTimeoutMs);
    } catch (error) {
      throw this.#isLost ? gone() : error;
    }
  }

  /**
   * Opens the connection that relays the bytes of a dispatched one.
   *
   * @returns `undefined` if nobody listens at the control socket, or the daemon is gone
   * @throws {NetTcpError} `Communication` if it cannot be reached
   */
  openRelay(dispatch: number): Promise<Socket | undefined> {
    return this.#openFurther({ dispatch });
  }

  /**
   * Gives a connection back to the daemon.
   *
   * @returns the id under which `taken` says that the daemon has it; `'full'`: not now; `'gone'`: the daemon has
   *   gone; `'closed'`: the connection is closed, or cannot be sent at all
   */
  sendBack({ socket, octets }: Incoming): number | 'full' | 'gone' | 'closed' {
    const socketDescriptor = descriptorOf(socket);
    if (socketDescriptor === undefined || !this.hasRoomFor(octets)) return 'closed';
    return this.sendDescriptor(socketDescriptor, (descriptor) => ({
      type: 'redispatch',
      descriptor,
      octets,
    }));
  }

  close(): void {
    this.control.close();
    this.#onLost();
  }

  async #openFurther(which: Pick<Attach, 'dispatch'>): Promise<Socket | undefined> {
    const socket = await connectControl(this.#paths, this.#native);
    if (socket === undefined || this.#isLost) {
      socket?.destroy();
      return undefined;
    }
    const attach: Attach = { type: 'attach', token: this.welcome.token, ...which };
    socket.write(encodeMessage(attach));
    return socket;
  }

  #onLost(): void {
    this.#isLost = true;
    this.descriptors.close();
    this.#lose?.();
  }
}

/** The daemon's end. */
export class CallerLink extends Link<Received<ServiceMessage>, DaemonMessage> {
  readonly pid: number;
  readonly token = randomHex(16);
  /** Takes the connection that relays a dispatched one, and what was read from it; if not set, it is closed. */
  onRelay: ((dispatch: number, socket: Socket, read: Uint8Array) => void) | undefined;

  /**
   * @param pid process id, from the system or else from the caller
   * @param native `undefined` where this process cannot hand over
   */
  constructor(
    control: CallerControl,
    pid: number,
    hello: Received<Hello>,
    native: Native | undefined,
    limits: Limits,
  ) {
    super(control, hello.handOver ? native : undefined, limits);
    this.pid = pid;
  }

  /** Takes a further connection of the same process, which has said its purpose. */
  attach(further: CallerControl, { dispatch }: Attach): void {
    const { socket } = further;
    const read = further.detach();
    if (dispatch === undefined) {
      this.descriptors.attach(socket);
      socket.once('close', () => this.control.close('the descriptor channel was closed'));
      this.control.send({ type: 'attached' });
    } else if (this.onRelay === undefined) socket.destroy();
    else this.onRelay(dispatch, socket, read);
  }
}
