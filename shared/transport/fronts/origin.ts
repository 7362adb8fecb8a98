/** Where a connection comes from, where its socket does not tell: through a front, or relayed. */
export class Origin {
  /** IP address of the client's machine; of the front's, if that does not say. */
  readonly address: string;
  /** It came through a front that is trusted. */
  readonly isFronted: boolean;
  /** Of its first session. */
  #via: string | undefined;

  constructor(address: string, isFronted: boolean) {
    this.address = address;
    this.isFronted = isFronted;
  }

  /**
   * Whether a session for `via` may begin on it. A front has routed the first one: which machine has the longest
   * prefix of another via, only the front knows. So a kept connection is good for the same via only, and its client
   * opens another.
   */
  admits(via: string): boolean {
    if (!this.isFronted) return true;
    this.#via ??= via;
    return this.#via === via;
  }
}

// A property of the socket, not of who has it: it goes from the daemon's hands into a service's, from session to session.
const origins = new WeakMap<object, Origin>();

/** Says where a socket's connection comes from. */
export function setOrigin(socket: object, origin: Origin): void {
  origins.set(socket, origin);
}

/** Where a socket's connection comes from; `undefined` if the socket itself tells. */
export function originOf(socket: object): Origin | undefined {
  return origins.get(socket);
}

/** IP address of the machine at the other end of a connection, behind a front and a relay. */
export function remoteAddressOf(socket: {
  readonly remoteAddress?: string | undefined;
}): string | undefined {
  return origins.get(socket)?.address ?? socket.remoteAddress;
}

/** Whether a session for `via` may begin on a socket's connection: see {@link Origin}. */
export function admits(socket: object, via: string): boolean {
  return origins.get(socket)?.admits(via) ?? true;
}
