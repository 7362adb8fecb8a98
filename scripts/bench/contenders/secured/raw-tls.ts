import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:tls';
import type { Contender } from '../../contender.ts';
import { echo, RawCaller, withRoundTrips } from '../raw.ts';
import { dialTcp, serveTcp } from '../tcp.ts';
import { issueCertificate, readAuthority } from './certificates.ts';

function tlsServer(): Server {
  const { certificate, key } = issueCertificate();
  return createServer({ cert: certificate, key }, (socket) => {
    socket.on('error', () => {});
    echo(socket);
  });
}

/**
 * `tls` and nothing else. As net.tcp asks for TLS in the clear and waits for the answer, so does this: one byte,
 * which comes back.
 */
export const rawTls: Contender = {
  name: 'raw tls echo',

  serve() {
    const server = tlsServer();
    return serveTcp((socket) => {
      socket.once('data', (chunk) => {
        socket.write(chunk);
        server.emit('connection', socket);
      });
    });
  },

  async connect(target) {
    const socket = await dialTcp(target);
    socket.write('t');
    await once(socket, 'data');
    socket.pause();
    const stream = connect({ socket, ca: readAuthority(), host: '127.0.0.1', servername: '' });
    await once(stream, 'secureConnect');
    return new RawCaller(stream);
  },
};

export const rawTlsSession: Contender = {
  ...withRoundTrips(rawTls),
  name: 'raw tls echo, as many round trips',
};
