// Who may call is decided before arguments are read.
import { runInNewContext } from 'node:vm';
import { expect, onTestFinished, test } from 'vitest';
import {
  ChannelFactory,
  defineContract,
  NetTcpBinding,
  type NetTcpBindingOptions,
  oneWay,
  operation,
  ServiceHost,
  type ServiceHostOptions,
  types,
} from '../../../shared/index.ts';

const about = { name: 'IVault', namespace: 'urn:vault' };
const IVault = defineContract({
  ...about,
  operations: {
    Open: operation([['code', types.int]], types.string),
    Tell: oneWay([['code', types.int]]),
  },
});
/** The contract of a client that differs: its arguments cannot be read. */
const IOther = defineContract({
  ...about,
  operations: {
    Open: operation([['code', types.string]], types.string),
    Tell: oneWay([['code', types.string]]),
  },
});

const BINDINGS = {
  msgpack: {},
  soap: { encoding: 'soap' },
  streamed: { encoding: 'soap', transferMode: 'streamed' },
} as const satisfies Record<string, NetTcpBindingOptions>;

type Authorize = NonNullable<ServiceHostOptions['authorize']>;
/** One that is no `Promise` here. */
const OtherPromise = runInNewContext('Promise') as PromiseConstructor;
const WAYS: Readonly<Record<string, (decide: Authorize) => Authorize>> = {
  'at once': (decide) => decide,
  'by a promise of another realm': (decide) => (caller, name) => {
    return new OtherPromise((resolve) => resolve(decide(caller, name)));
  },
  later: (decide) => async (caller, name) => {
    await Promise.resolve();
    return await decide(caller, name);
  },
};
const CASES = Object.keys(BINDINGS).flatMap((kind) =>
  Object.keys(WAYS).map((way) => [kind as keyof typeof BINDINGS, way] as const),
);

async function vault(kind: keyof typeof BINDINGS, authorize: Authorize) {
  const told: unknown[] = [];
  const errors: unknown[] = [];
  const host = new ServiceHost(new NetTcpBinding(), {
    authorize,
    onOperationError: (error) => void errors.push(error),
  });
  const implementation = {
    Open: (code: number) => `opened with ${code}`,
    Tell: (code: number) => void told.push(code),
  };
  host.addEndpoint(IVault, implementation, 'net.tcp://localhost:0/vault');
  await host.open();
  const [address = ''] = host.addresses;
  const right = new ChannelFactory(IVault, new NetTcpBinding(BINDINGS[kind]));
  const wrong = new ChannelFactory(IOther, new NetTcpBinding(BINDINGS[kind]));
  onTestFinished(() => {
    right.close();
    wrong.close();
    host.abort();
  });
  return { told, errors, right: right.createChannel(address), wrong: wrong.createChannel(address) };
}

const DENIED = { code: 'SecurityAccessDenied', message: 'Access is denied.' };

test.for(CASES)(
  '%s, decided %s: a caller who may not call is told that, whatever he sends',
  async ([kind, way]) => {
    const asked: string[] = [];
    const decide = WAYS[way]?.((_, name) => asked.push(name) < 0) ?? expect.fail();
    const { told, errors, right, wrong } = await vault(kind, decide);
    await expect(right.Open(1)).rejects.toMatchObject(DENIED);
    await expect(wrong.Open('x')).rejects.toMatchObject(DENIED);
    await right.Tell(1);
    await wrong.Tell('x');
    // Sent after them in the same sessions: when these are answered, the calls above have been looked at.
    await expect(right.Open(1)).rejects.toMatchObject(DENIED);
    await expect(wrong.Open('x')).rejects.toMatchObject(DENIED);
    expect(asked.filter((name) => name === 'Open')).toHaveLength(4);
    if (kind !== 'streamed') expect(asked.filter((name) => name === 'Tell')).toHaveLength(2);
    expect({ told, errors }).toEqual({ told: [], errors: [] });
  },
);

test.for(CASES)(
  '%s, decided %s: a caller who may call is told what cannot be read',
  async ([kind, way]) => {
    const { right, wrong } = await vault(kind, WAYS[way]?.(() => true) ?? expect.fail());
    expect(await right.Open(7)).toBe('opened with 7');
    await expect(wrong.Open('x')).rejects.toMatchObject({
      code: 'Fault',
      message: expect.stringContaining("request message for operation 'Open'"),
    });
  },
);

test.for(CASES)('%s, decided %s: a guard that fails lets nobody in', async ([kind, way]) => {
  const mistake = new TypeError('no such table');
  const decide = WAYS[way]?.(() => {
    throw mistake;
  });
  const { errors, right, wrong } = await vault(kind, decide ?? expect.fail());
  for (const call of [() => right.Open(1), () => wrong.Open('x')]) {
    await expect(call()).rejects.toMatchObject({
      code: 'Fault',
      message: expect.stringContaining('internal error'),
    });
  }
  expect(errors).toEqual([mistake, mistake]);
});

test.for(Object.keys(BINDINGS) as (keyof typeof BINDINGS)[])(
  '%s: a decision that is not true is no',
  async (kind) => {
    for (const decision of [undefined, null, 1, 'yes', {}, () => true, Promise.resolve('yes')]) {
      const { right } = await vault(kind, () => decision as never);
      await expect(right.Open(1)).rejects.toMatchObject(DENIED);
    }
  },
);
