// Machines without machines: network namespaces on one wire, a bridge in a namespace of its own. Nothing of the
// host's own network is touched, and all names are this run's.
import { randomBytes } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { output, run } from '../../run.ts';

/** The first three parts of every address. */
const SUBNET = '10.77.0';

/** Ends all processes in each namespace, and removes it. What has gone already is no failure. */
const REMOVE = `
  for name; do
    for pid in $(ip netns pids "$name" 2>/dev/null); do kill -9 "$pid" 2>/dev/null; done
    ip netns del "$name" 2>/dev/null
  done
  true`;
/** As {@link REMOVE}, and a directory, as soon as a process has ended, in whichever way. */
const REMOVE_AFTER = `
  (
    tail --pid="$1" -f /dev/null
    rm -rf "$2"
    shift 2
    ${REMOVE}
  ) </dev/null >/dev/null 2>&1 &`;
/** Makes the file of names that the processes of a host see, and nobody else. */
const WITH_NAMES = 'mount --bind "$0" /etc/hosts && exec "$@"';

/** Why there can be no network namespaces here; `undefined` if there can. */
export async function namespacesMissing(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'network namespaces are there only on Linux';
  const name = newPrefix();
  const { status, stderr } = await run(['ip', 'netns', 'add', name]);
  if (status === null) return 'the command ip is not installed (Debian: apt-get install iproute2)';
  if (status !== 0) return `network namespaces cannot be made here (${stderr.trim()})`;
  const wired = await run(['ip', '-n', name, 'link', 'add', 'name', 'br0', 'type', 'bridge']);
  await run(['sh', '-c', REMOVE, 'sh', name]);
  return wired.status === 0 ? undefined : `no bridge can be made here (${wired.stderr.trim()})`;
}

function newPrefix(): string {
  return `ntps-${process.pid}-${randomBytes(3).toString('hex')}`;
}

/** Hosts on one wire. */
export class Network {
  readonly #prefix = newPrefix();
  readonly #names: string;
  readonly #hosts: readonly string[];

  private constructor(directory: string, hosts: readonly string[]) {
    this.#names = path.join(directory, 'hosts');
    this.#hosts = hosts;
  }

  /**
   * Makes hosts and wire. They, all that runs there, and `directory` go with this process, however it ends.
   *
   * @param hosts up to 200 names, of at most 12 characters
   */
  static async create(directory: string, hosts: readonly string[]): Promise<Network> {
    const network = new Network(directory, hosts);
    writeFileSync(network.#names, '127.0.0.1 localhost\n');
    // Before the first of them: nothing is ever left behind.
    const after = ['setsid', 'sh', '-c', REMOVE_AFTER, 'sh', String(process.pid), directory];
    await output([...after, ...network.#namespaces]);
    const wire = network.#namespace('wire');
    await output(['ip', 'netns', 'add', wire]);
    await output(['ip', '-n', wire, 'link', 'add', 'name', 'br0', 'type', 'bridge']);
    await output(['ip', '-n', wire, 'link', 'set', 'br0', 'up']);
    for (const host of hosts) await network.#connect(host);
    return network;
  }

  /** IP address of a host. */
  address(host: string): string {
    return `${SUBNET}.${this.#hosts.indexOf(host) + 2}`;
  }

  /** A name that all hosts know: of these, in this order. */
  addName(name: string, hosts: readonly string[]): void {
    const lines = hosts.map((host) => `${this.address(host)} ${name}\n`);
    appendFileSync(this.#names, lines.join(''));
  }

  /** The words before a command that is to run on a host. */
  on(host: string): readonly string[] {
    const there = ['ip', 'netns', 'exec', this.#namespace(host)];
    return [...there, 'sh', '-c', WITH_NAMES, this.#names];
  }

  /** Cuts a host off: what is sent is lost, and nobody hears of it. */
  async cut(host: string): Promise<void> {
    await output(['ip', '-n', this.#namespace('wire'), 'link', 'set', host, 'nomaster']);
  }

  async heal(host: string): Promise<void> {
    await output(['ip', '-n', this.#namespace('wire'), 'link', 'set', host, 'master', 'br0']);
  }

  /** Ids of the processes on a host. */
  async processes(host: string): Promise<readonly number[]> {
    const listed = await output(['ip', 'netns', 'pids', this.#namespace(host)]);
    return listed.split('\n').filter(Boolean).map(Number);
  }

  /** Ends all that runs there, and removes everything. */
  async close(): Promise<void> {
    await output(['sh', '-c', REMOVE, 'sh', ...this.#namespaces]);
  }

  async #connect(host: string): Promise<void> {
    const [wire, there] = [this.#namespace('wire'), this.#namespace(host)];
    const ip = (...words: string[]): Promise<string> => output(['ip', ...words]);
    await ip('netns', 'add', there);
    const pair = ['type', 'veth', 'peer', 'name', 'eth0', 'netns', there];
    await ip('-n', wire, 'link', 'add', 'name', host, ...pair);
    await ip('-n', wire, 'link', 'set', host, 'master', 'br0', 'up');
    await ip('-n', there, 'link', 'set', 'lo', 'up');
    await ip('-n', there, 'addr', 'add', `${this.address(host)}/24`, 'dev', 'eth0');
    await ip('-n', there, 'link', 'set', 'eth0', 'up');
  }

  get #namespaces(): readonly string[] {
    return ['wire', ...this.#hosts].map((host) => this.#namespace(host));
  }

  #namespace(host: string): string {
    return `${this.#prefix}-${host}`;
  }
}
