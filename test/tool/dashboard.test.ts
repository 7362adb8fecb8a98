// `net-tcp-port-sharing dashboard`: who may see it, and what is seen, in a real browser.
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DaemonStatus } from '../../shared/port-sharing/handshake/status.ts';
import { received } from '../../shared/printable.ts';
import { serveDashboard } from '../../shared/tool/dashboard.ts';
import {
  CLIENT,
  PORT_SHARING,
  privateDirectory,
  runCommand,
  startService,
} from '../helpers/command.ts';
import { eventually } from '../helpers/eventually.ts';
import { Browser, noBrowser } from './browser/browser.ts';
import { endpoint, heardOf, look, pageOf, startDashboard, STATUS, textOf } from './browser/page.ts';

const HOSTILE =
  '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>\u202e\u001b[2J';

function statusOf(url: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, setHost: headers['Host'] === undefined });
    asked.on('error', reject).on('response', (response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    asked.end();
  });
}

describe('who may see it', () => {
  test.for<
    [string, (url: URL) => [url: string, headers?: Record<string, string>, method?: string], number]
  >([
    ['who has the URL', (url) => [url.href], 200],
    ['who has it, and asks for events', (url) => [`${url.href}events`], 200],
    ['a browser that was given the URL', (url) => [url.href, { 'Sec-Fetch-Site': 'none' }], 200],
    ['the page', (url) => [`${url.href}events`, { 'Sec-Fetch-Site': 'same-origin' }], 200],
    ['who comes through a tunnel', (url) => [url.href, { Host: 'localhost:1234' }], 200],
    ['nobody without a token', (url) => [url.origin], 403],
    ['nobody with another token', (url) => [`${url.origin}/${'x'.repeat(24)}/events`], 403],
    ['nobody with half of it', (url) => [url.href.slice(0, -4)], 403],
    ['no other host', (url) => [url.href, { Host: 'evil.example' }], 403],
    ['no host that begins like it', (url) => [url.href, { Host: 'localhost.evil.example' }], 403],
    [
      'no page of another origin',
      (url) => [`${url.href}events`, { Origin: 'http://evil.example' }],
      403,
    ],
    [
      'no page of another port',
      (url) => [`${url.href}events`, { Origin: 'http://127.0.0.1:1' }],
      403,
    ],
    ['no page without an origin', (url) => [`${url.href}events`, { Origin: 'null' }], 403],
    ['no other site', (url) => [url.href, { 'Sec-Fetch-Site': 'cross-site' }], 403],
    ['nobody who writes', (url) => [url.href, {}, 'POST'], 405],
    ['nothing else is there', (url) => [`${url.href}package.json`], 404],
    ['nothing below', (url) => [`${url.href}events/x`], 404],
  ])('%s', async ([, ask, status]) => {
    const { url } = await pageOf(STATUS);
    const [to, headers = {}, method] = ask(new URL(url));
    expect(await statusOf(to, headers, method)).toBe(status);
  });

  test('nothing but its own script runs in it, and nobody keeps it', async () => {
    const { url } = await pageOf(STATUS);
    const { headers } = await fetch(url);
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; connect-src 'self';/,
    );
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });

  test.for(['0.0.0.0:0', '[::]:0', '192.0.2.1:9465', 'example.org:80'])(
    '--listen %s is refused: other machines reach it',
    async (listen) => {
      const refused = await runCommand(PORT_SHARING, ['dashboard', '--listen', listen]);
      expect(refused).toMatchObject({ status: 64, stdout: '' });
      expect(refused.stderr).toContain('ssh -L');
    },
  );
});

const missing = await noBrowser();
if (missing !== undefined) console.error(`dashboard: not looked at. ${missing}`);

describe.skipIf(missing !== undefined)('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => void (browser = await Browser.open()), 60_000);
  afterAll(() => browser.close());

  const text = (selector: string): Promise<string> => textOf(browser, selector);

  test('a new service is there at once, and gone when it ends', async () => {
    const directory = privateDirectory();
    const first = await startService(directory);
    await look(browser, await startDashboard(directory));
    const { address, number, port, service } = await startService(directory, [
      '--port',
      first.port,
    ]);
    await eventually(async () =>
      expect(await text('.row.new')).toContain(new URL(address).pathname),
    );
    expect(await text('#log .came')).toContain(address);
    await runCommand(CLIENT, ['--port', port, number, 'add', '1', '2'], { directory });
    await eventually(async () => expect(await text('.row')).toMatch(/\n1\n/));
    service.kill('SIGTERM');
    await eventually(async () => expect(await text('#log .gone')).toContain(address));
    expect(await text('#count')).toBe('1');
    expect(browser.problems).toEqual([]);
  }, 90_000);

  test('it survives the daemon: killed, absent, and another one', async () => {
    const directory = privateDirectory();
    const { service, address } = await startService(directory);
    await look(browser, await startDashboard(directory));
    const pid = await browser.value<number>('daemon.pid');
    process.kill(pid, 'SIGKILL');
    await eventually(async () => {
      expect(await browser.value('daemon.pid')).not.toBe(pid);
      expect(await text('#state')).toBe('live');
      expect(await text('.row')).toContain(new URL(address).pathname);
    });
    service.kill('SIGTERM');
    await service.finished;
    await runCommand(PORT_SHARING, ['stop'], { directory });
    await eventually(async () => expect(await text('#state')).toBe('no daemon'));
    expect(await text('#notice')).toContain('The first service that starts, starts one');
    const again = await startService(directory);
    await eventually(async () =>
      expect(await text('.row')).toContain(new URL(again.address).pathname),
    );
    expect(await text('#notice')).toBe('');
  }, 90_000);

  test('the command is gone: the page says so, and shows what it knew', async () => {
    const { url, close } = await serveDashboard('127.0.0.1:0', () =>
      Promise.resolve(received({ ...STATUS, registrations: [endpoint('kept')] })),
    );
    await look(browser, url);
    await close();
    await eventually(async () => expect(await text('#state')).toBe('not connected'));
    expect(await text('#notice')).toContain('Start it again');
    expect(await text('.row')).toContain('/kept');
  }, 60_000);

  test('hostile text is text', async () => {
    const hostile = { listensOn: [HOSTILE], security: HOSTILE };
    const registrations = [
      endpoint(HOSTILE, hostile),
      endpoint('x', { address: HOSTILE, target: HOSTILE, ...hostile }),
    ];
    const { url, now } = await pageOf({
      ...STATUS,
      listeners: [HOSTILE],
      log: HOSTILE,
      trusted: [HOSTILE],
      fronts: [{ address: HOSTILE, connections: 1, checks: 0, lastSeen: HOSTILE }],
      registrations,
    });
    await look(browser, url);
    now.status = { ...STATUS, registrations: [...registrations, endpoint(`later/${HOSTILE}`)] };
    await eventually(async () => expect(await text('#log')).toContain('later/<img'));
    await browser.value(`choose(shown[0].id)`);
    expect(await text('#facts')).toContain('<img src=x');
    expect(await browser.value('window.hacked === undefined')).toBe(true);
    const elements = `document.querySelectorAll('#app img, #app script').length`;
    expect(await browser.value(elements)).toBe(0);
    const seen = await browser.value<string>('document.body.innerText');
    expect(['\u202e', '\u001b'].filter((one) => seen.includes(one))).toEqual([]);
    expect(browser.problems).toEqual([]);
  }, 60_000);

  test('10,000 endpoints: only those in sight are drawn, and one is found', async () => {
    const many = (count: number): DaemonStatus => ({
      ...STATUS,
      registrations: Array.from({ length: count }, (_, index) =>
        endpoint(`s/${String(index).padStart(5, '0')}`, {
          handedOver: index % 7,
          calls: index * 3,
          faults: 0,
        }),
      ),
    });
    const { url, now } = await pageOf(many(100));
    await look(browser, url);
    const drawn = 'document.querySelectorAll("*").length';
    const few = await browser.value<number>(drawn);
    now.status = many(10_000);
    await eventually(async () => expect(await text('#count')).toBe('10,000'));
    // Besides five lines of recent events.
    expect(await browser.value<number>(drawn)).toBeLessThan(few + 50);
    await browser.value(`$('grid').focus()`);
    await browser.press('End');
    expect(await text('.row[aria-selected="true"]')).toContain('s/09999');
    await browser.press('/');
    expect(await browser.value('document.activeElement.id')).toBe('filter');
    await browser.send('Input.insertText', { text: 's/04321' });
    expect(await text('#count')).toBe('1 of 10,000');
    expect(await text('.row')).toContain('s/04321');
    await browser.press('Escape');
    expect(await text('#count')).toBe('10,000');
  }, 90_000);

  test('with a keyboard and a screen reader', async () => {
    const { url } = await pageOf({
      ...STATUS,
      registrations: [endpoint('b'), endpoint('a', { refused: 3 }), endpoint('c')],
    });
    await look(browser, url);
    await browser.press('/');
    await browser.press('ArrowDown'); // from the filter into the list
    await browser.press('ArrowDown');
    expect(await text('.row[aria-selected="true"]')).toContain('/b');
    expect(await text('#facts')).toContain('net.tcp://localhost:9000/b');
    const active = `document.getElementById($('grid').getAttribute('aria-activedescendant')).innerText`;
    expect(await browser.value(active)).toContain('/b');
    const named = await heardOf(browser);
    for (const one of ['grid Endpoints', 'columnheader Address', 'heading Lately', 'status 3']) {
      expect(named.some((each) => each.startsWith(one.replace('status 3', 'status')))).toBe(true);
    }
    // The order of rows is that in which they are read.
    const rows = await browser.value<string[]>(
      `[...document.querySelectorAll('.row')].map((e) => e.firstChild.title.slice(-1))`,
    );
    expect(rows).toEqual(['a', 'b', 'c']);
  }, 60_000);
});
