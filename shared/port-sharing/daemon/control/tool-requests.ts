import type { Received } from '../../../printable.ts';
import type { Limits } from '../../../limits.ts';
import { pagesOf } from '../../handshake/codec.ts';
import type { CallerControl } from '../../handshake/link.ts';
import type { DaemonMessage, ServiceMessage } from '../../handshake/messages.ts';
import type { RouteProblem } from '../../handshake/route-problem.ts';
import type { RegistrationStatus } from '../../handshake/status.ts';
import type { Paths } from '../../machine/paths.ts';
import type { Daemon } from '../daemon.ts';

interface ToolOptions {
  readonly daemon: Daemon;
  readonly paths: Paths;
  readonly limits: Limits;
}

// The bytes that a page takes beside its items.
const PAGE_ROOM_BYTES = 64;

/** Answers what a tool asks, until it closes the connection. */
export function serveTool(control: CallerControl, { daemon, paths, limits }: ToolOptions): void {
  const maxBytes = limits.maxControlMessageBytes - PAGE_ROOM_BYTES;
  /** The rest of an answer that comes in pages. */
  let pages: Iterator<DaemonMessage> | undefined;
  const sendPage = (): void => {
    const page = pages?.next();
    if (page?.done !== false) return control.close('there are no more pages');
    if (!control.send(page.value)) control.close('a page is too long for a message');
  };
  const onMessage = async ({ type }: Received<ServiceMessage>): Promise<void> => {
    if (type === 'status') {
      pages = statusPages(daemon, maxBytes);
      sendPage();
    } else if (type === 'routes') {
      pages = routePages(await daemon.routes.load(paths), maxBytes);
      sendPage();
    } else if (type === 'more') sendPage();
    else if (type === 'stop') void daemon.ending.stop('stopped by net-tcp-port-sharing stop');
    else control.close(`a tool may not send ${type}`);
  };
  control.onMessage = (message) => void onMessage(message);
}

function* statusPages(daemon: Daemon, maxBytes: number): Generator<DaemonMessage> {
  yield { type: 'status', status: daemon.status };
  for (const { page, isLast } of pagesOf(statusItems(daemon), maxBytes)) {
    const listeners = page.filter((item) => typeof item === 'string');
    const registrations = page.filter((item) => typeof item !== 'string');
    yield { type: 'status-page', listeners, registrations, isLast };
  }
}

function* statusItems(daemon: Daemon): Generator<string | RegistrationStatus> {
  yield* daemon.listeners;
  yield* daemon.registrations();
}

function* routePages(
  problems: readonly RouteProblem[],
  maxBytes: number,
): Generator<DaemonMessage> {
  for (const { page, isLast } of pagesOf(problems, maxBytes)) {
    yield { type: 'routes', problems: page, isLast };
  }
}
