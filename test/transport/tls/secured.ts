// A host and a factory with security, for tests.
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { onTestFinished } from 'vitest';
import { Authority } from '../../../scripts/certificates.ts';
import { temporaryDirectory } from '../../../scripts/temporary.ts';
import {
  ChannelFactory,
  type ClientCredentials,
  ICalculator,
  type Limits,
  NetTcpBinding,
  type NetTcpBindingOptions,
  ServiceHost,
  type ServiceHostOptions,
} from '../../../shared/index.ts';

import { type Security, TRANSPORT } from './modes.ts';

export { type Security, TRANSPORT };

/** Test certificates, made once for each file that asks. */
export function makeCertificates() {
  const directory = temporaryDirectory();
  const ca = new Authority(directory);
  const foreign = new Authority(directory, 'foreign');
  const server = ca.issue('server', { name: 'localhost' });
  const client = { name: 'alice', usage: 'clientAuth' } as const;
  return {
    directory,
    authority: ca,
    ca: ca.path,
    server,
    other: ca.issue('other', { name: 'elsewhere', names: 'DNS:elsewhere.example' }),
    alice: ca.issue('alice', client),
    revoked: ca.issue('revoked', client),
    revokedServer: ca.issue('revoked-server', { name: 'localhost' }),
    expired: ca.issue('expired', { ...client, days: -1 }),
    wrongPurpose: ca.issue('wrong-purpose', { ...client, usage: 'serverAuth' }),
    stranger: foreign.issue('stranger', client),
    foreignCa: foreign.path,
    /** Of the service's certificate: SHA-256, as OpenSSL prints it. */
    thumbprint: new X509Certificate(readFileSync(server.certificate)).fingerprint256,
  };
}

const calculator = {
  Add: (n1: number, n2: number) => n1 + n2,
  Subtract: (n1: number, n2: number) => n1 - n2,
  Multiply: (n1: number, n2: number) => n1 * n2,
  Divide: (n1: number, n2: number) => n1 / n2,
};

/** Opens a host on a free port; it is gone when the test ends. @returns it, and its address */
export async function openHost(
  security: Security,
  options: ServiceHostOptions,
  {
    limits,
    implementation = calculator,
  }: { limits?: Partial<Limits>; implementation?: object } = {},
): Promise<readonly [ServiceHost, string]> {
  const host = new ServiceHost(new NetTcpBinding({ security, limits: limits ?? {} }), options);
  host.addEndpoint(ICalculator, implementation as typeof calculator, 'net.tcp://localhost:0/calc');
  await host.open();
  onTestFinished(() => host.abort());
  return [host, host.addresses[0] ?? ''];
}

/** A factory that is closed when the test ends. */
export function factoryFor(
  security: Security,
  credentials: ClientCredentials,
  options: Omit<NetTcpBindingOptions, 'security'> = {},
): ChannelFactory<typeof ICalculator> {
  const binding = new NetTcpBinding({ ...options, security });
  const factory = new ChannelFactory(ICalculator, binding, { credentials });
  onTestFinished(() => factory.close());
  return factory;
}

/** Counts the TCP connections that this process makes from now on, until the test ends. */
export function countConnections(): () => number {
  let connections = 0;
  const count = (): void => void (connections += 1);
  subscribe('net.client.socket', count);
  onTestFinished(() => void unsubscribe('net.client.socket', count));
  return () => connections;
}
