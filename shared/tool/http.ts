import { createServer, type RequestListener } from 'node:http';
import { isLoopback, parseAddress, showEndpoint } from '../address.ts';
import { NetTcpError } from '../errors.ts';
import { quoted } from '../printable.ts';
import { listenError } from '../transport/listener.ts';

/** What connections may take. Times are milliseconds. */
interface HttpLimits {
  /** How many there are: a program or a browser that looks on has a few, more are nobody's. */
  readonly connections: number;
  /** For a request, which is one short head, from its first byte on, or from when the connection came. */
  readonly requestMs: number;
  /** In which nothing was read or written: who does not read an answer goes. */
  readonly idleMs: number;
}

const LIMITS: HttpLimits = { connections: 64, requestMs: 10_000, idleMs: 30_000 };
/** Node looks so often in the time for a request whether that is over. */
const LOOKS = 10;

/** An HTTP server for those who look on. */
interface HttpServer {
  /** `host:port`, with the port that the kernel chose if 0 was asked for. */
  readonly endpoint: string;
  /** Whether other machines may reach it. */
  readonly isExposed: boolean;
  /** Ends it, and its connections. */
  close(): Promise<void>;
}

/**
 * Listens for HTTP until it is closed.
 *
 * @param listen `HOST:PORT`
 * @param limits see {@link HttpLimits}
 * @throws {NetTcpError} `Usage` for what is no HOST:PORT, `AddressAlreadyInUse` and others if it cannot listen
 */
export async function serveHttp(
  listen: string,
  onRequest: RequestListener,
  { connections, requestMs, idleMs }: HttpLimits = LIMITS,
): Promise<HttpServer> {
  const { host, port } = placeOf(listen);
  const options = {
    requestTimeout: requestMs,
    headersTimeout: requestMs,
    connectionsCheckingInterval: requestMs / LOOKS,
  };
  const server = createServer(options, onRequest);
  server.maxConnections = connections;
  server.timeout = idleMs;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, host, port)));
    server.listen({ host, port }, () => {
      server.removeAllListeners('error').on('error', () => {}); // of one connection, which is gone
      resolve();
    });
  });
  const bound = server.address();
  return {
    endpoint: showEndpoint(host, typeof bound === 'object' && bound !== null ? bound.port : port),
    isExposed: !isLoopback(host) && host.toLowerCase() !== 'localhost',
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function placeOf(listen: string): { readonly host: string; readonly port: number } {
  try {
    if (/^[^/?#]+:\d+$/.test(listen)) return parseAddress(`net.tcp://${listen}/`);
  } catch {
    // Said below, as there is no net.tcp address in it.
  }
  const text = `${quoted(listen)} is not a place to listen at: write --listen 127.0.0.1:9464.`;
  throw new NetTcpError('Usage', text);
}
