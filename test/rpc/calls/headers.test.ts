// Headers of an application, both ways: WCF's OperationContext.
import { describe, expect, expectTypeOf, onTestFinished, test } from 'vitest';
import {
  ChannelFactory,
  defineContract,
  FaultException,
  header,
  NetTcpBinding,
  oneWay,
  operation,
  type Implementation,
  type ReceivedHeaders,
  ServiceHost,
  types,
} from '../../../shared/index.ts';
import { sleep } from '../../../shared/time.ts';

const namespace = 'urn:h';
const Person = types.object('Person', { Id: types.int, Name: types.string }, 'urn:people');
const Tenant = header('Tenant', types.string, { namespace });
const Owner = header('Owner', types.nillable(Person), { namespace });
const Strict = header('Strict', types.boolean, { namespace, mustUnderstand: true });
const Number = header('Tenant', types.int, { namespace });

const IHeaders = defineContract({
  name: 'IHeaders',
  operations: {
    Seen: operation([], types.string),
    Owned: operation([['id', types.int]], types.string),
    Fail: operation([], types.string),
    Remember: oneWay([['text', types.string]]),
    Later: operation([['ms', types.int]], types.string),
    AsNumber: operation([], types.int),
    BadReply: operation([]),
  },
});
let remembered: string | undefined;
const implementation: Implementation<typeof IHeaders> = {
  Seen({ headers, replyHeaders }) {
    replyHeaders.push(Tenant.of(`of ${headers.get(Tenant)}`));
    return headers.names.map(({ name, namespace: of }) => `${of} ${name}`).join(', ');
  },
  Owned(id, { headers, replyHeaders }) {
    replyHeaders.push(Owner.of({ Id: id + 1, Name: 'Bob' }), Tenant.of(''));
    return headers.get(Owner)?.Name ?? 'nobody';
  },
  Fail({ replyHeaders }) {
    replyHeaders.push(Tenant.of('of the fault'));
    throw new FaultException('no');
  },
  Remember(text, { headers }) {
    remembered = `${text} ${headers.get(Tenant)}`;
  },
  async Later(ms, { headers, replyHeaders }) {
    await sleep(ms);
    replyHeaders.push(Tenant.of(`late ${headers.get(Tenant)}`));
    return headers.get(Tenant) ?? '';
  },
  AsNumber: ({ headers }) => headers.get(Number) ?? -1,
  BadReply: ({ replyHeaders }) => void replyHeaders.push(Tenant.of(7 as never)),
};
const BINDINGS = [
  { encoding: 'msgpack' },
  { encoding: 'soap' },
  { encoding: 'soap', transferMode: 'streamed' },
] as const;

async function connected(
  binding: (typeof BINDINGS)[number],
  onOperationError: (error: unknown) => void = () => {},
) {
  const host = new ServiceHost(new NetTcpBinding(), { onOperationError });
  const address = 'net.tcp://localhost:0/headers';
  host.addEndpoint(IHeaders, implementation, address, { understoodHeaders: [Strict] });
  await host.open();
  const factory = new ChannelFactory(IHeaders, new NetTcpBinding(binding));
  const proxy = factory.createChannel(host.addresses[0] ?? '');
  onTestFinished(async () => {
    proxy.abort();
    factory.close();
    await host.close();
  });
  return proxy;
}

test('types', () => {
  expectTypeOf<Parameters<typeof Tenant.of>>().toEqualTypeOf<[value: string]>();
  const get = (headers: ReceivedHeaders) => headers.get(Owner);
  expectTypeOf(get).returns.toEqualTypeOf<{ Id: number; Name: string } | null | undefined>();
});

describe.each(BINDINGS)('$encoding $transferMode', (binding) => {
  test('a request has them, and so has its answer', async () => {
    const proxy = await connected(binding);
    let answered: string | undefined;
    const seen = await proxy.Seen({
      headers: [Tenant.of('acme'), Owner.of(null), Strict.of(true)],
      onHeaders: (headers) => (answered = headers.get(Tenant)),
    });
    expect(seen).toBe('urn:h Tenant, urn:h Owner, urn:h Strict');
    expect(answered).toBe('of acme');
    expect(await proxy.Seen()).toBe('');
  });

  test('they hold objects, nothing, and no text', async () => {
    const proxy = await connected(binding);
    const got: unknown[] = [];
    const onHeaders = (headers: ReceivedHeaders) =>
      void got.push(headers.get(Owner), headers.get(Tenant), headers.get(Strict));
    const headers = [Owner.of({ Id: 1, Name: 'Ann' })];
    expect(await proxy.Owned(6, { headers, onHeaders })).toBe('Ann');
    expect(got).toEqual([{ Id: 7, Name: 'Bob' }, '', undefined]);
    expect(await proxy.Owned(6)).toBe('nobody');
  });

  test('faults and one-way calls have them, too', async () => {
    const proxy = await connected(binding);
    let answered: string | undefined;
    const onHeaders = (headers: ReceivedHeaders) => void (answered = headers.get(Tenant));
    await expect(proxy.Fail({ onHeaders })).rejects.toMatchObject({ code: 'Fault', message: 'no' });
    expect(answered).toBe('of the fault');
    await proxy.Remember('one-way', { headers: [Tenant.of('acme')] });
    await proxy.Seen();
    if (binding.encoding !== 'soap' || !('transferMode' in binding)) {
      expect(remembered).toBe('one-way acme');
    }
  });

  test('concurrent calls keep them apart, also after other messages came', async () => {
    const proxy = await connected(binding);
    const calls = Array.from({ length: 20 }, async (_, index) => {
      let answered: string | undefined;
      const text = await proxy.Later(20 - index, {
        headers: [Tenant.of(`${index}`)],
        onHeaders: (headers) => (answered = headers.get(Tenant)),
      });
      return [text, answered];
    });
    expect(await Promise.all(calls)).toEqual(
      Array.from({ length: 20 }, (_, index) => [`${index}`, `late ${index}`]),
    );
  });

  test('one that has to be understood and is not costs its call', async () => {
    const proxy = await connected(binding);
    const Unknown = header('Unknown', types.int, { namespace, mustUnderstand: true });
    await expect(proxy.Seen({ headers: [Unknown.of(1)] })).rejects.toMatchObject({
      code: 'Fault',
      message: expect.stringContaining("The header 'Unknown' from the namespace 'urn:h' was not"),
      faultCode: { name: 'MustUnderstand' },
    });
    expect(await proxy.Seen()).toBe('');
  });

  test('a value of another type is reported, whether it is read or written', async () => {
    const errors: unknown[] = [];
    const proxy = await connected(binding, (error) => errors.push(error));
    await expect(proxy.AsNumber({ headers: [Tenant.of('acme')] })).rejects.toMatchObject({
      code: 'Fault',
      message: 'The header {urn:h}Tenant must be an int (-2147483648 to 2147483647), not "acme".',
    });
    await expect(proxy.Seen({ headers: [Tenant.of(1 as never)] })).rejects.toMatchObject({
      code: 'Usage',
      message: 'Seen: header {urn:h}Tenant must be a string, not 1',
    });
    await expect(proxy.Seen({ headers: [Tenant.of('a'), Tenant.of('b')] })).rejects.toThrow(
      'Seen: header {urn:h}Tenant must come only once',
    );
    await expect(proxy.Seen({ headers: ['acme' as never] })).rejects.toThrow(
      'The option headers of a call of Seen must be an array of headers',
    );
    expect(errors).toEqual([]);
    await expect(proxy.BadReply()).rejects.toMatchObject({ code: 'Fault' });
    expect(errors).toMatchObject([
      { message: 'BadReply: header {urn:h}Tenant must be a string, not 7' },
    ]);
  });

  test('those that nobody reads are reported, once', async () => {
    const proxy = await connected(binding);
    const name = `Unread${binding.encoding}${'transferMode' in binding ? 'Streamed' : ''}`;
    const Unread = header(name, types.int, { namespace });
    const warnings: string[] = [];
    const onWarning = (warning: Error): unknown =>
      warnings.push(`${warning.name}: ${warning.message}`);
    process.on('warning', onWarning);
    onTestFinished(() => void process.off('warning', onWarning));
    for (let call = 0; call < 3; call++) await proxy.AsNumber({ headers: [Unread.of(1)] });
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([
      `NetTcpWarning: Nobody has read the header {urn:h}${name} of a request of AsNumber.`,
    ]);
  });

  test('the header with which a fault says what was not understood is not reported', async () => {
    const proxy = await connected(binding);
    const Strange = header('Strange', types.int, { namespace, mustUnderstand: true });
    const warnings: string[] = [];
    const onWarning = ({ message }: Error): unknown => warnings.push(message);
    process.on('warning', onWarning);
    onTestFinished(() => void process.off('warning', onWarning));
    await expect(proxy.AsNumber({ headers: [Strange.of(1)] })).rejects.toMatchObject({
      faultCode: { name: 'MustUnderstand' },
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([]);
  });

  test('what onHeaders throws fails the call, and no other', async () => {
    const proxy = await connected(binding);
    const onHeaders = () => {
      throw new TypeError('mine');
    };
    await expect(proxy.Seen({ onHeaders })).rejects.toThrow('mine');
    expect(await proxy.Seen()).toBe('');
  });
});
