// Callbacks over TLS, and where messages say who sends them.
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { ChannelFactory, NetTcpBinding, ServiceHost } from '../../../../shared/index.ts';
import { INews, listener, news } from '../../../fixtures/news.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { makeCertificates, TRANSPORT } from '../../../transport/tls/secured.ts';

let certificates: ReturnType<typeof makeCertificates>;
beforeAll(() => void (certificates = makeCertificates()));

const USER_NAMES = {
  mode: 'TransportWithMessageCredential',
  message: { clientCredentialType: 'UserName' },
} as const;

test.for([
  ['TLS', 'msgpack', TRANSPORT.none],
  ['TLS', 'soap', TRANSPORT.none],
  ['user names', 'soap', USER_NAMES],
] as const)('%s, %s', async ([, encoding, security]) => {
  const { server, ca } = certificates;
  const isOfUsers = security === USER_NAMES;
  const host = new ServiceHost(new NetTcpBinding({ security }), {
    credentials: {
      certificate: server.certificate,
      key: server.key,
      ...(isOfUsers ? { validateUserName: (name: string) => name === 'ann' } : {}),
    },
  });
  await host.addEndpoint(INews, news, 'net.tcp://localhost:0/news').open();
  const user = isOfUsers ? { userName: 'ann', password: 'secret' } : {};
  const factory = new ChannelFactory(INews, new NetTcpBinding({ security, encoding }), {
    credentials: { ca, ...user },
  });
  onTestFinished(async () => {
    factory.close();
    host.abort();
    await host.close();
  });
  const callback = listener();
  const channel = factory.createChannel(host.addresses[0] ?? '', { callback });
  expect(await channel.AskBack('q')).toBe('asked: answer to q');
  await expect(channel.AskBack('busy')).rejects.toThrow('I am busy, 5 min');
  expect(await channel.Subscribe('T')).toBe('subscribed T');
  await eventually(() => expect(callback.heard).toEqual(['T 0', 'T 1', 'T 2']));
  await channel.close();
});
