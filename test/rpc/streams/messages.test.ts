// A stream as the body of a message, with headers beside it: what WCF's samples of uploads have.
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import {
  header,
  message,
  NetTcpBinding,
  operation,
  defineContract,
  ServiceHost,
  ChannelFactory,
  types,
} from '../../../shared/index.ts';
import { freePort } from '../../../scripts/free-port.ts';
import { digest, digestOf, MODES, patterned, source } from './stream-contract.ts';

const File = message({
  headers: {
    Name: types.string,
    Length: header('Size', types.int, { namespace: 'urn:size', mustUnderstand: true }),
  },
  body: { Data: types.stream },
});
/** [MessageContract(IsWrapped = false)]: the stream's element is all that the body has. */
const BareFile = message({
  wrapped: false,
  headers: { Name: types.string },
  body: { Data: types.stream },
});
/** A stream whose element has a namespace that its wrapper has not. */
const Elsewhere = message({
  body: { Data: { type: types.stream, name: 'Content', namespace: 'urn:content' } },
});
const IFiles = defineContract({
  name: 'IFiles',
  operations: {
    Put: operation(File, types.string),
    Get: operation([['length', types.int]], File),
    Echo: operation(File, File),
    Bare: operation(BareFile, BareFile),
    Moved: operation(Elsewhere, Elsewhere),
    BareUp: operation(message({ wrapped: false, body: { Data: types.stream } }), types.string),
    Name: operation(message({ headers: { Name: types.string } }), types.string),
  },
});

test.for(MODES)('%s: up, down and both ways', async (transferMode) => {
  const address = `net.tcp://127.0.0.1:${await freePort()}/files`;
  const host = new ServiceHost(new NetTcpBinding());
  host.addEndpoint(
    IFiles,
    {
      Put: async ({ Name, Length, Data }) => `${Name} ${Length} ${await digestOf(Data)}`,
      Get: (length) => ({ Name: 'got', Length: length, Data: source(length) }),
      Echo: ({ Name, Length, Data }) => ({ Name: `${Name}!`, Length, Data }),
      Bare: ({ Name, Data }) => ({ Name: `${Name}?`, Data }),
      Moved: ({ Data }) => ({ Data }),
      BareUp: ({ Data }) => digestOf(Data),
      Name: ({ Name }) => Name,
    },
    address,
  );
  await host.open();
  const factory = new ChannelFactory(IFiles, new NetTcpBinding({ encoding: 'soap', transferMode }));
  const proxy = factory.createChannel(address);
  try {
    for (const size of [0, 1, 4, 40_000]) {
      const due = digest(patterned(size));
      const sent = { Name: 'é', Length: size };
      expect(await proxy.Put({ ...sent, Data: source(size) })).toBe(`é ${size} ${due}`);
      const got = await proxy.Get(size);
      expect([got.Name, got.Length, digest(await buffer(got.Data))]).toEqual(['got', size, due]);
      const both = await proxy.Echo({ ...sent, Data: source(size) });
      expect([both.Name, both.Length, digest(await buffer(both.Data))]).toEqual(['é!', size, due]);
      const bare = await proxy.Bare({ Name: 'é', Data: source(size) });
      expect([bare.Name, digest(await buffer(bare.Data))]).toEqual(['é?', due]);
      const moved = await proxy.Moved({ Data: source(size) });
      expect(digest(await buffer(moved.Data))).toBe(due);
      expect(await proxy.BareUp({ Data: source(size) })).toBe(due);
    }
    expect(await proxy.Name({ Name: 'n' })).toBe('n');
    await expect(proxy.Put({ Name: 'n', Length: 1, Data: 'x' as never })).rejects.toThrow(
      'a stream must be a Readable of node:stream, not "x"',
    );
    await expect(proxy.Put({ Name: 1 as never, Length: 1, Data: source(1) })).rejects.toThrow(
      'Put: message.Name must be a string',
    );
  } finally {
    factory.close();
    await host.close();
  }
});

test.for(MODES)(
  '%s: an answer that cannot be written is a fault, and no half of it is sent',
  async (mode) => {
    const failed: unknown[] = [];
    const host = new ServiceHost(new NetTcpBinding(), {
      onOperationError: (error) => void failed.push((error as Error).message),
    });
    const unwritable = { Name: 7 as never, Length: 1, Data: source(1) };
    const never = (): never => unwritable as never;
    const NEVER = {
      Put: never,
      Echo: never,
      Name: never,
      Bare: never,
      Moved: never,
      BareUp: never,
    };
    host.addEndpoint(IFiles, { ...NEVER, Get: () => unwritable }, 'net.tcp://127.0.0.1:0/files');
    await host.open();
    const factory = new ChannelFactory(
      IFiles,
      new NetTcpBinding({ encoding: 'soap', transferMode: mode }),
    );
    try {
      const proxy = factory.createChannel(host.addresses[0] ?? '');
      await expect(proxy.Get(1)).rejects.toMatchObject({ code: 'Fault' });
      expect(failed).toEqual([expect.stringContaining('Name must be a string')]);
    } finally {
      factory.close();
      await host.close();
    }
  },
);
