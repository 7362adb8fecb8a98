import type { Received, Untrusted } from '../../printable.ts';
import type { DaemonLink } from './link.ts';
import { Conversation } from './conversation.ts';
import type { RouteProblem } from './route-problem.ts';
import type { DaemonStatus, RegistrationStatus } from './status.ts';

const WHO = 'the port-sharing daemon';

// A daemon answers nobody else while it says a long status.
const SHARE = 10;

/**
 * How long to wait before a daemon is asked for its status again: answering takes at most a tenth of its time.
 *
 * @param tookMs how long it took the last time
 * @param leastMs for daemons that have little to say
 */
export function restMs(tookMs: number, leastMs: number): number {
  return Math.max(leastMs, tookMs * SHARE);
}

/**
 * A daemon's status, put together from all its pages.
 *
 * @param link      a tool's; closed afterwards
 * @param timeoutMs for each answer
 * @throws {NetTcpError} `Communication` if the daemon ends meanwhile, `Timeout`
 */
export async function readStatus(
  link: DaemonLink,
  timeoutMs: number,
): Promise<Received<DaemonStatus>> {
  const talk = new Conversation(link.control, WHO);
  const listeners: Untrusted[] = [];
  const registrations: Received<RegistrationStatus>[] = [];
  try {
    link.control.send({ type: 'status' });
    const { status } = await talk.expect('status', timeoutMs);
    for (;;) {
      link.control.send({ type: 'more' });
      const page = await talk.expect('status-page', timeoutMs);
      listeners.push(...page.listeners);
      registrations.push(...page.registrations);
      if (page.isLast) return { ...status, listeners, registrations };
    }
  } finally {
    link.control.close();
  }
}

/**
 * Makes a daemon read the file of static routes again.
 *
 * @param link      a tool's; closed afterwards
 * @param timeoutMs for each answer
 * @returns the routes that it could not set up, and why
 * @throws {NetTcpError} `Communication` if the daemon ends meanwhile, `Timeout`
 */
export async function reloadRoutes(
  link: DaemonLink,
  timeoutMs: number,
): Promise<readonly Received<RouteProblem>[]> {
  const talk = new Conversation(link.control, WHO);
  const problems: Received<RouteProblem>[] = [];
  try {
    link.control.send({ type: 'routes' });
    for (;;) {
      const page = await talk.expect('routes', timeoutMs);
      problems.push(...page.problems);
      if (page.isLast) return problems;
      link.control.send({ type: 'more' });
    }
  } finally {
    link.control.close();
  }
}
