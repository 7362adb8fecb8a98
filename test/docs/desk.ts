// A desk with a terminal for each command of a page, and the commands of the package on its path.
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '../../scripts/free-port.ts';
import type { RunningProcess } from '../../scripts/process.ts';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import { sleep } from '../../shared/time.ts';
import { privateDirectory, program } from '../helpers/command.ts';
import { scratchDirectory } from '../helpers/directory.ts';

const DEADLINE_MS = 30_000;
/** The ports that pages name: the shared one, and that of a service behind a route. */
const PORTS = ['9000', '9101'];
/** Programs of the examples, as they are and as they are built. */
const EXAMPLES = ['docs/examples', 'dist/docs/examples'];
const GOES_ON = 'Press <ENTER> to terminate service.';

export class Desk {
  readonly #directory: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #ports: ReadonlyMap<string, string>;
  readonly #terminals: RunningProcess[] = [];

  private constructor(directory: string, ports: ReadonlyMap<string, string>) {
    this.#directory = directory;
    this.#ports = ports;
    this.#env = {
      ...process.env,
      PATH: `${directory}/bin:${path.dirname(process.execPath)}:${process.env['PATH']}`,
      DESK_PORT: ports.get('9000'),
      NO_COLOR: '1',
      FORCE_COLOR: undefined,
      NODE_OPTIONS: undefined,
      NET_TCP_PORT_SHARING_DIR: privateDirectory(),
    };
  }

  /** A desk on free ports, with a daemon of its own; it is cleared when the test ends. */
  static async set(): Promise<Desk> {
    const ports = new Map<string, string>();
    for (const port of PORTS) ports.set(port, String(await freePort()));
    // Inside the package: programs import it by its name.
    const directory = scratchDirectory(path.resolve('dist'));
    const desk = new Desk(directory, ports);
    desk.#layOutCommands();
    for (const folder of EXAMPLES) desk.#layOut(folder);
    return desk;
  }

  /**
   * Types a command and compares what it says.
   *
   * @param expected what the page shows; a service that has said all of it goes on
   * @returns what is different; `undefined` for nothing
   */
  async type(command: string, expected: string): Promise<string | undefined> {
    const shown = asInstalled(this.#onOurPorts(expected));
    const pattern = patternOf(shown);
    const goesOn = shown.trim().endsWith(GOES_ON);
    const terminal = this.#open(command, goesOn ? undefined : DEADLINE_MS);
    terminal.type(typedIn(shown));
    if (goesOn) await terminal.said(GOES_ON, DEADLINE_MS).catch(() => {});
    else await terminal.finished;
    const said = asInstalled(isPatient(shown) ? terminal.stdout : onQuietMachine(terminal.stdout));
    if (pattern.test(said) && terminal.isRunning === goesOn) return undefined;
    return `$ ${command}\nshould say\n${shown}\nand said\n${terminal.stdout}`;
  }

  /** Runs a command to its end. @returns what went wrong; `undefined` for nothing */
  async run(command: string): Promise<string | undefined> {
    const terminal = this.#open(command, DEADLINE_MS);
    const { status, stdout } = await terminal.finished;
    return status === 0 ? undefined : `$ ${command}\n${terminal.how} and said\n${stdout}`;
  }

  /** ENTER in every terminal where something runs. @returns what does not end; `undefined` for nothing */
  async enter(): Promise<string | undefined> {
    for (const terminal of this.#terminals) {
      if (!terminal.isRunning) continue;
      terminal.type('\n');
      const late = setTimeout(() => terminal.kill('SIGKILL'), DEADLINE_MS);
      const { status } = await terminal.finished;
      clearTimeout(late);
      if (status !== 0) return `at ENTER a service ${terminal.how}`;
    }
    // A person takes longer to get here than a new daemon keeps a port free for services that may come back.
    await sleep(DEFAULT_LIMITS.recoveryGraceMs);
    return undefined;
  }

  /** Both outputs of a command in one, in the order in which they come, as on a terminal. */
  #open(command: string, deadlineMs: number | undefined): RunningProcess {
    const terminal = program(['bash', '-c', `exec 2>&1\n${this.#onOurPorts(command)}`], {
      cwd: this.#directory,
      env: this.#env,
      isGroup: true,
      deadlineMs,
    });
    this.#terminals.push(terminal);
    return terminal;
  }

  #onOurPorts(text: string): string {
    return text.replaceAll(/\b(?:9000|9101)\b/g, (port) => this.#ports.get(port) ?? port);
  }

  #layOutCommands(): void {
    const bin = path.join(this.#directory, 'bin');
    mkdirSync(bin);
    const { bin: commands } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      bin: Record<string, string>;
    };
    for (const name of [...Object.keys(commands), 'npm']) {
      const line = `exec '${process.execPath}' '${path.resolve('test/docs/typed.mjs')}' ${name} "$@"`;
      writeFileSync(path.join(bin, name), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
    }
  }

  #layOut(folder: string): void {
    const target = path.join(this.#directory, folder);
    cpSync(folder, target, { recursive: true });
    for (const name of readdirSync(target)) {
      const file = path.join(target, name);
      writeFileSync(file, this.#onOurPorts(readFileSync(file, 'utf8')));
    }
  }
}

/** In a clone, which this is, messages name the tool as it is run there. */
function asInstalled(text: string): string {
  return text.replaceAll('npm run port-sharing ', 'net-tcp-port-sharing ');
}

const PATIENCE = /^Still waiting to listen .*\n/gm;

function isPatient(shown: string): boolean {
  return shown.search(PATIENCE) >= 0;
}

/** A busy machine takes more than a second to start a daemon, and services say so. */
function onQuietMachine(said: string): string {
  return said.replaceAll(PATIENCE, '');
}

/** What a person types: the answer to the one question that the client asks, and ENTER after its results. */
function typedIn(shown: string): string {
  const [, number] = /^Enter the service number to test: (\d+)$/m.exec(shown) ?? [];
  return number === undefined ? '' : `${number}\n\n`;
}

/** `…` is anything, also several lines; how many spaces are between words does not matter. */
export function patternOf(shown: string): RegExp {
  const parts = shown
    .trim()
    .split('…')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/ +/g, ' +'));
  return new RegExp(`^\\s*${parts.join('[\\s\\S]*?').replaceAll(/ *\n/g, ' *\\n')}\\s*$`);
}
