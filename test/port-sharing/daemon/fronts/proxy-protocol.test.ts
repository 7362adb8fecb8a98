// Fronts that are trusted say where a connection comes from. They come from 127.0.0.2 here, strangers from 127.0.0.1.
import { describe, expect, test } from 'vitest';
import { sleep } from '../../../../shared/time.ts';
import { Command, PORT_SHARING, privateDirectory, runCommand } from '../../../helpers/command.ts';
import { type LoggedDaemon, loggedDaemon } from '../../../helpers/logged-daemon.ts';
import { request, unpack } from '../../../helpers/msgpack.ts';
import { preamble, RawClient } from '../../../helpers/network/raw-client.ts';
import { header, headerFrom, IPV4_BLOCK, IPV6_BLOCK } from '../../../transport/fronts/headers.ts';

const FRONT = '127.0.0.2';
const CLIENT = '192.0.2.7';

interface Stage extends LoggedDaemon {
  readonly port: string;
  readonly address: string;
}

/** A daemon that trusts one front, and a service that says where its callers come from. */
async function stage(options: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Stage> {
  const daemon = await loggedDaemon(['--trust-proxy', `${FRONT}/32`, ...options]);
  const { address, port } = await serve(daemon.directory, 'net.tcp://localhost:0/test', env);
  return { ...daemon, address, port };
}

async function serve(directory: string, wanted: string, env: NodeJS.ProcessEnv, isShared = true) {
  const binding = JSON.stringify({ portSharing: isShared });
  const options = { directory, env };
  const service = new Command('dist/test/fixtures/test-service.js', [wanted, binding], options);
  const address = String((await service.ready())['address']);
  return { service, address, port: /:(\d+)\//.exec(address)?.[1] ?? '' };
}

function viaFront(port: string, bytes: Uint8Array): RawClient {
  const client = new RawClient(port, '127.0.0.1', FRONT);
  client.send(bytes);
  return client;
}

async function callFrom(client: RawClient, address: string): Promise<unknown> {
  return unpack(await client.session(address, request(1, 'From')));
}

describe.each<[name: string, env: NodeJS.ProcessEnv]>([
  ['handed over', {}],
  ['relayed', { NET_TCP_PORT_SHARING_TRANSFER: 'relay' }],
])('%s', (_name, env) => {
  test('a service learns the address that the front names, session after session', async () => {
    const { port, address } = await stage([], env);
    for (const [bytes, from] of [
      [header('21', '11', IPV4_BLOCK), CLIENT],
      [header('21', '21', `${IPV6_BLOCK} 020003616263`), '2001:db8::7'],
      [header('20', '00', ''), FRONT],
      [header('21', '00', ''), FRONT],
    ] as const) {
      const client = viaFront(port, bytes);
      for (let session = 0; session < 3; session++) {
        expect(await callFrom(client, address)).toEqual([1, 1, null, from]);
      }
    }
    // Without a front the caller is whoever connects.
    expect(await callFrom(new RawClient(port), address)).toEqual([1, 1, null, '127.0.0.1']);
    const other = new RawClient(port, '127.0.0.1', '127.0.0.3');
    const own = env['NET_TCP_PORT_SHARING_TRANSFER'] === undefined ? '127.0.0.3' : '127.0.0.1';
    expect(await callFrom(other, address)).toEqual([1, 1, null, own]);
  });

  test('a kept connection is good for the same via only: for another it is closed', async () => {
    const { port, address, read } = await stage([], env);
    const client = viaFront(port, headerFrom());
    expect(await callFrom(client, address)).toEqual([1, 1, null, CLIENT]);
    expect(await callFrom(client, address)).toEqual([1, 1, null, CLIENT]);
    client.send(preamble(`${address}/deeper`));
    expect(await client.next()).toBe(undefined);
    // Without a front it is the daemon's to decide.
    const direct = new RawClient(port);
    for (const via of [address, `${address}/deeper`, address]) {
      expect(await callFrom(direct, via)).toEqual([1, 1, null, '127.0.0.1']);
    }
    expect(read()).not.toContain('refused');
  });
});

test('a static route relays for the same via only, too', async () => {
  const { port, directory, logged, address } = await stage();
  const alone = await serve(directory, 'net.tcp://127.0.0.1:0/', {}, false);
  const add = ['route', 'add', '/old', `127.0.0.1:${alone.port}`, '--port', port];
  expect(await runCommand(PORT_SHARING, add, { directory })).toMatchObject({ status: 0 });
  await logged(/ route added /);
  const old = address.replace('/test', '/old');
  const client = viaFront(port, headerFrom());
  for (let session = 0; session < 3; session++) {
    expect(await callFrom(client, old)).toEqual([1, 1, null, '127.0.0.1']);
  }
  client.send(preamble(address));
  expect(await client.next()).toBe(undefined);
});

test('who is refused is logged with the address that the front names', async () => {
  const { port, address, logged } = await stage();
  const client = viaFront(port, headerFrom());
  client.send(preamble(address.replace('/test', '/nobody')));
  await client.expect('fault');
  await logged(/ connection refused from=192\.0\.2\.7 port=\d+ via=\S+\/nobody reason=/);
});

test.for<[name: string, bytes: Uint8Array | readonly number[], line: RegExp]>([
  ['no header', preamble('net.tcp://x/test'), /from=127\.0\.0\.2 .*sent no PROXY protocol header/],
  ['version 1', Buffer.from('PROXY TCP4 1.2.3.4 1.2.3.4 1 9\r\n'), /sent version 1 of the PROXY/],
  ['too much', header('21', '11', 'aa'.repeat(2_033)), /2049 bytes: 2048 are allowed/],
])('from a front, %s: closed, and the log says why', async ([, bytes, line]) => {
  const { port, logged } = await stage();
  const client = viaFront(port, Uint8Array.from(bytes));
  expect(await client.next()).toBe(undefined);
  await logged(new RegExp(` connection refused .*${line.source}`));
});

test('a header from anybody else is never read', async () => {
  const { port, address, logged } = await stage();
  const stranger = new RawClient(port);
  stranger.send(headerFrom());
  stranger.send(preamble(address));
  await stranger.next();
  await logged(/ connection refused from=127\.0\.0\.1 .*0x0d does not begin a record of net.tcp/);
});

test('a header counts in the deadline of its preamble, however it drips', async () => {
  const { port, logged } = await stage(['--limit', 'preambleTimeoutMs=300']);
  const client = viaFront(port, new Uint8Array(0));
  const drip = async (): Promise<void> => {
    for (const byte of headerFrom()) {
      client.send([byte]);
      await sleep(50);
    }
  };
  void drip();
  expect(await client.next()).toBe(undefined);
  await logged(/ connection refused from=127\.0\.0\.2 .*no complete preamble in time/);
});

test("a front's own checks of the connection are not logged", async () => {
  const { port, address, read } = await stage();
  for (const bytes of [header('20', '00', ''), new Uint8Array(0)]) {
    viaFront(port, bytes).socket.end();
    const client = viaFront(port, bytes);
    await sleep(50);
    client.socket.resetAndDestroy();
  }
  viaFront(port, headerFrom().subarray(0, 7)).socket.end(); // that is logged
  await sleep(100);
  expect(await callFrom(viaFront(port, headerFrom()), address)).toEqual([1, 1, null, CLIENT]);
  const refused = read()
    .split('\n')
    .filter((line) => line.includes('refused'));
  expect(refused).toEqual([expect.stringMatching(/closed the connection in the middle/)]);
});

test('what waits while a daemon is replaced keeps where it comes from', async () => {
  const directory = privateDirectory();
  const env = { NET_TCP_PORT_SHARING_TRUST_PROXY: `10.0.0.0/8,${FRONT}` };
  const { port, address } = await serve(directory, 'net.tcp://localhost:0/test', env);
  const cuts = [7, 28, 40].map((at) => {
    const all = Uint8Array.from([...headerFrom(), ...preamble(address)]);
    return { client: viaFront(port, all.subarray(0, at)), rest: all.subarray(at) };
  });
  await sleep(100);
  const restarted = await runCommand(PORT_SHARING, ['restart'], { directory, env });
  expect(restarted.status).toBe(0);
  for (const { client, rest } of cuts) {
    client.send(rest);
    await client.expect('preamble-ack');
    const call = request(1, 'From');
    client.send([6, call.length, ...call]);
    const answer = await client.expect('sized-envelope');
    expect('bytes' in answer && unpack(answer.bytes)).toEqual([1, 1, null, CLIENT]);
  }
});

test('whoever starts the daemon is told of a front that cannot be read', async () => {
  const directory = privateDirectory();
  const env = { NET_TCP_PORT_SHARING_TRUST_PROXY: 'front.example' };
  const args = ['net.tcp://localhost:0/test', '{"portSharing":true}'];
  const service = new Command('dist/test/fixtures/test-service.js', args, { directory, env });
  expect((await service.finished).stderr).toMatch(
    /NET_TCP_PORT_SHARING_TRUST_PROXY: "front.example" cannot be trusted as a front: it must look like/,
  );
  const run = await runCommand(PORT_SHARING, ['run', '--trust-proxy', '10.0.0.2/33'], {
    directory,
  });
  expect(run).toMatchObject({
    status: 64,
    stderr: expect.stringContaining('after the slash comes a number from 0 to 32') as string,
  });
});
