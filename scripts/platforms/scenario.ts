import { join } from 'node:path';
import { sleep } from '../../shared/time.ts';
import { RunningProcess } from '../process.ts';
import { output, run } from '../run.ts';
import type { ProcessOptions } from '../spawn.ts';
import { type Platform, ROOT } from './platform.ts';

/** In milliseconds: a command under an emulator takes two seconds to start. */
const COMMAND_DEADLINE_MS = 60_000;
/** Milliseconds until services are back with a new daemon. */
const RECOVERY_MS = 60_000;
const RECOVERY_PAUSE_MS = 250;
const SUM = 'Add(1,2) = 3';

/** A service that was started. */
interface Service {
  readonly process: RunningProcess;
  readonly name: string;
  readonly number: string;
}

interface Status {
  readonly pid: number;
  readonly transfer: string;
  readonly registrations: readonly { readonly handedOver: number; readonly relayed: number }[];
}

/** Runs commands of the suite on one platform, or on this system, with one daemon for both. */
class Side {
  readonly name: string;
  readonly #node: readonly string[];
  readonly #root: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(name: string, node: readonly string[], root: string, env: NodeJS.ProcessEnv) {
    this.name = name;
    this.#node = node;
    this.#root = root;
    this.#env = env;
  }

  /** Options of a command. An emulator's helper processes are killed with it, as they hold its output open. */
  get #options(): ProcessOptions {
    return { env: this.#env, deadlineMs: COMMAND_DEADLINE_MS, isGroup: true };
  }

  async tool(...args: string[]): Promise<unknown> {
    const command = this.#command('dist/shared/tool/main.cjs', [...args, '--json']);
    const text = await output(command, this.#options);
    return JSON.parse(text);
  }

  async startService(port: string): Promise<{ service: Service; port: string }> {
    const args = ['--json', '--port', port];
    const command = this.#command('dist/service/main.cjs', args);
    const process = new RunningProcess(command, { env: this.#env, isGroup: true });
    const { number, address } = await process.ready();
    const [, real = ''] = /:(\d+)\//.exec(String(address)) ?? [];
    const name = `a service on ${this.name}`;
    return { service: { process, name, number: String(number) }, port: real };
  }

  /** @returns `undefined` if the call is right, otherwise what the client printed */
  async call({ number }: Service, port: string): Promise<string | undefined> {
    const args = [number, 'add', '1', '2', '--port', port];
    const command = this.#command('dist/client/main.cjs', args);
    const { stdout, stderr } = await run(command, this.#options);
    return stdout.trim() === SUM ? undefined : `${stdout}${stderr}`.trim();
  }

  /** Kills a process where it runs, which need not be this system. */
  async kill(pid: number): Promise<void> {
    const command = [...this.#node, '-e', `process.kill(${pid}, 'SIGKILL')`];
    await output(command, this.#options);
  }

  #command(entry: string, args: readonly string[]): string[] {
    return [...this.#node, join(this.#root, entry), ...args];
  }
}

/** One thing that is checked. `run` rejects if it does not hold. */
interface Step {
  readonly name: string;
  /** Whether the short form leaves it out. The other steps are what users do first. */
  readonly isLong?: true;
  run(): Promise<void>;
}

export interface Scenario {
  /** Each step needs those before it. */
  readonly steps: readonly Step[];
  /** Ends whatever still runs. */
  close(): Promise<void>;
}

/**
 * What users do, with a platform's commands and with this system's beside them.
 *
 * @param directory of the daemon, as the platform writes it
 */
export function scenarioOn(platform: Platform, directory: string): Scenario {
  const own = {
    NET_TCP_PORT_SHARING_DIR: directory,
    NET_TCP_PORT_SHARING_LIMITS: `idleExitMs=60000,daemonStartTimeoutMs=${COMMAND_DEADLINE_MS}`,
    NO_COLOR: '1',
  };
  const there = new Side(platform.name, platform.node, platform.root, { ...platform.env, ...own });
  const here = new Side('this system', [process.execPath], ROOT, { ...process.env, ...own });
  const services: Service[] = [];
  let port = '0';

  const start = async (side: Side): Promise<void> => {
    const started = await side.startService(port);
    port = started.port;
    services.push(started.service);
  };
  const callAll = async (side: Side): Promise<void> => {
    for (const service of services) {
      const found = await side.call(service, port);
      if (found !== undefined) throw new Error(`${side.name} → ${service.name}: ${found}`);
    }
  };
  // Where both can control the daemon, this system's commands start faster.
  const control = platform.isNative ? here : there;
  const status = async (): Promise<Status> => (await control.tool('status')) as Status;
  const callAllAgain = async (side: Side): Promise<void> => {
    const deadline = performance.now() + RECOVERY_MS;
    for (;;) {
      try {
        return await callAll(side);
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await sleep(RECOVERY_PAUSE_MS);
      }
    }
  };
  const checkTransfer = async (): Promise<void> => {
    const { transfer, registrations } = await status();
    check(transfer === platform.transfer, `the daemon says ${transfer}`);
    const member = platform.transfer === 'relay' ? 'relayed' : 'handedOver';
    const idle = registrations.filter((one) => one[member] === 0);
    check(idle.length === 0, `${idle.length} services were given no connection by ${transfer}`);
  };

  const steps: Step[] = [
    {
      name: 'two services share a port',
      run: async () => {
        // The first service would wait only ten seconds for the daemon: an emulator may take longer.
        await there.tool('start');
        await start(there);
        await start(there);
      },
    },
    { name: 'a client of the platform calls both', run: () => callAll(there) },
    {
      name: 'a client of this system calls both',
      run: async () => {
        await callAll(here);
        await checkTransfer();
      },
    },
  ];
  if (platform.isNative) {
    steps.push({
      name: "this system's service at the platform's daemon",
      run: async () => {
        await start(here);
        const [last] = services.slice(-1);
        const found = last === undefined ? undefined : await there.call(last, port);
        check(found === undefined, String(found));
        await checkTransfer();
      },
    });
  }
  steps.push(
    {
      name: 'restart: another daemon takes over',
      isLong: true,
      run: async () => {
        const old = (await status()).pid;
        const { inPlaceOf } = (await there.tool('restart')) as { readonly inPlaceOf: number };
        check(inPlaceOf === old, `it took over from ${inPlaceOf}, not from ${old}`);
        await (platform.transfer === 'relay' ? callAllAgain(here) : callAll(here));
      },
    },
    {
      name: 'the daemon is killed: services start another',
      isLong: true,
      run: async () => {
        const { pid } = await status();
        await control.kill(pid);
        await callAllAgain(here);
        check((await status()).pid !== pid, 'it is the same daemon');
        await checkTransfer();
      },
    },
  );
  if (platform.isNative) {
    steps.push({
      name: "the platform's services at this system's daemon",
      run: async () => {
        await control.tool('stop');
        await here.tool('start');
        await callAllAgain(here);
        await checkTransfer();
      },
    });
  }
  steps.push({
    name: platform.hasInput ? 'stop, and services end with ENTER' : 'stop',
    run: async () => {
      await control.tool('stop');
      for (const { process, name } of services) {
        if (!platform.hasInput) continue;
        process.type('\n');
        const { status: exitStatus } = await process.finished;
        check(exitStatus === 0, `${name} ${process.how}`);
      }
    },
  });
  return {
    steps,
    async close() {
      await Promise.all(services.map(({ process }) => process.end()));
      await control.tool('stop').catch(() => {}); // it may have ended with them
    },
  };
}

function check(holds: boolean, text: string): asserts holds {
  if (!holds) throw new Error(text);
}
