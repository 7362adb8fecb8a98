// TransportWithMessageCredential with user names: tokens over TLS, and whose a call is.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { sleep } from '../../../shared/time.ts';
import type { OperationContext } from '../../../shared/contract/contract.ts';
import {
  ChannelFactory,
  ICalculator,
  NetTcpBinding,
  type ServiceHostOptions,
} from '../../../shared/index.ts';
import { ClientToken } from '../../../shared/security/message-credentials/client-token.ts';
import { hashPassword } from '../../../shared/security/password-hash.ts';
import { eventually } from '../../helpers/eventually.ts';
import { countConnections, factoryFor, makeCertificates, openHost } from './secured.ts';

const USER_NAMES = {
  mode: 'TransportWithMessageCredential',
  message: { clientCredentialType: 'UserName' },
} as const;

let certificates: ReturnType<typeof makeCertificates>;
beforeAll(() => void (certificates = makeCertificates()));

interface Setting {
  readonly address: string;
  /** Names and passwords that the service was asked about. */
  readonly asked: string[];
  readonly callers: string[];
  readonly ca: string;
}

async function setting(
  options: ServiceHostOptions = {},
  limits: NonNullable<Parameters<typeof openHost>[2]>['limits'] = {},
): Promise<Setting> {
  const asked: string[] = [];
  const callers: string[] = [];
  const { certificate, key } = certificates.server;
  const validateUserName = (name: string, password: string): boolean => {
    asked.push(`${name} ${password}`);
    return password === `secret-${name}`;
  };
  const Add = (n1: number, n2: number, { caller }: OperationContext): number => {
    callers.push(`${caller.kind} ${caller.name}`);
    return n1 + n2;
  };
  const Divide = async (n1: number, n2: number): Promise<number> => {
    await sleep(n2);
    return n1 / n2;
  };
  const implementation = { Add, Subtract: Add, Multiply: Add, Divide };
  const credentials = { certificate, key, validateUserName, ...options.credentials };
  if (options.credentials?.users !== undefined)
    delete (credentials as Partial<typeof credentials>).validateUserName;
  const [, address] = await openHost(
    USER_NAMES,
    { ...options, credentials },
    { limits, implementation },
  );
  return { address, asked, callers, ca: certificates.ca };
}

function dave(
  { ca }: Setting,
  options: Parameters<typeof factoryFor>[2] = {},
  password = 'secret-dave',
): ChannelFactory<typeof ICalculator> {
  return factoryFor(USER_NAMES, { ca, userName: 'dave', password }, options);
}

test.for(['buffered', 'streamed'] as const)(
  'a user name: one password, one token, and whose the calls are (%s)',
  async (transferMode) => {
    const service = await setting();
    const proxy = dave(service, { transferMode }).createChannel(service.address);
    expect(proxy.state).toBe('created');
    const sums = [1, 2, 3].map((each) => proxy.Add(each, each));
    expect(await Promise.all(sums)).toEqual([2, 4, 6]);
    expect(proxy.state).toBe('opened');
    await proxy.close();
    expect(proxy.state).toBe('closed');
    expect(service.asked).toEqual(['dave secret-dave']);
    expect(new Set(service.callers)).toEqual(new Set(['username dave']));
  },
);

test.for(['buffered', 'streamed'] as const)(
  'a wrong password costs one attempt, however many calls wait (%s)',
  async (transferMode) => {
    const service = await setting();
    const connections = countConnections();
    const proxy = dave(service, { transferMode }, 'guess').createChannel(service.address);
    const calls = await Promise.allSettled([proxy.Add(1, 2), proxy.Add(3, 4), proxy.open()]);
    for (const call of calls) {
      expect(call).toMatchObject({
        reason: { code: 'MessageSecurity', message: expect.stringContaining('password') as string },
      });
    }
    await expect(proxy.Add(1, 2)).rejects.toMatchObject({ code: 'CommunicationObjectFaulted' });
    expect(service.asked).toEqual(['dave guess']);
    expect(connections()).toBe(1);
    expect(service.callers).toEqual([]);
  },
);

test('each channel has a token of its own, and cancels it when it closes', async () => {
  const service = await setting({}, { maxContextTokens: 3 });
  const factory = dave(service);
  for (let round = 0; round < 3; round++) {
    const proxies = [1, 2, 3].map(() => factory.createChannel(service.address));
    const answers = await Promise.all(proxies.map((proxy) => proxy.Add(round, 1)));
    expect(answers).toEqual([round + 1, round + 1, round + 1]);
    await Promise.all(proxies.map((proxy) => proxy.close()));
  }
  expect(service.asked).toHaveLength(9);
});

test('a token is renewed before it ends, and no call notices', async () => {
  // A third of its life is left for the renewal, on a busy machine, too.
  const service = await setting({}, { contextTokenLifetimeMs: 3_000 });
  const proxy = dave(service).createChannel(service.address);
  const until = performance.now() + 7_000;
  const long = proxy.Divide(1_200, 1_200);
  while (performance.now() < until) {
    expect(await proxy.Add(1, 2)).toBe(3);
    await sleep(20);
  }
  expect(await long).toBe(1);
  await proxy.close();
  expect(service.asked.length).toBeGreaterThanOrEqual(3);
  expect(service.asked.length).toBeLessThan(8);
});

test('a renewal that failed costs one call, and the next token is renewed again', async () => {
  let asked = 0;
  const validateUserName = (): boolean => (asked += 1) !== 2;
  const options = { credentials: { validateUserName } };
  const service = await setting(options, { contextTokenLifetimeMs: 3_000 });
  const proxy = dave(service).createChannel(service.address);
  const until = performance.now() + 8_000;
  const failures: unknown[] = [];
  while (performance.now() < until) {
    await proxy.Add(1, 2).catch((error: unknown) => failures.push(error));
    await sleep(20);
  }
  await proxy.close();
  expect(failures).toEqual([expect.objectContaining({ code: 'MessageSecurity' })]);
  expect(asked).toBeGreaterThanOrEqual(4);
});

test('a token that the service has forgotten costs one call, and is not cancelled', async () => {
  const cancellation = vi.spyOn(ClientToken.prototype, 'cancellation', 'get');
  onTestFinished(() => cancellation.mockRestore());
  const service = await setting({}, { contextTokenIdleMs: 1_000 });
  const proxy = dave(service).createChannel(service.address);
  await proxy.Add(1, 2);
  await sleep(1_500);
  await expect(proxy.Add(1, 2)).rejects.toMatchObject({ code: 'MessageSecurity' });
  expect(await proxy.Add(1, 2)).toBe(3);
  expect(cancellation).not.toHaveBeenCalled();
  await proxy.close();
  expect(cancellation).toHaveBeenCalledOnce();
});

test('who may call is asked by name', async () => {
  const service = await setting({ allow: ['erin'] });
  const proxy = dave(service).createChannel(service.address);
  await expect(proxy.Add(1, 2)).rejects.toMatchObject({ code: 'SecurityAccessDenied' });
  const { ca } = service;
  const erin = factoryFor(USER_NAMES, { ca, userName: 'erin', password: 'secret-erin' });
  expect(await erin.createChannel(service.address).Add(1, 2)).toBe(3);
});

test('users come from a file, which is read again', async () => {
  const users = path.join(certificates.directory, 'users');
  writeFileSync(users, `dave:${await hashPassword('secret-dave')}\n`);
  const service = await setting({ credentials: { users } });
  expect(await dave(service).createChannel(service.address).Add(1, 2)).toBe(3);
  writeFileSync(users, `dave:${await hashPassword('other')}\n`);
  const factory = dave(service, {}, 'other');
  await eventually(async () => {
    expect(await factory.createChannel(service.address).Add(1, 2)).toBe(3);
  });
});

test.for([
  ['msgpack', { encoding: 'msgpack', security: USER_NAMES }, 'TransportWithMessageCredential'],
  [
    'certificates',
    { security: { ...USER_NAMES, message: { clientCredentialType: 'Certificate' } } },
    "'UserName'",
  ],
  ['Message security', { security: { mode: 'Message' } }, "'TransportWithMessageCredential'"],
] as const)('%s with it is refused with a sentence', ([, options, sentence]) => {
  expect(() => new NetTcpBinding(options as never)).toThrow(
    expect.objectContaining({
      code: 'Usage',
      message: expect.stringContaining(sentence) as string,
    }),
  );
});

test('a client without a token is told so, and its call is not made', async () => {
  const service = await setting();
  const { ca } = service;
  const plain = factoryFor(
    { mode: 'Transport', transport: { clientCredentialType: 'None' } },
    { ca },
    { encoding: 'soap' },
  );
  await expect(plain.createChannel(service.address).Add(1, 2)).rejects.toThrow(
    'An error occurred when verifying security for the message.',
  );
  const other = factoryFor(
    { mode: 'Transport', transport: { clientCredentialType: 'None' } },
    { ca },
  );
  await expect(other.createChannel(service.address).Add(1, 2)).rejects.toMatchObject({
    code: 'Protocol',
  });
  expect(service.callers).toEqual([]);
});
