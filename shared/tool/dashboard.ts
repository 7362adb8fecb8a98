import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import { isLoopback } from '../address.ts';
import { NetTcpError } from '../errors.ts';
import { jsonLine, quoted } from '../printable.ts';
import { fired } from '../time.ts';
import { askStatus, type Context } from './context.ts';
import { type AskStatus, DashboardFeed } from './dashboard-feed.ts';
import { serveHttp } from './http.ts';

/**
 * `net-tcp-port-sharing dashboard [--listen HOST:PORT]`: a page that shows what the daemon does, as it does it, until
 * stopped. Only this machine reaches it, and only who has its URL.
 *
 * @returns exit status
 * @throws {NetTcpError} `Usage` for a place that other machines reach, `AddressAlreadyInUse` and others if it cannot
 *   listen
 */
export async function dashboard(context: Context, listen = '127.0.0.1:0'): Promise<number> {
  const { paths, terminal, stop, json } = context;
  const host = listen
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
  if (!isLoopback(host) && host !== 'localhost') {
    const text = `The dashboard is for this machine only, and ${quoted(listen)} is not: write --listen 127.0.0.1:9465, and from another machine go through ssh -L 9465:127.0.0.1:9465.`;
    throw new NetTcpError('Usage', text);
  }
  const { url, close } = await serveDashboard(listen, () => askStatus(paths));
  if (json) terminal.out(jsonLine({ event: 'listening', url, pid: process.pid }));
  else terminal.out(`Dashboard at ${url}; stop with Ctrl-C.`);
  await fired(stop);
  await close();
  return 0;
}

/**
 * Serves the page, and what it shows, until it is closed.
 *
 * @param ask what the daemon says; `undefined` if none runs
 * @throws {NetTcpError} if it cannot listen
 */
export async function serveDashboard(
  listen: string,
  ask: AskStatus,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const page = readFileSync(createRequire(import.meta.url).resolve('#dashboard'), 'utf8');
  const token = randomBytes(18).toString('base64url');
  const feed = new DashboardFeed(ask);
  const server = await serveHttp(listen, answer(page, token, feed));
  return {
    url: `http://${server.endpoint}/${token}/`,
    async close() {
      feed.close();
      await server.close();
    },
  };
}

/**
 * Answers whoever has the token, and comes from no other page: a page somewhere else that guesses the port, or that a
 * name leads here, learns nothing.
 */
function answer(page: string, token: string, feed: DashboardFeed): RequestListener {
  const headers = {
    'Cache-Control': 'no-store',
    'Content-Security-Policy': policyOf(page),
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  };
  return (request, response) => {
    const say = (status: number, type: string, body: string): void =>
      void response
        .writeHead(status, { ...headers, 'Content-Type': `${type}; charset=utf-8` })
        .end(request.method === 'HEAD' ? '' : body);
    const [, given = '', name, ...more] = (request.url ?? '').replace(/\?.*/s, '').split('/');
    if (!isOwnHost(request) || !isOwnPage(request) || !isSame(given, token)) {
      return say(403, 'text/plain', 'Open the URL that net-tcp-port-sharing dashboard printed.\n');
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return say(405, 'text/plain', 'The dashboard is read-only.\n');
    }
    if (more.length > 0) return say(404, 'text/plain', 'There is no such page.\n');
    if (name === '') return say(200, 'text/html', page);
    if (name !== 'events') return say(404, 'text/plain', 'There is no such page.\n');
    response.writeHead(200, { ...headers, 'Content-Type': 'text/event-stream; charset=utf-8' });
    if (request.method === 'HEAD') response.end();
    else feed.add(response);
  };
}

/** The page's own script and style, and nothing else. */
function policyOf(page: string): string {
  const hashOf = (element: string): string => {
    const [, text = ''] = new RegExp(`<${element}>(.*?)</${element}>`, 's').exec(page) ?? [];
    return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  };
  return [
    "default-src 'none'",
    `script-src ${hashOf('script')}`,
    `style-src ${hashOf('style')}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ');
}

/** Named as this machine: no name that somebody else has leads here. An ssh tunnel may have another port. */
function isOwnHost({ headers: { host = '' } }: IncomingMessage): boolean {
  return /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i.test(host);
}

/** Asked for by a person, or by this page. */
function isOwnPage({ headers }: IncomingMessage): boolean {
  const { origin, host = '' } = headers;
  const site = headers['sec-fetch-site'];
  const isFromHere = site === undefined || site === 'same-origin' || site === 'none';
  return isFromHere && (origin === undefined || origin === `http://${host}`);
}

function isSame(given: string, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
