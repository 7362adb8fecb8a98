// Clients that ask for much and never read an answer.
import { connect, type Socket } from 'node:net';
import { writeMark, writePreamble } from '../../../shared/framing/encoder.ts';
import { RecordType } from '../../../shared/framing/records.ts';
import { OctetWriter } from '../../../shared/octets.ts';
import { now } from '../harness/clock.ts';
import { serve } from '../../serve.ts';

const AT_A_TIME = 50;

interface Options {
  readonly port: number;
  readonly address: string;
  readonly clients: number;
  /** Requests of each client, each for `octets` bytes. */
  readonly requests: number;
  readonly octets: number;
}

const sockets: Socket[] = [];
let closedAt = 0;

serve({
  /** Opens the sessions, sends the requests and stops reading. @returns when the last did */
  async begin({ port, address, clients, requests, octets }: Options): Promise<number> {
    // In as few segments as possible: each asks for thousands of times its size.
    const asked = Buffer.concat(Array.from({ length: requests }, (_, id) => request(id, octets)));
    for (let begun = 0; begun < clients; begun += AT_A_TIME) {
      const length = Math.min(AT_A_TIME, clients - begun);
      await Promise.all(Array.from({ length }, () => begin(port, address, asked)));
    }
    return now();
  },
  /** When the last connection ended, or 0. A client has to write to notice that. */
  closedAt() {
    for (const socket of sockets) socket.write(request(0xffff, 1));
    return sockets.some((socket) => !socket.destroyed) ? 0 : closedAt;
  },
});

async function begin(port: number, address: string, asked: Uint8Array): Promise<void> {
  const client = connect({ port, host: '127.0.0.1' });
  sockets.push(client);
  client.on('error', () => {});
  client.on('close', () => (closedAt = now()));
  const out = new OctetWriter(128);
  writePreamble(out, { via: address, mode: 2, encoding: 'application/x-msgpack-rpc' });
  writeMark(out, RecordType.PreambleEnd);
  client.write(out.toBytes());
  await new Promise((resolve) => client.once('data', resolve));
  client.pause();
  client.write(asked);
}

/** A sized envelope with `[0, id, "Octets", [octets]]` in MessagePack. */
function request(id: number, octets: number): Uint8Array {
  const name = new TextEncoder().encode('Octets');
  const head = [0x94, 0, 0xcd, id >>> 8, id & 0xff, 0xa0 | name.length, ...name];
  const size = [octets >>> 24, (octets >>> 16) & 0xff, (octets >>> 8) & 0xff, octets & 0xff];
  const payload = Uint8Array.of(...head, 0x91, 0xce, ...size);
  return Uint8Array.of(RecordType.SizedEnvelope, payload.length, ...payload);
}
