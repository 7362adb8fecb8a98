// An etcd of a script's or a test's own.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '../free-port.ts';
import { RunningProcess } from '../process.ts';
import { run } from '../run.ts';
import type { Issued } from '../certificates.ts';

/** How an etcd is started. */
export interface EtcdOptions {
  /** Its data; what is there is used. */
  readonly directory: string;
  /** Where clients reach it. */
  readonly host?: string;
  readonly port: number;
  /** What it shows clients, if it is to speak TLS, and the CA of theirs. */
  readonly certificate?: Issued;
  readonly clientCa?: string;
  /** Words before its own: to run it somewhere else. */
  readonly within?: readonly string[] | undefined;
}

/** Why there can be no etcd here; `undefined` if there can. */
export async function etcdMissing(): Promise<string | undefined> {
  const { status } = await run(['etcd', '--version']);
  return status === 0 ? undefined : 'etcd is not installed (Debian: apt-get install etcd-server)';
}

/** Starts an etcd of one member, and waits until it can be asked. Its data need not outlast the machine. */
export async function startEtcd(options: EtcdOptions): Promise<RunningProcess> {
  const { directory, host = '127.0.0.1', port, certificate, clientCa, within } = options;
  const data = path.join(directory, 'etcd');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const url = `${certificate === undefined ? 'http' : 'https'}://${host}:${port}`;
  const peer = `http://127.0.0.1:${await freePort()}`;
  const secured =
    certificate === undefined
      ? []
      : ['--cert-file', certificate.certificate, '--key-file', certificate.key];
  const checked =
    clientCa === undefined ? [] : ['--client-cert-auth', '--trusted-ca-file', clientCa];
  const words = `etcd --data-dir ${data} --listen-client-urls ${url} --advertise-client-urls ${url} --listen-peer-urls ${peer} --initial-advertise-peer-urls ${peer} --initial-cluster default=${peer} --unsafe-no-fsync --logger zap`;
  const etcd = new RunningProcess([...words.split(' '), ...secured, ...checked], { within });
  await etcd.said('serving client traffic');
  return etcd;
}
