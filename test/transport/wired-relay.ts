/** Somebody on the way of a session, who changes what one side says. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { parseAddress } from '../../shared/address.ts';
import { mutations } from '../encoding/binary-xml/mutations.ts';

type Side = 'client' | 'service';
/** What goes on in place of a chunk. @param connection one object for each connection of the session */
export type Change = (from: Side, chunk: Uint8Array, connection: object) => readonly Uint8Array[];
/** Bytes that each side has said after the agreement to an upgrade. */
export type Lengths = Readonly<Record<Side, number>>;

/** Chunks of one direction, of which one is changed; a session has about six. */
const CHUNKS = 8;

/** Changes one chunk of one direction. */
export function mutating(seed: number): Change {
  const changed = (seed >> 1) % CHUNKS;
  const side = seed % 2 === 0 ? 'client' : 'service';
  let chunks = 0;
  return (from, chunk) =>
    from === side && chunks++ === changed ? [...mutations(chunk, 1, seed)] : [chunk];
}

const AGREED = 0x0a;
/** The end of the preamble, and a call: [0, 1, "Subtract", [1, 2]]. */
const CALL = [0x0c, 6, 15, 0x94, 0, 1, 0xa8, ...Buffer.from('Subtract'), 0x92];
/** The ack, and the answer to the first call: [1, 0, nil, 999] and [1, 1, nil, 999]. */
const ANSWER = [0x0b, ...[0, 1].flatMap((id) => [6, 7, 0x94, 1, id, 0xc0, 0xcd, 3, 0xe7])];
const IN_THE_CLEAR = {
  client: Uint8Array.of(...CALL, 1, 2),
  service: Uint8Array.of(...ANSWER),
} as const;

/** Sends more, in the clear, where one side has said so many bytes after the agreement to the upgrade. */
export function injecting(side: Side, at: number): Change & { readonly lengths: Lengths } {
  const lengths = { client: 0, service: 0 };
  const agreed = new WeakSet<object>();
  let isDone = false;
  const change: Change = (from, chunk, connection) => {
    let start = 0;
    if (!agreed.has(connection)) {
      if (from === 'client' || chunk[0] !== AGREED) return [chunk];
      agreed.add(connection);
      start = 1;
    }
    const index = start + at - lengths[from];
    lengths[from] += chunk.length - start;
    if (from !== side || isDone || index > chunk.length) return [chunk];
    isDone = true;
    // In one segment, as whoever rewrites a stream would send it.
    return [Buffer.concat([chunk.subarray(0, index), IN_THE_CLEAR[side], chunk.subarray(index)])];
  };
  return Object.assign(change, { lengths });
}

/** Passes on what both sides say, as `change` makes it. */
export class Relay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  /** @param seed which address of this machine it calls from */
  static async listen(
    address: string,
    seed: number,
    change: Change,
  ): Promise<Relay & { readonly via: string }> {
    const relay = new Relay(address, seed, change);
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    const { port } = relay.#server.address() as { readonly port: number };
    const path = `/${parseAddress(address).segments.join('/')}`;
    return Object.assign(relay, { via: `net.tcp://127.0.0.1:${port}${path}` });
  }

  private constructor(address: string, seed: number, change: Change) {
    const { port } = parseAddress(address);
    // The service slows down addresses, too; Linux has many of its own.
    const ofItsOwn = { localAddress: `127.1.${(seed >> 8) & 0xff}.${1 + (seed % 250)}` };
    this.#server = createServer((client) => {
      const from = process.platform === 'linux' ? ofItsOwn : {};
      const service = connect({ port, host: '127.0.0.1', ...from });
      const connection = {};
      this.#carry(client, service, (chunk) => change('client', chunk, connection));
      this.#carry(service, client, (chunk) => change('service', chunk, connection));
    });
  }

  #carry(from: Socket, to: Socket, change: (chunk: Uint8Array) => readonly Uint8Array[]): void {
    this.#sockets.add(from);
    from.on('data', (chunk: Uint8Array) => {
      for (const payload of change(chunk)) to.write(payload);
    });
    from.on('error', () => to.destroy()).on('end', () => to.end());
    from.on('close', () => to.destroy());
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
