// The dashboard of a daemon that says what a test wants.
import { expect, onTestFinished } from 'vitest';
import type { DaemonStatus } from '../../../shared/port-sharing/handshake/status.ts';
import { received } from '../../../shared/printable.ts';
import { serveDashboard } from '../../../shared/tool/dashboard.ts';
import { Command, PORT_SHARING } from '../../helpers/command.ts';
import { eventually } from '../../helpers/eventually.ts';
import type { Browser } from './browser.ts';

export const STATUS: DaemonStatus = {
  pid: 4_711,
  version: '0.2.0',
  since: '2026-11-28T12:00:00.500Z',
  transfer: 'hand-over',
  activated: [],
  log: '/log',
  listeners: ['127.0.0.1:9000'],
  pending: 0,
  notFound: 0,
  dropped: 0,
  relaying: 0,
  registrations: [],
};

export function endpoint(path: string, counts: object = {}): DaemonStatus['registrations'][number] {
  return {
    address: `net.tcp://localhost:9000/${path}`,
    pid: 7,
    since: '2026-11-28T12:00:01Z',
    listensOn: ['127.0.0.1'],
    security: 'none',
    handedOver: 0,
    relayed: 0,
    queued: 0,
    refused: 0,
    ...counts,
  };
}

/** A page, and what the daemon says: the test may change it. */
export async function pageOf(first: DaemonStatus | undefined): Promise<{
  url: string;
  now: { status: DaemonStatus | undefined };
}> {
  const now = { status: first };
  const { url, close } = await serveDashboard('127.0.0.1:0', () =>
    Promise.resolve(now.status && received(now.status)),
  );
  onTestFinished(close);
  return { url, now };
}

/** The real command. @returns the page's URL */
export async function startDashboard(directory: string): Promise<string> {
  const command = new Command(PORT_SHARING, ['dashboard', '--json'], { directory });
  return String((await command.ready())['url']);
}

/** What is read of elements, `|` between them. */
export function textOf(browser: Browser, selector: string): Promise<string> {
  return browser.value(
    `[...document.querySelectorAll('${selector}')].map((e) => e.innerText).join('|')`,
  );
}

/** Opens the page, and waits until it shows what a daemon says. */
export async function look(browser: Browser, url: string): Promise<void> {
  await browser.send('Page.navigate', { url });
  await eventually(async () => expect(await textOf(browser, '#state')).toBe('live'));
}

/** What a screen reader has of the page: role and name of each part. */
export async function heardOf(browser: Browser): Promise<readonly string[]> {
  const { nodes } = (await browser.send('Accessibility.getFullAXTree')) as {
    nodes: { ignored: boolean; role?: { value: string }; name?: { value: string } }[];
  };
  return nodes
    .filter(({ ignored }) => !ignored)
    .map(({ role, name }) => `${role?.value} ${name?.value}`);
}
