import { once } from 'node:events';
import { connect } from 'node:net';
import { messageOf } from '../../../shared/errors.ts';
import type { ClientCredentials } from '../../../shared/index.ts';
import { createNegotiateClient } from '../../../shared/transport/negotiate/client.ts';

const SIZES = [1, 16, 1_000, 64_512, 300_000];

/** Our client: sends several sizes to a service that sends them back. @returns `echoed`, or what went wrong */
export async function callEcho(port: number, credentials: ClientCredentials): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  try {
    await once(socket, 'connect');
    const { stream } = await createNegotiateClient(credentials).initiate(socket, 'localhost');
    const chunks: AsyncIterator<Uint8Array> = stream.iterator({ destroyOnReturn: false });
    for (const size of SIZES) {
      stream.write(new Uint8Array(size).fill(size & 0xff));
      for (let left = size; left > 0;) {
        const { value, done } = await chunks.next();
        if (done === true) return 'the service ended';
        if (value.some((byte) => byte !== (size & 0xff))) return 'not echoed';
        left -= value.length;
      }
    }
    stream.end();
    return (await chunks.next()).done === true ? 'echoed' : 'more came back';
  } catch (error) {
    return messageOf(error);
  } finally {
    socket.destroy();
  }
}
