// Who is let in, who is not, and what each side is told.
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseAddress } from '../../../shared/address.ts';
import type { Issued } from '../../../scripts/certificates.ts';
import { type ClientCredentials, type OperationContext } from '../../../shared/index.ts';
import { eventually } from '../../helpers/eventually.ts';
import { factoryFor, makeCertificates, openHost, TRANSPORT } from './secured.ts';

const pki = makeCertificates();
const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;

/** A relay that counts how many connections came, and how many of them sent a handshake. */
async function counted(address: string) {
  const { port, segments } = parseAddress(address);
  let connections = 0;
  const server = createServer((client) => {
    connections += 1;
    const service = connectTcp(port, 'localhost');
    for (const [from, to] of [
      [client, service],
      [service, client],
    ] as const satisfies readonly (readonly [Socket, Socket])[]) {
      from.on('error', () => to.destroy()).pipe(to);
    }
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port: own } = server.address() as { readonly port: number };
  return {
    address: `net.tcp://localhost:${own}/${segments.join('/')}`,
    count: () => connections,
  };
}

/** Like the calculator, but it says who called. */
function asking(seen: string[]) {
  const Add = (n1: number, n2: number, { caller }: OperationContext): number => {
    seen.push(`${caller.kind} ${caller.name}`);
    return n1 + n2;
  };
  return { Add, Subtract: Add, Multiply: Add, Divide: Add };
}

describe.for(VERSIONS)('%s', (version) => {
  const secure = (type: 'None' | 'Certificate') =>
    ({
      mode: 'Transport',
      transport: { clientCredentialType: type },
      tls: { minVersion: version, maxVersion: version },
    }) as const;

  test('a client with a certificate of the CA is known by it', async () => {
    const seen: string[] = [];
    const credentials = { ...pki.server, clientCa: pki.ca };
    const implementation = asking(seen);
    const [, address] = await openHost(secure('Certificate'), { credentials }, { implementation });
    const factory = factoryFor(secure('Certificate'), { ca: pki.ca, ...pki.alice });
    await using proxy = factory.createChannel(address);
    expect(await proxy.Add(1, 2)).toBe(3);
    expect(seen).toEqual([expect.stringMatching(/^certificate CN=alice; [0-9A-F]{40}$/)]);
  });

  test.for<[what: string, shown: Issued, reason: string]>([
    ['of another CA', pki.stranger, 'UNABLE_TO'],
    ['that has expired', pki.expired, 'CERT_HAS_EXPIRED'],
    ['for servers', pki.wrongPurpose, 'INVALID_PURPOSE'],
  ])('a certificate %s is refused, after one attempt', async ([, shown, reason]) => {
    const errors: string[] = [];
    const [, address] = await openHost(secure('Certificate'), {
      credentials: { ...pki.server, clientCa: pki.ca },
      onConnectionError: ({ message }) => errors.push(message),
    });
    const relay = await counted(address);
    const factory = factoryFor(secure('Certificate'), { ca: pki.ca, ...shown });
    const call = factory.createChannel(relay.address).Add(1, 2);
    await expect(call).rejects.toMatchObject({ message: expect.stringMatching(/credential|TLS/) });
    expect(relay.count()).toBe(1);
    await eventually(() => expect(errors.join()).toContain(reason));
  });

  test('none, where one is wanted, is refused', async () => {
    const credentials = { ...pki.server, clientCa: pki.ca };
    const errors: string[] = [];
    const onConnectionError = ({ message }: Error): number => errors.push(message);
    const [, address] = await openHost(secure('Certificate'), { credentials, onConnectionError });
    const relay = await counted(address);
    const factory = factoryFor(secure('None'), { ca: pki.ca });
    const call = factory.createChannel(relay.address).Add(1, 2);
    await expect(call).rejects.toMatchObject({ code: 'SecurityNegotiation' });
    expect(relay.count()).toBe(1);
    const text = 'The TLS handshake with a client failed: peer did not return a certificate.';
    await eventually(() => expect(errors).toEqual([text]));
  });

  test.for<[what: string, credentials: ClientCredentials, host: string, text: string]>([
    ['of an unknown CA', { ca: pki.foreignCa }, 'localhost', 'credentials.ca'],
    ['of no CA that this machine trusts', {}, 'localhost', 'credentials.ca'],
    ['for an address that it does not have', { ca: pki.ca }, '127.0.0.2', 'subjectAltName'],
  ])("a service's certificate %s is refused", async ([, credentials, host, text]) => {
    const own = { ...secure('None') };
    const [, address] = await openHost(own, { credentials: pki.server });
    const { port } = parseAddress(address);
    const relay = createServer((client) => {
      const service = connectTcp(port, 'localhost');
      client.on('error', () => service.destroy()).pipe(service);
      service.on('error', () => client.destroy()).pipe(client);
    }).listen(0, host);
    await once(relay, 'listening');
    onTestFinished(() => void relay.close());
    const { port: shown } = relay.address() as { readonly port: number };
    const factory = factoryFor(secure('None'), credentials);
    const call = factory.createChannel(`net.tcp://${host}:${shown}/calc`).Add(1, 2);
    await expect(call).rejects.toMatchObject({
      code: 'SecurityNegotiation',
      message: expect.stringContaining(text),
    });
  });
});

test.for<[what: string, validation: object, isTaken: boolean]>([
  ['by a function', { validateCertificate: () => true }, true],
  ['by a function that says no', { validateCertificate: () => false }, false],
  ['by a function that says yes in a word', { validateCertificate: () => 'yes' }, false],
  ['by a function that takes its time', { validateCertificate: async () => true }, false],
  ['by a function that fails', { validateCertificate: () => expect.fail() }, false],
  [
    'by its thumbprint and a function that says nothing',
    { thumbprints: () => pki.thumbprint, validateCertificate: () => undefined },
    false,
  ],
  ['by its thumbprint', { thumbprints: () => pki.thumbprint }, true],
  ['by the thumbprint of another', { thumbprints: () => '00'.repeat(20) }, false],
])("a service's certificate is checked %s", async ([, validation, isTaken]) => {
  const [, address] = await openHost(TRANSPORT.none, { credentials: pki.server });
  const { thumbprints } = validation as { thumbprints?: () => string };
  const credentials =
    thumbprints === undefined ? validation : { ...validation, thumbprints: [thumbprints()] };
  const call = factoryFor(TRANSPORT.none, credentials).createChannel(address).Add(1, 2);
  if (isTaken) expect(await call).toBe(3);
  else await expect(call).rejects.toMatchObject({ code: 'SecurityNegotiation' });
});

test.for(['msgpack', 'soap', 'streamed'] as const)(
  'who may not call an operation is told so, over %s',
  async (kind) => {
    const [, address] = await openHost(TRANSPORT.certificate, {
      credentials: { ...pki.server, clientCa: pki.ca },
      authorize: ({ name }, operation) => name.startsWith('CN=alice;') && operation === 'Add',
    });
    const encoding = kind === 'msgpack' ? 'msgpack' : 'soap';
    const transferMode = kind === 'streamed' ? 'streamed' : 'buffered';
    const shown = { ca: pki.ca, ...pki.alice };
    const factory = factoryFor(TRANSPORT.certificate, shown, { encoding, transferMode });
    await using proxy = factory.createChannel(address);
    expect(await proxy.Add(1, 2)).toBe(3);
    const denied = { code: 'SecurityAccessDenied', message: 'Access is denied.' };
    await expect(proxy.Divide(1, 2)).rejects.toMatchObject(denied);
    expect(await proxy.Add(3, 4)).toBe(7);
  },
);

test('only those who are named may call', async () => {
  const credentials = { ...pki.server, clientCa: pki.ca };
  const [, address] = await openHost(TRANSPORT.certificate, {
    credentials,
    allow: [`CN=somebody else; ${'00'.repeat(20)}`],
  });
  const factory = factoryFor(TRANSPORT.certificate, { ca: pki.ca, ...pki.alice });
  const call = factory.createChannel(address).Add(1, 2);
  await expect(call).rejects.toMatchObject({ code: 'SecurityAccessDenied' });
});
