// A real HAProxy in front of two daemons, each with services of its own: two machines behind one address.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Authority } from '../../../../scripts/certificates.ts';
import { freePort } from '../../../../scripts/free-port.ts';
import { run } from '../../../../scripts/run.ts';
import {
  ChannelFactory,
  NetTcpBinding,
  type NetTcpBindingOptions,
  ServiceHost,
} from '../../../../shared/index.ts';
import { ITest, testImplementation } from '../../../fixtures/test-contract.ts';
import { Command, PORT_SHARING, program, runCommand } from '../../../helpers/command.ts';
import { scratchDirectory } from '../../../helpers/directory.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { type LoggedDaemon, loggedDaemon } from '../../../helpers/logged-daemon.ts';
import { request, unpack } from '../../../helpers/msgpack.ts';
import { preamble, RawClient } from '../../../helpers/network/raw-client.ts';

const isThere = (await run(['haproxy', '-v'])).status === 0;
const why = isThere ? '' : ' (skipped: haproxy is not installed; Debian: apt-get install haproxy)';

const FRONT = '127.0.0.8';
const MACHINES = { one: '127.0.0.1', two: '127.0.0.3' } as const;
/** What services see of HAProxy itself, as in its configuration. */
const ITS_SOURCE = '127.0.0.2';

interface Stage {
  readonly port: number;
  readonly one: LoggedDaemon;
  readonly two: LoggedDaemon;
  readonly front: string;
  /** UP or DOWN, as the checks say. */
  readonly stateOf: (machine: string) => Promise<string>;
}

async function stage(): Promise<Stage> {
  const port = await freePort();
  const words = ['--trust-proxy', ITS_SOURCE, '--limit', 'leaveMs=60000'];
  const [one, two] = await Promise.all([loggedDaemon(words), loggedDaemon(words)]);
  await serve(one, `net.tcp://${MACHINES.one}:${port}/one`);
  await serve(two, `net.tcp://${MACHINES.two}:${port}/two`);
  const directory = scratchDirectory();
  writeFileSync(path.join(directory, 'paths.map'), '/one/ one\n/one/deep/ two\n/two/ two\n');
  const file = path.resolve('test/port-sharing/daemon/fronts/haproxy.cfg');
  program(['haproxy', '-db', '-f', file], {
    env: {
      ...process.env,
      FRONT_DIRECTORY: directory,
      FRONT_BIND: `${FRONT}:${port}`,
      FRONT_ONE: `${MACHINES.one}:${port}`,
      FRONT_TWO: `${MACHINES.two}:${port}`,
    },
  });
  const stateOf = async (machine: string): Promise<string> => {
    const line = (await ask(directory, 'show stat'))
      .split('\n')
      .find((one) => one.startsWith(`${machine},${machine},`));
    return line?.split(',')[17] ?? '?';
  };
  await eventually(async () => expect(await stateOf('one')).toBe('UP'));
  await eventually(async () => expect(await stateOf('two')).toBe('UP'));
  return { port, one, two, stateOf, front: `net.tcp://${FRONT}:${port}` };
}

/** Hosts the test's service in this process, with the daemon of one machine. */
async function serve(
  { directory }: LoggedDaemon,
  address: string,
  options: NetTcpBindingOptions = {},
  credentials = {},
): Promise<void> {
  vi.stubEnv('NET_TCP_PORT_SHARING_DIR', directory);
  const binding = new NetTcpBinding({ ...options, portSharing: true, onNotice() {} });
  const host = new ServiceHost(binding, { credentials });
  host.addEndpoint(ITest, testImplementation(), address);
  await host.open();
  vi.unstubAllEnvs();
  onTestFinished(() => host.abort());
}

async function ask(directory: string, command: string): Promise<string> {
  const socket = connect(path.join(directory, 'admin.sock'));
  let text = '';
  socket.on('error', () => {}).on('data', (part) => (text += part.toString()));
  socket.end(`${command}\n`);
  await once(socket, 'close');
  return text;
}

describe.skipIf(!isThere)(`HAProxy${why}`, () => {
  test('routes by via; services learn who calls, in every encoding, with kept connections', async () => {
    const { front, one } = await stage();
    for (const options of [
      { encoding: 'msgpack' },
      { encoding: 'soap' },
      { encoding: 'soap', transferMode: 'streamed' },
    ] as const) {
      const factory = new ChannelFactory(ITest, new NetTcpBinding(options));
      onTestFinished(() => factory.close());
      // A message of SOAP has to name the endpoint's own path, as in WCF.
      const more = options.encoding === 'msgpack' ? ['/ONE//x/', '/one/y'] : [];
      for (let round = 0; round < 3; round++) {
        for (const at of ['/one', '/two', ...more]) {
          const channel = factory.createChannel(`${front}${at}`);
          expect(await channel.From()).toBe('127.0.0.1');
          expect(await channel.Echo('x'.repeat(10_000))).toBe('x'.repeat(10_000));
          await channel.close();
        }
      }
      // Only `/one` is registered on that machine; what is deeper is the other's, and nobody has it there.
      const deep = factory.createChannel(`${front}/one/deep/x`);
      await expect(deep.From()).rejects.toMatchObject({ code: 'EndpointNotFound' });
    }
    expect(one.read()).not.toContain('refused');
  });

  test('TLS passes through', async () => {
    const { front, port, two } = await stage();
    const authority = new Authority(scratchDirectory());
    const issued = authority.issue('server', { name: 'front', names: `IP:${FRONT}` });
    const security = { mode: 'Transport', transport: { clientCredentialType: 'None' } } as const;
    await serve(two, `net.tcp://${MACHINES.two}:${port}/two/secret`, { security }, issued);
    const credentials = { ca: authority.path };
    const factory = new ChannelFactory(ITest, new NetTcpBinding({ security }), { credentials });
    onTestFinished(() => factory.close());
    for (let round = 0; round < 3; round++) {
      const channel = factory.createChannel(`${front}/two/secret`);
      expect(await channel.From()).toBe('127.0.0.1');
      await channel.close();
    }
  });

  test('the client that is logged and told is the real one', async () => {
    const { front, port, one } = await stage();
    const client = new RawClient(port, FRONT, '127.0.0.9');
    const answer = await client.session(`${front}/one`, request(1, 'From'));
    expect(unpack(answer)).toEqual([1, 1, null, '127.0.0.9']);
    const lost = new RawClient(port, FRONT, '127.0.0.9');
    lost.send(preamble(`${front}/nobody`));
    await lost.expect('fault');
    await one.logged(/ connection refused from=127\.0\.0\.9 port=\d+ via=\S+\/nobody reason=/);
  });

  test('a machine that leaves gets no new clients, and its checks leave no trace in the log', async () => {
    const { one, stateOf, front, port } = await stage();
    const before = one.read();
    expect(before).not.toContain('refused');
    const stop = new Command(PORT_SHARING, ['stop'], { directory: one.directory });
    await eventually(async () => expect(await stateOf('one')).toBe('DOWN'));
    expect(await stateOf('two')).toBe('UP');
    // Nothing else has changed there: clients that come without the front are served.
    const direct = new RawClient(port);
    const answer = await direct.session(`${front}/one`, request(1, 'From'));
    expect(unpack(answer)).toEqual([1, 1, null, '127.0.0.1']);
    await runCommand(PORT_SHARING, ['stop'], { directory: one.directory });
    expect((await stop.finished).status).toBe(0);
    const lines = one
      .read()
      .slice(before.length)
      .split('\n')
      .filter((line) => line !== '');
    const events = lines.map((line) => line.replace(/^\S+ /, '').replace(/ \w+=.*/, ''));
    expect(
      events.filter((event) => !/^(stopped listening|unregistered|service left)/.test(event)),
    ).toEqual(['leaving', 'stopping', 'ended']);
  });
});
