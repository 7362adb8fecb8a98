// A real browser, Debian's Chromium, driven over the DevTools protocol.
import { RunningProcess } from '../../../scripts/process.ts';
import { run } from '../../../scripts/run.ts';
import { removeDirectory, temporaryDirectory } from '../../../scripts/temporary.ts';

const CHROMIUM = 'chromium';
const FLAGS = [
  '--headless=new',
  '--remote-debugging-pipe',
  '--no-first-run',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-proxy-server',
  // Only what this machine serves is looked at, and root has no other way.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

/** Whether there is one here, or why not. */
export async function noBrowser(): Promise<string | undefined> {
  const { status } = await run(['sh', '-c', `command -v ${CHROMIUM}`]);
  return status === 0
    ? undefined
    : 'Chromium is not installed: test/tool/browser/install.sh does so';
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

/** One page of one browser. */
export class Browser extends RunningProcess {
  readonly #directory: string;
  readonly #messages: Message[] = [];
  #read = 0;
  #lastId = 0;
  #session: string | undefined;

  private constructor(directory: string) {
    const words = [CHROMIUM, ...FLAGS, `--user-data-dir=${directory}`, 'about:blank'];
    // It reads commands from descriptor 3, and answers on 4.
    const script = 'exec "$@" 3<&0 4>&1 </dev/null >/dev/null';
    super(['sh', '-c', script, 'sh', ...words], { isGroup: true });
    this.#directory = directory;
  }

  static async open(): Promise<Browser> {
    const browser = new Browser(temporaryDirectory());
    const { targetInfos } = (await browser.send('Target.getTargets')) as {
      targetInfos: { type: string; targetId: string }[];
    };
    const target = targetInfos.find(({ type }) => type === 'page');
    const attached = await browser.send('Target.attachToTarget', {
      targetId: target?.targetId,
      flatten: true,
    });
    browser.#session = String(attached['sessionId']);
    for (const domain of ['Page', 'Runtime', 'Log', 'Accessibility', 'Network']) {
      await browser.send(`${domain}.enable`);
    }
    return browser;
  }

  /** Sends a command. @returns what it results in @throws what the browser says against it */
  async send(method: string, params: object = {}): Promise<Readonly<Record<string, unknown>>> {
    const id = ++this.#lastId;
    const session = this.#session === undefined ? {} : { sessionId: this.#session };
    this.type(`${JSON.stringify({ id, method, params, ...session })}\0`);
    const answer = await this.until(() => this.#find(id), `an answer to ${method}`);
    if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`);
    return answer.result ?? {};
  }

  /** The value of an expression of the page, which may be a promise. */
  async value<T = unknown>(expression: string): Promise<T> {
    const { result, exceptionDetails } = (await this.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    })) as { result: { value: T }; exceptionDetails?: object };
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return result.value;
  }

  /** Presses a key, such as `ArrowDown` or `/`. */
  async press(key: string): Promise<void> {
    const text = key.length === 1 ? key : key === 'Enter' ? '\r' : undefined;
    await this.send('Input.dispatchKeyEvent', {
      type: text === undefined ? 'rawKeyDown' : 'keyDown',
      key,
      code: key,
      windowsVirtualKeyCode: CODES[key] ?? 0,
      ...(text === undefined ? {} : { text }),
    });
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', key, code: key });
  }

  /** What went wrong in the page: exceptions, errors of the console, what its policy forbids. */
  get problems(): readonly string[] {
    this.#take();
    return this.#messages
      .filter(({ method, params }) => {
        if (method === 'Runtime.exceptionThrown') return true;
        const { entry, type } = (params ?? {}) as {
          entry?: { level: string; source: string };
          type?: string;
        };
        return method === 'Log.entryAdded'
          ? entry?.level === 'error' && entry.source !== 'network' // a server that is gone
          : method === 'Runtime.consoleAPICalled' && type === 'error';
      })
      .map((message) => JSON.stringify(message.params));
  }

  async close(): Promise<void> {
    await this.end();
    removeDirectory(this.#directory);
  }

  #find(id: number): Message | undefined {
    this.#take();
    return this.#messages.find((message) => message.id === id);
  }

  #take(): void {
    const { stdout } = this;
    for (;;) {
      const end = stdout.indexOf('\0', this.#read);
      if (end < 0) return;
      this.#messages.push(JSON.parse(stdout.slice(this.#read, end)) as Message);
      this.#read = end + 1;
    }
  }
}

/** Of Windows, by which Chromium knows keys. */
const CODES: Readonly<Record<string, number>> = {
  Enter: 13,
  Escape: 27,
  PageUp: 33,
  PageDown: 34,
  End: 35,
  Home: 36,
  ArrowUp: 38,
  ArrowDown: 40,
};
