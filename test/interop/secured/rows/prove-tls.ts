import { Authority } from '../../../../scripts/certificates.ts';
import { freePort } from '../../../../scripts/free-port.ts';
import { RunningProcess } from '../../../../scripts/process.ts';
import { removeDirectory, temporaryDirectory } from '../../../../scripts/temporary.ts';
import {
  ChannelFactory,
  ICalculator,
  NetTcpBinding,
  ServiceHost,
} from '../../../../shared/index.ts';
import { callTwice } from '../call-twice.ts';
import type { Missing, Talker } from '../programs.ts';
import type { Prove, Run } from '../proofs.ts';
import { type Place, PLACES, type Route, routeTo } from '../route.ts';
import { CALLS, type Call, type Row, ROWS, WITH, WITHOUT } from './tls-rows.ts';

const CLIENT_DEADLINE_MS = 60_000;
type Certificates = ReturnType<typeof makeCertificates>;

/** Clients of WCF and our service, then our client and .NET's SslStream after net.tcp framing. */
export async function proveTls(prove: Prove, dotnet: Talker | Missing): Promise<void> {
  const directory = temporaryDirectory();
  try {
    const certificates = makeCertificates(directory);
    for (const version of ['Tls12', 'Tls13'] as const) {
      for (const row of ROWS) {
        const places = row.isEverywhere === true ? PLACES : (['a port of its own'] as const);
        for (const where of places) {
          await prove(`WCF, ${version}, ${where}, ${row.name}`, dotnet, (program) =>
            callOurs(program, row, { version, certificates, where }),
          );
        }
      }
      // What is not ours can be on a shared port by a route alone.
      for (const where of ['a port of its own', 'behind a route'] as const) {
        for (const call of CALLS) {
          await prove(`SslStream, ${version}, ${where}, ${call.name}`, dotnet, (program) =>
            callTheirs(program, call, { version, certificates, where }),
          );
        }
      }
    }
  } finally {
    removeDirectory(directory);
  }
}

function makeCertificates(directory: string) {
  const authority = new Authority(directory);
  const client = { name: 'alice', usage: 'clientAuth' } as const;
  const revoked = authority.issue('revoked', client);
  return {
    ca: authority.path,
    crl: authority.revoke(revoked),
    revoked,
    other: authority.issue('other', {
      name: 'other',
      names: 'DNS:elsewhere.example',
      keyType: 'rsa',
    }),
    server: authority.issue('server', { name: 'localhost', keyType: 'rsa' }),
    alice: authority.issue('alice', client),
    expired: authority.issue('expired', { ...client, days: -1 }),
    wrongPurpose: authority.issue('wrong-purpose', { ...client, usage: 'serverAuth' }),
    stranger: new Authority(directory, 'foreign').issue('stranger', client),
  };
}

interface Setting {
  readonly version: 'Tls12' | 'Tls13';
  readonly certificates: Certificates;
  readonly where: Place;
}

async function callOurs(
  { command, args }: Talker,
  { args: more, shows, security, tls = {}, serves = 'server', says, sees }: Row,
  { version, certificates, where }: Setting,
): Promise<Run> {
  const seen = new Set<string>();
  // .NET takes seconds for its first handshake where the machine is busy.
  const limits = { preambleTimeoutMs: CLIENT_DEADLINE_MS };
  const { ca, crl } = certificates;
  const binding = new NetTcpBinding({
    portSharing: where === 'a shared port',
    security: { ...security, tls },
    limits,
  });
  const host = new ServiceHost(binding, {
    credentials: {
      ...certificates[serves],
      ...(security === WITH && { clientCa: ca, clientCrl: crl }),
    },
    authorize: ({ kind, name }) => seen.add(`${kind} ${name}`).size > 0,
    onConnectionError: ({ message }) => void seen.add(message),
  });
  const Add = (n1: number, n2: number): number => n1 + n2;
  const calculator = { Add, Subtract: Add, Multiply: Add, Divide: Add };
  const at = `net.tcp://localhost:${await freePort()}/calculator`;
  // Behind a route clients know it by another port.
  host.addEndpoint(ICalculator, calculator, at, { addressFilterMode: 'any' });
  await host.open();
  const route = where === 'behind a route' ? await routeTo(at) : undefined;
  try {
    const own = shows === undefined ? [] : showing(certificates[shows]);
    const given = ['--ca', ca, '--protocols', version, ...own, ...more];
    const line = [command, ...args, 'client', route?.address ?? at, ...given];
    const client = new RunningProcess(line, { deadlineMs: CLIENT_DEADLINE_MS });
    const { stdout } = await client.finished;
    const isSaid = says[version].test(stdout);
    const said = isSaid ? { isSaid } : { isSaid, stdout };
    return {
      said,
      expected: { isSaid: true },
      peer: [...seen].join('\n'),
      wanted: typeof sees === 'string' ? sees : sees[version],
    };
  } finally {
    await route?.remove();
    await host.close();
  }
}

async function callTheirs(
  { command, args }: Talker,
  { security, shows, says, sees }: Call,
  { version, certificates, where }: Setting,
): Promise<Run> {
  const { server, ca } = certificates;
  const asks = security === WITH ? ['--ca', ca] : [];
  const given = [server.certificate, server.key, '--protocols', version, ...asks];
  const service = new RunningProcess([command, ...args, 'service', ...given], {});
  const credentials = { ca, ...(shows !== undefined && certificates[shows]) };
  let route: Route | undefined;
  try {
    const port = (await service.nextLine(CLIENT_DEADLINE_MS)).trim();
    const at = `net.tcp://localhost:${port}/calculator`;
    if (where === 'behind a route') route = await routeTo(at);
    // A client that has a certificate shows it; one that has none says that it needs none.
    const own = shows === undefined ? WITHOUT : WITH;
    const binding = new NetTcpBinding({ security: own });
    using factory = new ChannelFactory(ICalculator, binding, { credentials });
    const said = await callTwice(factory, route?.address ?? at);
    const peer = await service.nextLine(CLIENT_DEADLINE_MS);
    return {
      said: { said },
      expected: { said: says },
      peer,
      wanted: sees.replace('VERSION', version),
    };
  } finally {
    await route?.remove();
    service.kill('SIGKILL');
    await service.finished;
  }
}

function showing({ certificate, key }: Certificates['alice']): string[] {
  return ['--certificate', certificate, '--key', key];
}
