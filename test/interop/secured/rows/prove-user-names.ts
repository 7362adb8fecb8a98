import type { Issued } from '../../../../scripts/certificates.ts';
import { freePort } from '../../../../scripts/free-port.ts';
import { RunningProcess } from '../../../../scripts/process.ts';
import { ICalculator, NetTcpBinding, ServiceHost } from '../../../../shared/index.ts';
import type { Missing, Talker } from '../programs.ts';
import type { Prove, Run } from '../proofs.ts';
import { type Place, PLACES, routeTo } from '../route.ts';

const CLIENT_DEADLINE_MS = 60_000;
const security = { mode: 'TransportWithMessageCredential' } as const;

/** What the sample prints, so many times. */
function samples(count: number): RegExp {
  const sample = String.raw`Add\(100,15\.99\) = 115\.99\nSubtract.*\nMultiply.*\nDivide\(22,7\) = 3\.14\d+\n`;
  return new RegExp(`^(?:${sample}){${count}}$`);
}

interface Row {
  readonly name: string;
  /** What WCF's client is given beside address, CA, user and password. */
  readonly args: readonly string[];
  readonly password?: string;
  readonly says: RegExp;
  /** Passwords that our service was asked about. */
  readonly asked: number;
  /** Tokens that it keeps at a time: no more may be needed. */
  readonly tokens: number;
  /** After how many ms it forgets one that is not used. Default: an hour. */
  readonly idleMs?: number;
  /** Users of its calls. */
  readonly callers: string;
}

const ROWS: readonly Row[] = [
  {
    name: 'a right password',
    args: [],
    says: samples(1),
    asked: 1,
    tokens: 1,
    callers: 'username dave',
  },
  {
    name: 'a wrong password',
    args: [],
    password: 'guess',
    says: /MessageSecurityException.*FaultException: At least one security token in the message could not be validated/,
    asked: 1,
    tokens: 1,
    callers: '',
  },
  {
    name: 'channels one after the other: each cancels its token',
    args: ['--channels', '3'],
    says: samples(3),
    asked: 3,
    tokens: 1,
    callers: 'username dave',
  },
  {
    name: 'factories that close their channels: tokens are cancelled',
    args: ['--factories', '2', '--leave'],
    says: samples(2),
    asked: 2,
    tokens: 1,
    callers: 'username dave',
  },
  {
    name: 'ten channels at once',
    args: ['--channels', '10', '--at-once'],
    says: samples(10),
    asked: 10,
    tokens: 10,
    callers: 'username dave',
  },
  {
    name: 'a token that was forgotten while the client paused',
    args: ['--pause', '5000'],
    says: /^Add\(100,15\.99\) = 115\.99\n\[.*MessageSecurityException.*FaultException: .*security context token/i,
    asked: 1,
    tokens: 1,
    idleMs: 3_000,
    callers: 'username dave',
  },
];

/** A service's certificate, and the CA that has issued it. */
export interface ServiceCertificate {
  /** Path of its certificate, PEM. */
  readonly ca: string;
  readonly server: Issued;
}

/** User names: WCF's clients and our service, on a port of its own and a shared one. */
export async function proveUserNames(
  prove: Prove,
  client: Talker | Missing,
  certificates: ServiceCertificate,
): Promise<void> {
  for (const streamed of [false, true]) {
    const how = streamed ? 'streamed' : 'buffered';
    for (const row of ROWS) {
      // A row that waits is run once.
      for (const where of row.idleMs === undefined ? PLACES : PLACES.slice(0, 1)) {
        await prove(`WCF, user names, ${how}, ${where}, ${row.name}`, client, (program) =>
          callOurs(program, row, { certificates, where, streamed }),
        );
      }
    }
  }
}

interface Setting {
  readonly certificates: ServiceCertificate;
  readonly where: Place;
  readonly streamed: boolean;
}

async function callOurs(
  { command, args }: Talker,
  { args: more, password = 'secret-dave', says, asked, tokens, idleMs, callers }: Row,
  { certificates: { ca, server }, where, streamed }: Setting,
): Promise<Run> {
  // .NET takes seconds for its first handshake where the machine is busy.
  const limits = {
    preambleTimeoutMs: CLIENT_DEADLINE_MS,
    maxContextTokens: tokens,
    ...(idleMs !== undefined && { contextTokenIdleMs: idleMs }),
  };
  const portSharing = where === 'a shared port';
  const binding = new NetTcpBinding({ portSharing, security, limits });
  const seen = new Set<string>();
  let passwords = 0;
  const validateUserName = (name: string, word: string): boolean => {
    passwords += 1;
    return name === 'dave' && word === 'secret-dave';
  };
  const host = new ServiceHost(binding, {
    credentials: { ...server, validateUserName },
    authorize: ({ kind, name }) => seen.add(`${kind} ${name}`).size > 0,
  });
  const at = `net.tcp://localhost:${await freePort()}/calculator`;
  // Behind a route clients know it by another port.
  host.addEndpoint(ICalculator, CALCULATOR, at, { addressFilterMode: 'any' });
  await host.open();
  const route = where === 'behind a route' ? await routeTo(at) : undefined;
  try {
    const who = ['--ca', ca, '--user', 'dave', '--password', password];
    const mode = streamed ? ['--streamed', ''] : [];
    const line = [command, ...args, route?.address ?? at, 'username', ...who, ...mode, ...more];
    const { stdout } = await new RunningProcess(line, { deadlineMs: CLIENT_DEADLINE_MS }).finished;
    const isSaid = says.test(stdout);
    return {
      said: isSaid ? { isSaid } : { isSaid, stdout },
      expected: { isSaid: true },
      peer: `${passwords} ${[...seen].join('; ')}.`,
      wanted: `${asked} ${callers}.`,
    };
  } finally {
    await route?.remove();
    await host.close();
  }
}

const CALCULATOR = {
  Add: (n1: number, n2: number) => n1 + n2,
  Subtract: (n1: number, n2: number) => n1 - n2,
  Multiply: (n1: number, n2: number) => n1 * n2,
  Divide: (n1: number, n2: number) => n1 / n2,
};
