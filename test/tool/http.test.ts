// Whoever reaches the HTTP server of a tool takes none of its places for long.
import { createConnection, type Socket } from 'node:net';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { serveHttp } from '../../shared/tool/http.ts';

const LIMITS = { connections: 4, requestMs: 500, idleMs: 500 };
const GET = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';

test.for<readonly [what: string, take: (socket: Socket) => unknown]>([
  ['say nothing', () => undefined],
  ['say a word now and then', (socket) => drip(socket, 'GET / HTTP/1.1\r\nX: ')],
  ['ask, and do not read the answers', (socket) => socket.pause().write(GET.repeat(100))],
])('%s', async ([, take]) => {
  const body = 'x'.repeat(1 << 18);
  const server = await serveHttp('127.0.0.1:0', (_, response) => response.end(body), LIMITS);
  onTestFinished(() => server.close());
  const port = Number(server.endpoint.split(':')[1]);
  const sockets = Array.from({ length: LIMITS.connections }, () =>
    createConnection(port, '127.0.0.1'),
  );
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  for (const socket of sockets) take(socket.on('error', () => {}));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  await eventually(async () => {
    const answer = await fetch(`http://${server.endpoint}/`);
    expect(await answer.text()).toBe(body);
  });
});

function drip(socket: Socket, head: string): void {
  socket.write(head);
  const timer = setInterval(() => socket.write('x'), 50);
  socket.on('close', () => clearInterval(timer));
}
