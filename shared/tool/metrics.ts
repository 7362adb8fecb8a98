import type { RequestListener } from 'node:http';
import { warn } from '../command-line/command.ts';
import { messageOf } from '../errors.ts';
import type { Paths } from '../port-sharing/machine/paths.ts';
import { jsonLine, printable } from '../printable.ts';
import { fired } from '../time.ts';
import { askStatus, type Context } from './context.ts';
import { serveHttp } from './http.ts';
import { daemonMetrics } from './daemon-metrics.ts';
import { CONTENT_TYPE, exposition } from '../telemetry/exposition.ts';

/**
 * `net-tcp-port-sharing metrics [--listen HOST:PORT]`: the daemon's counters as Prometheus reads them, once on
 * standard output, or over HTTP at `/metrics` until stopped.
 *
 * @returns exit status
 * @throws {NetTcpError} `Usage` for what is no HOST:PORT, `AddressAlreadyInUse` and others if it cannot listen
 */
export async function metrics(context: Context, listen: string | undefined): Promise<number> {
  const { paths, terminal, stop, json } = context;
  if (listen === undefined) {
    const status = await askStatus(paths);
    if (json) terminal.out(jsonLine(daemonMetrics(status)));
    else terminal.write(exposition(daemonMetrics(status)));
    return 0;
  }
  const onProblem = (problem: string): void => warn(problem, terminal, json);
  const server = await serveHttp(listen, answer(sharedText(paths), onProblem));
  const url = `http://${server.endpoint}/metrics`;
  if (json) terminal.out(jsonLine({ event: 'listening', url, pid: process.pid }));
  else terminal.out(`Metrics at ${url}; stop with Ctrl-C.`);
  if (server.isExposed) onProblem(`Whoever reaches ${server.endpoint} can read them.`);
  await fired(stop);
  await server.close();
  return 0;
}

/** The text now. Those who ask at the same time get one answer: the daemon is asked once. */
function sharedText(paths: Paths): () => Promise<string> {
  let asked: Promise<string> | undefined;
  return () => {
    asked ??= askStatus(paths)
      .then((status) => exposition(daemonMetrics(status)))
      .finally(() => (asked = undefined));
    return asked;
  };
}

function answer(
  text: () => Promise<string>,
  onProblem: (problem: string) => void,
): RequestListener {
  return ({ method, url = '' }, response) => {
    const say = (status: number, body: string, headers: Record<string, string> = {}): void =>
      void response.writeHead(status, { 'Content-Type': CONTENT_TYPE, ...headers }).end(body);
    if (url.replace(/\?.*/, '') !== '/metrics') return say(404, 'Metrics are at /metrics.\n');
    if (method !== 'GET' && method !== 'HEAD') {
      return say(405, 'Metrics are read with GET.\n', { Allow: 'GET, HEAD' });
    }
    text().then(
      (body) => say(200, body),
      (error: unknown) => {
        const problem = printable(messageOf(error));
        onProblem(problem);
        say(503, `${problem}\n`);
      },
    );
  };
}
