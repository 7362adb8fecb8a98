// What the sample's description shows, character for character, with real processes.
import { describe, expect, test } from 'vitest';
import {
  CLIENT,
  Command,
  privateDirectory,
  runCommand,
  SERVICE,
  startService,
} from './helpers/command.ts';
import { preamble, RawClient } from './helpers/network/raw-client.ts';

const TRANSCRIPT = `Enter the service number to test: 4381
Add(100,15.99) = 115.99
Subtract(145,76.54) = 68.46
Multiply(9,81.25) = 731.25
Divide(22,7) = 3.14285714285714

Press <ENTER> to terminate client.
`;

describe('the service', () => {
  test('says its number and address, and ends with ENTER', async () => {
    const directory = privateDirectory();
    const { port } = await startService(directory);
    const service = new Command(SERVICE, ['--salt', '4381', '--port', port], { directory });
    await service.said('terminate service.\n');
    service.type('\n');
    expect(await service.finished).toMatchObject({
      status: 0,
      signal: null,
      stdout: `Service #4381 listening on net.tcp://localhost:${port}/calculator/4381.\nPress <ENTER> to terminate service.\n`,
      stderr: '',
    });
  });

  test('ENTER that comes before it listens ends it once it does', async () => {
    const args = ['--no-port-sharing', '--port', '0'];
    expect(await runCommand(SERVICE, args, { input: '\n' })).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('listening on'),
    });
    const taken = await runCommand(SERVICE, ['--port', '0', '--bind', '192.0.2.1'], {
      input: '\n',
    });
    expect(taken).toMatchObject({ status: 64, stderr: expect.stringContaining('--security') });
  });

  test.for(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('ends with %s', async (signal) => {
    const { service } = await startService(privateDirectory());
    service.kill(signal);
    expect(await service.finished).toMatchObject({ status: 0, signal: null, stderr: '' });
  });

  test.for([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('waits for clients that say nothing, until a second %s', async ([signal, status]) => {
    const { service, number, port } = await startService(privateDirectory());
    const silent = new RawClient(port);
    silent.send(preamble(`net.tcp://localhost:${port}/calculator/${number}`));
    await silent.expect('preamble-ack');
    service.kill('SIGTERM');
    await silent.expect('end'); // it answers nothing to that, so the service waits
    service.kill(signal);
    expect(await service.finished).toMatchObject({ status, signal: null, stderr: '' });
  });

  test('goes on when its input ends, as under a supervisor', async () => {
    const directory = privateDirectory();
    const { service, number, port } = await startService(directory);
    service.endInput();
    const client = await runCommand(CLIENT, [number, 'add', '1', '2', '--port', port]);
    expect(client.stdout).toBe('Add(1,2) = 3\n');
    service.kill('SIGTERM');
    expect(await service.finished).toMatchObject({ status: 0 });
  });

  test('has a number from 0 to 65535, and a JSON line with it', async () => {
    const { service, number, port } = await startService(privateDirectory());
    const found: unknown = JSON.parse(service.stdout);
    expect(found).toEqual({
      event: 'listening',
      number: Number(number),
      address: `net.tcp://localhost:${port}/calculator/${number}`,
      addresses: [`net.tcp://localhost:${port}/calculator/${number}`],
      pid: service.pid,
    });
    expect(Number(number)).toBeLessThanOrEqual(65_535);
  });

  test('tells who has a number that is taken', async () => {
    const directory = privateDirectory();
    const { service, number, port } = await startService(directory);
    const second = await runCommand(SERVICE, ['--salt', number, '--port', port], { directory });
    expect(second).toMatchObject({ status: 73, stdout: '' });
    expect(second.stderr).toMatch(/^AddressAlreadyInUse: .*already registered/);
    expect(second.stderr).toContain(`process ${service.pid}`);
    expect(second.stderr).toContain('Choose another path or number.');
  });

  test('alone on its port, keeps a second one out', async () => {
    const { port } = await startService(undefined, ['--port', '0', '--no-port-sharing']);
    const second = await runCommand(SERVICE, ['--port', port, '--no-port-sharing']);
    expect(second).toMatchObject({ status: 73, stdout: '' });
    expect(second.stderr).toContain(
      `AddressAlreadyInUse: There is already a listener on IP endpoint 127.0.0.1:${port}. Make sure`,
    );
    expect(second.stderr).toContain('This service does not share its port: end the other listener');
  });

  test('ends when it cannot start, though its terminal stays open', async () => {
    const { port } = await startService(undefined, ['--port', '0', '--no-port-sharing']);
    const second = new Command(SERVICE, ['--port', port, '--no-port-sharing']);
    expect(await second.finished).toMatchObject({ status: 73, stdout: '' });
  });

  test('says so when a program that does not share owns the port', async () => {
    const { port } = await startService(undefined, ['--port', '0', '--no-port-sharing']);
    const second = await runCommand(SERVICE, ['--port', port], { directory: privateDirectory() });
    expect(second).toMatchObject({ status: 73, stdout: '' });
    expect(second.stderr).toContain('There is already a listener on IP endpoint');
    expect(second.stderr).toContain('a program that does not share it');
  });

  test.for<[args: string[], text: string]>([
    [['--salt', ''], '--salt needs a value.'],
    [['--bind', 'a', '--bind', 'b'], '--bind is given more than once.'],
  ])('refuses %o', async ([args, text]) => {
    const service = await runCommand(SERVICE, args);
    expect(service).toMatchObject({ status: 64, stdout: '' });
    expect(service.stderr).toContain(text);
  });

  test('says so when its address belongs to another machine', async () => {
    const directory = privateDirectory();
    const service = await runCommand(SERVICE, ['--bind', '192.0.2.7', '--security', 'none'], {
      directory,
    });
    expect(service).toMatchObject({ status: 74, stdout: '' });
    expect(service.stderr).toContain('This machine has no such address');
    expect(service.stderr).not.toContain('belongs to a program');
  });

  test('says what limit of the environment is wrong', async () => {
    const env = { NET_TCP_PORT_SHARING_LIMITS: 'foo=1' };
    const service = await runCommand(SERVICE, [], { env, directory: privateDirectory() });
    expect(service).toMatchObject({ status: 64, stdout: '' });
    expect(service.stderr).toContain(
      'NET_TCP_PORT_SHARING_LIMITS: A limit is wrong: there is no limit "foo"',
    );
  });

  test('bound to all addresses, shows two at most that others can use, and no name', async () => {
    const directory = privateDirectory();
    const args = ['--port', '0', '--salt', '4381', '--bind', '::', '--security', 'none'];
    const service = new Command(SERVICE, args, { directory });
    await service.said('terminate service.\n');
    const [line = ''] = service.stdout.split('\n');
    expect(line).toMatch(
      /^Service #4381 listening on net\.tcp:\/\/(?:[\d.]+|\[[\da-f:]+\]):\d+\/calculator\/4381(?: and net\.tcp:\/\/\[[\da-f:]+\]:\d+\/calculator\/4381)?\.$/,
    );
    const addresses = line.match(/net\.tcp:[^ ]*\/4381/g) ?? [];
    for (const address of addresses) {
      const client = await runCommand(CLIENT, ['--address', address, 'add', '1', '2']);
      expect(client).toMatchObject({ status: 0, stdout: 'Add(1,2) = 3\n' });
    }
  });

  test('warns when other machines can reach it', async () => {
    const args = ['--port', '0', '--bind', '0.0.0.0', '--security', 'none'];
    const { service } = await startService(privateDirectory(), args);
    await service.said('Every machine that reaches');
    expect(JSON.parse(service.stderr)).toMatchObject({ event: 'warning' });
  });

  test.for(['127.0.0.5', '[::1]'])('does not warn when it is bound to %s', async (bind) => {
    const args = ['--port', '0', '--bind', bind];
    const { service } = await startService(privateDirectory(), args);
    service.kill('SIGTERM');
    expect(await service.finished).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('the client', () => {
  test('writes the transcript of the sample, in a pipe, too', async () => {
    const directory = privateDirectory();
    const { port } = await startService(directory, ['--port', '0', '--salt', '4381']);
    const client = await runCommand(CLIENT, ['--port', port], { input: '4381\n' });
    expect(client).toMatchObject({ status: 0, signal: null, stdout: TRANSCRIPT, stderr: '' });
  });

  test('waits for ENTER only where it asked', async () => {
    const directory = privateDirectory();
    const { port } = await startService(directory, ['--port', '0', '--salt', '4381']);
    const [, ...lines] = TRANSCRIPT.split('\n');
    const client = new Command(CLIENT, ['4381', '--port', port]);
    expect(await client.finished).toMatchObject({
      status: 0,
      signal: null,
      stdout: `${lines.slice(0, 4).join('\n')}\n`,
      stderr: '',
    });
  });

  test.for<[args: string[], stdout: string]>([
    [['divide', '22', '7'], 'Divide(22,7) = 3.14285714285714\n'],
    [['DIVIDE', '1', '3'], 'Divide(1,3) = 0.333333333333333\n'],
    [['multiply', '1e10', '1e10'], 'Multiply(10000000000,10000000000) = 1E+20\n'],
    [['divide', '-1', '0'], 'Divide(-1,0) = -Infinity\n'],
    [['divide', '--', '-1', '0'], 'Divide(-1,0) = -Infinity\n'],
    [
      ['--json', 'divide', '--', '-1', '0'],
      '{"operation":"Divide","arguments":[-1,0],"result":"-Infinity"}\n',
    ],
    [
      ['--json', 'divide', '1', '-0'],
      '{"operation":"Divide","arguments":[1,"-0"],"result":"-Infinity"}\n',
    ],
    [
      ['--json', 'multiply', '-1', '0'],
      '{"operation":"Multiply","arguments":[-1,0],"result":"-0"}\n',
    ],
    [
      ['--json', 'add', '0.1', '0.2'],
      '{"operation":"Add","arguments":[0.1,0.2],"result":0.30000000000000004}\n',
    ],
    [
      ['--json', 'subtract', 'Infinity', 'Infinity'],
      '{"operation":"Subtract","arguments":["Infinity","Infinity"],"result":"NaN"}\n',
    ],
    [
      ['--json', 'add', 'Infinity', '-Infinity'],
      '{"operation":"Add","arguments":["Infinity","-Infinity"],"result":"NaN"}\n',
    ],
    [['add', '-1e5', '-2.5E-3', '--encoding', 'soap'], 'Add(-100000,-0.0025) = -100000.0025\n'],
  ])('%o', async ([args, stdout]) => {
    const directory = privateDirectory();
    const { number, port } = await startService(directory);
    const client = await runCommand(CLIENT, [number, '--port', port, ...args]);
    expect(client).toMatchObject({ status: 0, signal: null, stdout, stderr: '' });
  });

  test('takes a whole address', async () => {
    const { address } = await startService(undefined, ['--port', '0', '--no-port-sharing']);
    const client = await runCommand(CLIENT, ['--address', address, 'add', '1', '2']);
    expect(client).toMatchObject({ status: 0, stdout: 'Add(1,2) = 3\n' });
  });

  test.for(['127.0.0.1', '::1', '[::1]'])('reaches the service at %s', async (host) => {
    const directory = privateDirectory();
    const { number, port } = await startService(directory);
    const client = await runCommand(CLIENT, [
      '--host',
      host,
      '--port',
      port,
      number,
      'add',
      '1',
      '2',
    ]);
    expect(client).toMatchObject({ status: 0, stdout: 'Add(1,2) = 3\n' });
  });

  test.for(['', 'x\n', '65536\n', '-1\n', '1.5\n', '0x10\n', '\n', '99999999999999999999\n'])(
    'refuses the line %j with a sentence',
    async (input) => {
      const client = await runCommand(CLIENT, [], { input });
      expect(client.status).toBe(64);
      expect(client.stderr).toMatch(/^Usage: .*\.\n$/);
    },
  );

  test.for<[args: string[], text: string]>([
    [['nonsense'], '"nonsense" is not a service number'],
    [['65536'], 'from 0 to 65535'],
    [['1', 'power', '2', '8'], 'choose add, subtract, multiply or divide'],
    [['1', 'add', '2'], 'takes two numbers'],
    [['1', 'add', '2', 'x'], '"x" is not a number. Add takes two numbers'],
    [['\x1b[31mred'], '"\\u001b[31mred" is not a service number'],
    [['1', '\x1b[31mred'], '"\\u001b[31mred" is not an operation'],
    [['--\x1b[31mred'], 'Unknown argument: \\u001b[31mred.'],
    [['1', 'add', '2', '3', '4'], 'takes two numbers'],
    [['--unknown'], 'unknown'],
    [['--port', 'x', '1'], '--port must be a whole number'],
    [['--port'], '--port needs a value.'],
    [['--port', '9000', '--port', '9001', '1'], '--port is given more than once.'],
    [['--timeout', '0', '1'], '--timeout must be'],
    [['--timeout', '1e9', '1'], 'over 0 and at most 2000000.'],
    [['--host', '127.0.0.1:80', '1'], '--host 127.0.0.1 --port 80'],
    [['--host', '\x1b[31mred', '1'], '"net.tcp://\\u001b[31mred:9000/" is not'],
    [['--address', 'net.tcp://x/', '--port', '80'], 'leave out the number, --host and --port.'],
    [['--address', 'net.tcp://x/', '4381'], 'leave out the number, --host and --port.'],
    [['--address', 'net.tcp://localhost:0/x'], 'a port is a number from 1 to 65535'],
    [['--address', 'net.tcp://localhost/x?y'], 'neither query nor fragment'],
    [['--address', 'http://x/'], 'is not a net.tcp address'],
  ])('refuses %o', async ([args, text]) => {
    const client = await runCommand(CLIENT, args);
    expect(client).toMatchObject({ status: 64, stdout: '' });
    expect(client.stderr).toContain(text);
    expect(client.stderr).not.toContain('    at ');
  });
});

test.for([SERVICE, CLIENT, 'dist/shared/tool/main.cjs'])(
  '%s --help and --version',
  async (entry) => {
    const help = await runCommand(entry, ['--help']);
    expect(help).toMatchObject({ status: 0, stderr: '' });
    const words = help.stdout.replaceAll(/\s+/g, ' ');
    expect(words).toContain('Exit status: 0 done, 64 Usage');
    expect(words).toContain('68 host-not-found');
    const version = await runCommand(entry, ['--version']);
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  },
);
