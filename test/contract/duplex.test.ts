// Contracts with callbacks and sessions: how they are described, and what cannot be one.
import { expect, expectTypeOf, test } from 'vitest';
import {
  defineContract,
  type Implementation,
  oneWay,
  operation,
  types,
} from '../../shared/index.ts';

const ICallback = defineContract({
  name: 'INewsCallback',
  namespace: 'http://example.org/other',
  operations: {
    OnNews: oneWay([['text', types.string]]),
    Ask: operation([['question', types.string]], types.string),
    Renamed: oneWay([], { name: 'Other', action: 'urn:other' }),
  },
});
const INews = defineContract({
  name: 'INews',
  namespace: 'http://example.org/shop',
  callback: ICallback,
  operations: { Subscribe: operation([['topic', types.string]], types.string) },
});

test('callbacks travel under namespace and name of the service contract', () => {
  const seen = [...(INews.callback?.operations.values() ?? [])].map(
    ({ method, name, namespace, action, replyAction }) => [
      method,
      name,
      namespace,
      action,
      replyAction,
    ],
  );
  const shop = 'http://example.org/shop';
  expect(seen).toEqual([
    ['OnNews', 'OnNews', shop, `${shop}/INews/OnNews`, `${shop}/INews/OnNewsResponse`],
    ['Ask', 'Ask', shop, `${shop}/INews/Ask`, `${shop}/INews/AskResponse`],
    ['Renamed', 'Other', shop, 'urn:other', `${shop}/INews/OtherResponse`],
  ]);
  expect(INews.callback?.name).toBe('INewsCallback');
});

test('what is inherited keeps the actions of the contract that it comes from', () => {
  const IMore = defineContract({
    name: 'IMoreCallback',
    extends: [ICallback],
    operations: { OnMore: oneWay([]) },
  });
  const derived = defineContract({
    name: 'IDerived',
    extends: [INews],
    callback: IMore,
    operations: {},
  });
  const alone = defineContract({ name: 'IAlone', callback: IMore, operations: {} });
  const actions = (contract: typeof derived | typeof alone): readonly (string | undefined)[] =>
    ['OnNews', 'OnMore'].map((name) => contract.callback?.operations.get(name)?.action);
  expect(actions(derived)).toEqual([
    'http://example.org/shop/INews/OnNews',
    'http://tempuri.org/IDerived/OnMore',
  ]);
  expect(actions(alone)).toEqual([
    'http://tempuri.org/IAlone/OnNews',
    'http://tempuri.org/IAlone/OnMore',
  ]);
});

const first = operation([], types.nothing, { isInitiating: false });
const last = oneWay([], { isTerminating: true });

test.for([
  ['nothing', { operations: { A: operation([]) } }, 'allowed'],
  ['a first that may not be', { operations: { A: first } }, 'required'],
  ['a last one', { operations: { A: last } }, 'required'],
  ['callbacks', { callback: ICallback, operations: {} }, 'required'],
  ['a base with callbacks', { extends: [INews], operations: {} }, 'required'],
  ['the word itself', { sessionMode: 'required', operations: {} }, 'required'],
] as const)('sessionMode of a contract with %s', ([, definition, mode]) => {
  expect(defineContract({ name: 'I', ...definition }).sessionMode).toBe(mode);
  if (mode === 'allowed' || 'sessionMode' in definition) return;
  const define = (): unknown =>
    defineContract({ name: 'I', ...definition, sessionMode: 'allowed' });
  expect(define).toThrow(expect.objectContaining({ code: 'Usage' }));
});

test('an operation says how it stands in a session', () => {
  const { operations } = defineContract({
    name: 'I',
    operations: { first, last, A: operation([]) },
  });
  const seen = [...operations.values()].map((one) => [one.isInitiating, one.isTerminating]);
  expect(seen).toEqual([
    [false, false],
    [true, true],
    [true, false],
  ]);
});

test.for([
  ['a callback that is no XML name', { 'a b': oneWay([]) }],
  ['a callback that a proxy has itself', { close: oneWay([]) }],
] as const)('%s is refused', ([, operations]) => {
  const define = (): unknown =>
    defineContract({
      name: 'I',
      operations: {},
      callback: defineContract({ name: 'ICallback', operations }),
    });
  expect(define).toThrow(expect.objectContaining({ code: 'Usage' }));
});

test('the context has the callbacks, typed, and only where there are some', () => {
  type Context<C> =
    Implementation<C> extends Record<string, (...args: infer A) => unknown>
      ? A extends [...infer _, infer Last]
        ? Last
        : never
      : never;
  expectTypeOf<Context<typeof INews>['callback']['Ask']>().returns.resolves.toBeString();
  expectTypeOf<Context<typeof INews>['callback']['OnNews']>().parameter(0).toBeString();
  const IPlain = defineContract({ name: 'I', operations: { A: operation([]) } });
  expectTypeOf<Context<typeof IPlain>>().not.toHaveProperty('callback');
});
