// `net-tcp-port-sharing import net.tcp://…/mex` where the endpoint is secured.
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { calculator } from '../../../service/calculator.ts';
import { ICalculator } from '../../../shared/contract/calculator.ts';
import { NetTcpBinding } from '../../../shared/net-tcp-binding.ts';
import type { EndpointOptions } from '../../../shared/rpc/service/host-options.ts';
import { ServiceHost } from '../../../shared/rpc/service/service-host.ts';
import { makeCertificates, TRANSPORT } from '../../transport/tls/secured.ts';
import { runHere } from './run-here.ts';

describe('the metadata of a secured endpoint', () => {
  // A busy machine takes its time over a handshake.
  beforeAll(() => void vi.stubEnv('NET_TCP_PORT_SHARING_LIMITS', 'openTimeoutMs=50000'));
  afterAll(() => void vi.unstubAllEnvs());
  const certificates = makeCertificates();
  const open = async (options: EndpointOptions): Promise<string> => {
    const host = new ServiceHost(new NetTcpBinding({ security: TRANSPORT.none }), {
      credentials: certificates.server,
    });
    host.addEndpoint(ICalculator, calculator, 'net.tcp://localhost:0/calc', options);
    await host.open();
    onTestFinished(() => host.close());
    return `${host.addresses[0]}/mex`;
  };

  test('are had with its security, and with none if they are plain', async () => {
    const [secured, plain] = [await open({ metadata: true }), await open({ metadata: 'plain' })];
    const asked = await runHere(['import', secured, '--security', 'tls', '--ca', certificates.ca]);
    expect(asked).toMatchObject({ status: 0, stdout: expect.stringContaining('Subtract') });
    expect(await runHere(['import', plain])).toMatchObject({ status: 0 });
  });

  test.for<[what: string, options: readonly string[], status: number, text: string]>([
    ['without', [], 76, 'Ask with the --security of the service: tls, windows, username or none.'],
    ['with another CA', ['--security', 'tls', '--ca', certificates.foreignCa], 85, 'Give the CA'],
  ])('%s it is refused', async ([, options, status, text]) => {
    const refused = await runHere(['import', await open({ metadata: true }), ...options]);
    expect(refused).toMatchObject({ status, stdout: '' });
    expect(refused.stderr).toContain(text);
  });
});

test.for<[options: readonly string[], text: string]>([
  [['http://a/?wsdl', '--security', 'tls'], '--security goes with net.tcp://…/mex only.'],
  [['a.wsdl', '--ca', 'a'], '--ca goes with --security tls or username only.'],
  [['net.tcp://a/mex', '--security', 'username'], '--security username needs a user name: --user.'],
])('import %s is told', async ([options, text]) => {
  const refused = await runHere(['import', ...options]);
  expect(refused).toMatchObject({ status: 64, stdout: '' });
  expect(refused.stderr).toContain(text);
});
