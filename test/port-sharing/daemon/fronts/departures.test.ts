// A service has just gone, and a front does not know it yet: its connections wait, others are answered at once. The
// front comes from 127.0.0.2 here, everybody else from 127.0.0.1.
import { describe, expect, test } from 'vitest';
import { Command } from '../../../helpers/command.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { type LoggedDaemon, loggedDaemon } from '../../../helpers/logged-daemon.ts';
import { request, unpack } from '../../../helpers/msgpack.ts';
import { preamble, RawClient } from '../../../helpers/network/raw-client.ts';
import { statusOf } from '../../../helpers/status.ts';
import { headerFrom } from '../../../transport/fronts/headers.ts';

const FRONT = '127.0.0.2';
const CLIENT = '192.0.2.7';
/** Longer than any test: what comes before it has not waited for it. */
const LONG = 600_000;

interface Stage extends LoggedDaemon {
  readonly address: string;
  /** Starts a process at the address. */
  readonly serve: () => Promise<Command>;
  readonly viaFront: (via: string) => RawClient;
  readonly direct: (via: string) => RawClient;
  /** Waits until so many connections wait in the daemon. */
  readonly waiting: (count: number) => Promise<void>;
}

/** A daemon that trusts one front, and a service that stays, so that the port does. */
async function stage(graceMs: number, env: NodeJS.ProcessEnv = {}): Promise<Stage> {
  const options = ['--trust-proxy', FRONT, '--limit', `departureGraceMs=${graceMs}`];
  const daemon = await loggedDaemon(options);
  const { directory } = daemon;
  const serveAt = async (at: string) => {
    const args = [at, '{"portSharing":true,"replicas":true}'];
    const service = new Command('dist/test/fixtures/test-service.js', args, { directory, env });
    return { service, at: String((await service.ready())['address']) };
  };
  const { at } = await serveAt('net.tcp://localhost:0/stays');
  const port = /:(\d+)\//.exec(at)?.[1] ?? '';
  const address = at.replace('/stays', '/test');
  const direct = (via: string): RawClient => {
    const client = new RawClient(port);
    client.send(preamble(via));
    return client;
  };
  const viaFront = (via: string): RawClient => {
    const client = new RawClient(port, '127.0.0.1', FRONT);
    client.send(headerFrom());
    client.send(preamble(via));
    return client;
  };
  const waiting = (count: number): Promise<void> =>
    eventually(async () => expect((await statusOf(directory)).pending).toBe(count));
  const serve = async (): Promise<Command> => (await serveAt(address)).service;
  return { ...daemon, address, serve, viaFront, direct, waiting };
}

describe.for([
  ['handed over', 'stopped', {}, 'SIGTERM'],
  ['handed over', 'killed', {}, 'SIGKILL'],
  ['relayed', 'killed', { NET_TCP_PORT_SHARING_TRANSFER: 'relay' }, 'SIGKILL'],
] as const)('%s, %s', ([, , env, signal]) => {
  const end = async (service: Command): Promise<void> => {
    service.kill(signal);
    await service.finished;
  };

  test('who comes through a front gets the replica that registers meanwhile', async () => {
    const { address, serve, viaFront, direct, waiting, logged, read } = await stage(LONG, env);
    const first = await serve();
    const second = await serve();
    await end(first);
    await viaFront(address).expect('preamble-ack'); // there is another one
    await end(second);
    await logged(new RegExp(` unregistered pid=${second.pid} `));
    const waits = [address, `${address}/deeper`, address.toUpperCase()].map(viaFront);
    await waiting(waits.length);
    // From elsewhere, and for what nobody had, it is known at once.
    for (const client of [direct(address), viaFront(`${address}er`)]) {
      const fault = expect.stringContaining('EndpointNotFound') as string;
      expect(await client.expect('fault')).toMatchObject({ fault });
    }
    await serve();
    for (const client of waits) {
      await client.expect('preamble-ack');
      const call = request(1, 'From');
      client.send([6, call.length, ...call]);
      const answer = await client.expect('sized-envelope');
      expect('bytes' in answer && unpack(answer.bytes)).toEqual([1, 1, null, CLIENT]);
    }
    expect(read().match(/ connection refused /g)).toHaveLength(2);
  });
});

test('who has waited in vain is closed without an answer; afterwards it is not found', async () => {
  // Enough for the connection to come in, on a machine that is busy.
  const { address, directory, serve, viaFront, logged } = await stage(3_000);
  const service = await serve();
  service.kill('SIGKILL');
  await logged(new RegExp(` unregistered pid=${service.pid} `));
  const client = viaFront(address);
  expect(await client.next()).toBe(undefined);
  // The front had time to learn it.
  await viaFront(address).expect('fault');
  await logged(/ connection refused from=192\.0\.2\.7 .*EndpointNotFound/);
  expect(await statusOf(directory)).toMatchObject({ notFound: 1, pending: 0 });
});

test('a service dies together with its daemon: the next one closes without an answer, too', async () => {
  const env = { NET_TCP_PORT_SHARING_TRUST_PROXY: FRONT };
  const { address, directory, serve, viaFront, direct } = await stage(LONG, env);
  const service = await serve();
  const { pid } = await statusOf(directory);
  process.kill(pid, 'SIGKILL');
  service.kill('SIGKILL');
  await service.finished;
  const [fronted, other] = [viaFront(address), direct(address)];
  const fault = expect.stringContaining('EndpointNotFound') as string;
  expect(await other.expect('fault')).toMatchObject({ fault });
  expect(await fronted.next()).toBe(undefined);
  expect((await statusOf(directory)).pid).not.toBe(pid);
  // Once it is over, a front that sends somebody here knows no better place.
  expect(await viaFront(address).expect('fault')).toMatchObject({ fault });
});
