// The dashboard's figures, in a real browser: calls as services say, and the fronts that are trusted.
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ICalculator } from '../../shared/contract/calculator.ts';
import { ChannelFactory, NetTcpBinding } from '../../shared/index.ts';
import type { DaemonStatus } from '../../shared/port-sharing/handshake/status.ts';
import { privateDirectory, startService } from '../helpers/command.ts';
import { eventually } from '../helpers/eventually.ts';
import { Browser, noBrowser } from './browser/browser.ts';
import { endpoint, heardOf, look, pageOf, startDashboard, STATUS, textOf } from './browser/page.ts';

const missing = await noBrowser();
if (missing !== undefined) console.error(`dashboard: not looked at. ${missing}`);

const sizeOf = (width: number) => ({ width, height: 800, deviceScaleFactor: 1, mobile: false });
const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();

describe.skipIf(missing !== undefined)('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => void (browser = await Browser.open()), 60_000);
  afterAll(() => browser.close());

  const text = (selector: string): Promise<string> => textOf(browser, selector);
  /** The cells of the first row under a heading. */
  const cell = (heading: string): Promise<string> =>
    browser.value(
      `document.querySelector('.row').children[COLUMNS.findIndex(({ title }) => title === '${heading}')].innerText`,
    );
  const tile = (title: string, part: string): Promise<string> =>
    browser.value(
      `TILES.find((one) => one.title === '${title}').element.querySelector('${part}').textContent`,
    );

  test('calls of a real service are counted, its rate is shown, and passes', async () => {
    const directory = privateDirectory();
    const { address } = await startService(directory);
    await look(browser, await startDashboard(directory));
    await eventually(async () => expect(await cell('Calls/s')).toBe(''));
    const factory = new ChannelFactory(ICalculator, new NetTcpBinding());
    onTestFinished(() => factory.close());
    const channel = factory.createChannel(address);
    await eventually(async () => {
      for (let call = 0; call < 100; call++) await channel.Add(1, 2);
      expect(Number((await tile('Calls a second', '.number')).replace(',', ''))).toBeGreaterThan(0);
      expect(Number((await cell('Calls/s')).replace(',', ''))).toBeGreaterThan(0);
    });
    expect(await cell('Faults')).toBe('0');
    await eventually(async () => expect(await tile('Calls a second', '.number')).toBe('0'));
    await eventually(async () => expect(await cell('Calls/s')).toBe(''));
    expect(await tile('Calls a second', '.more')).toMatch(/^[\d,]+ so far$/);
    expect(browser.problems).toEqual([]);
  }, 90_000);

  test('faults are seen, and what does not say is not taken for idle', async () => {
    const { url, now } = await pageOf({ ...STATUS, registrations: [endpoint('a'), endpoint('b')] });
    await look(browser, url);
    expect(await cell('Calls/s')).toBe('–');
    expect(await cell('Faults')).toBe('–');
    let calls = 0;
    await eventually(async () => {
      calls += 50;
      const counts = { calls, faults: calls / 10 };
      now.status = { ...STATUS, registrations: [endpoint('a', counts), endpoint('b')] };
      expect(await tile('Faults a second', '.more')).toBe('10 % of calls');
      expect(await browser.value(`TILES.filter((one) => one.element.matches('.bad')).length`)).toBe(
        1,
      );
    });
    await browser.value(`($('kind').value = 'trouble', arrange())`);
    expect(await text('#count')).toBe('1 of 2');
    await browser.value(`choose(shown[0].id)`);
    expect(await text('#facts')).toMatch(/Calls\s+[\d,]+, [\d,]+ faults/);
  }, 60_000);

  test('what all addresses begin with is said once', async () => {
    const { url, now } = await pageOf({ ...STATUS, registrations: [endpoint('a'), endpoint('b')] });
    await browser.send('Emulation.setDeviceMetricsOverride', sizeOf(1_400));
    await look(browser, url);
    expect(await text('#origin')).toBe('at net.tcp://localhost:9000');
    expect(await text('.row [title]')).toBe('/a|/b');
    const other = endpoint('c', { address: 'net.tcp://localhost:9001/c' });
    now.status = { ...STATUS, registrations: [endpoint('a'), other] };
    await eventually(async () =>
      expect(await text('.row [title]')).toBe(
        'net.tcp://localhost:9000/a|net.tcp://localhost:9001/c',
      ),
    );
    expect(await browser.value(`$('origin').hidden`)).toBe(true);
  }, 60_000);

  test('fronts: none trusted, none that came, and how each is', async () => {
    const { url, now } = await pageOf(STATUS);
    await look(browser, url);
    const isHidden = `$('fronts').hidden`;
    expect(await browser.value(isHidden)).toBe(true);
    const trusted = ['10.0.0.0/30'];
    now.status = { ...STATUS, trusted, fronts: [] };
    await eventually(async () =>
      expect(await text('#fronts')).toContain('Nobody has come yet from 10.0.0.0/30.'),
    );
    const front = (address: string, connections: number, checkedMs?: number) => ({
      address,
      connections,
      checks: checkedMs === undefined ? 0 : 5,
      lastCheck: checkedMs === undefined ? undefined : ago(checkedMs),
      lastSeen: ago(0),
    });
    const says = (more: Partial<DaemonStatus> = {}): void => {
      const fronts = [
        front('10.0.0.3', 1),
        front('10.0.0.2', 12_345, 1_000),
        front('10.0.0.1', 7, 60_000),
      ];
      now.status = { ...STATUS, trusted, fronts, ...more };
    };
    says();
    const rows = (): Promise<readonly (readonly string[])[]> =>
      browser.value(
        `[...document.querySelectorAll('#fronts tbody tr')].map((row) => [...row.children].map((one) => one.innerText + (one.className && '!')))`,
      );
    await eventually(async () =>
      expect(await rows()).toEqual([
        ['10.0.0.1', '7', expect.stringMatching(/^asked 1 min ago!$/)],
        ['10.0.0.2', '12,345', expect.stringMatching(/^ready, \d+ s ago$/)],
        ['10.0.0.3', '1', 'never asked'],
      ]),
    );
    says({ leaving: true });
    await eventually(async () => expect((await rows())[1]?.[2]).toMatch(/^leaving, \d+ s ago!$/));
    const named = await heardOf(browser);
    for (const one of ['table Fronts', 'columnheader Health', 'rowheader 10.0.0.2']) {
      expect(named).toContain(one);
    }
    // Without a daemon there are none.
    now.status = undefined;
    await eventually(async () => expect(await browser.value(isHidden)).toBe(true));
    expect(browser.problems).toEqual([]);
  }, 60_000);

  test.for([1_400, 1_000, 390])('nothing is wider than a page of %i pixels', async (width) => {
    const registrations = [
      endpoint('a/path/that/is/rather/long/for/a/telephone', { calls: 1, faults: 1 }),
    ];
    const fronts = [
      {
        address: '2001:db8:1234:5678::9abc',
        connections: 1_234_567,
        checks: 1,
        lastCheck: ago(0),
        lastSeen: ago(0),
      },
    ];
    const { url } = await pageOf({
      ...STATUS,
      registrations,
      trusted: ['2001:db8::/32'],
      fronts,
    });
    const size = sizeOf(width);
    await browser.send('Emulation.setDeviceMetricsOverride', size);
    onTestFinished(async () => void (await browser.send('Emulation.clearDeviceMetricsOverride')));
    await look(browser, url);
    const widths = '[document.documentElement.scrollWidth, document.documentElement.clientWidth]';
    const [wide = 0, room = -1] = await browser.value<number[]>(widths);
    expect(wide).toBeLessThanOrEqual(room);
  });
});
