import { freePort } from '../../../../scripts/free-port.ts';
import { RunningProcess } from '../../../../scripts/process.ts';
import { ICalculator, NetTcpBinding, ServiceHost } from '../../../../shared/index.ts';
import { accountValue } from '../../../../shared/security/accounts.ts';
import { utf8 } from '../../../../shared/security/bytes.ts';
import { ntHash } from '../../../../shared/security/negotiate/ntlm/hashes.ts';
import type { Missing, Talker } from '../programs.ts';
import type { Prove } from '../proofs.ts';
import { type Realm, startRealm } from '../realm.ts';
import { type Place, PLACES, routeTo } from '../route.ts';

const CLIENT_DEADLINE_MS = 60_000;
const AES256 = 'aes256-cts-hmac-sha1-96';
const PASSWORD = 'secret-carol';
/** What the sample prints. */
const SAMPLE = /^Add\(100,15\.99\) = 115\.99\n.*\n.*\nDivide\(22,7\) = 3\.14\d+\n$/;
const MANY = /^(?:Add.*\nSubtract.*\nMultiply.*\nDivide.*\n){5}$/;
const REJECTED = /SecurityNegotiationException: The server has rejected the client credentials\./;
const ALICE = 'kerberos alice@TEST.LOCAL';
const CAROL = 'ntlm TESTDOM\\carol';

interface Row {
  readonly name: string;
  /** What the client of WCF is given besides `new NetTcpBinding()`. */
  readonly args: readonly string[];
  /** What it prints. */
  readonly says: RegExp;
  /** Whom our service sees, or why it sees nobody. */
  readonly sees: string;
  readonly env?: NodeJS.ProcessEnv;
}

const NTLM = ['--user', 'carol', '--domain', 'TESTDOM', '--password'];

const ROWS: readonly Row[] = [
  { name: 'new NetTcpBinding()', args: [], says: SAMPLE, sees: ALICE },
  { name: 'five channels', args: ['--channels', '5'], says: MANY, sees: ALICE },
  { name: 'streamed', args: ['--streamed'], says: SAMPLE, sees: ALICE },
  { name: 'ProtectionLevel.Sign', args: ['--level', 'Sign'], says: SAMPLE, sees: ALICE },
  {
    name: 'ProtectionLevel.None',
    args: ['--level', 'None'],
    says: /0x8009030d/,
    sees: 'gave up the negotiate handshake',
  },
  { name: 'SpnEndpointIdentity', args: ['--spn', 'calc/localhost'], says: SAMPLE, sees: ALICE },
  {
    name: 'SpnEndpointIdentity of another service',
    args: ['--spn', 'other/localhost'],
    says: REJECTED,
    sees: 'other/localhost@TEST.LOCAL, which is not in the keytab',
  },
  {
    name: 'SpnEndpointIdentity that nobody has',
    args: ['--spn', 'none/localhost'],
    says: /SecurityNegotiationException: Authentication failed.*0x80090304/,
    sees: 'gave up the negotiate handshake',
  },
  {
    name: 'no ticket',
    args: [],
    env: { KRB5CCNAME: 'FILE:/nonexistent/cache' },
    says: /SecurityNegotiationException: Authentication failed.*0x8009030d/,
    sees: 'gave up the negotiate handshake',
  },
  {
    name: 'NetworkCredential of Kerberos',
    args: ['--user', 'alice', '--domain', 'TEST.LOCAL', '--password', 'secret-alice'],
    says: SAMPLE,
    sees: ALICE,
  },
  { name: 'NetworkCredential of NTLM', args: [...NTLM, PASSWORD], says: SAMPLE, sees: CAROL },
  {
    name: 'NetworkCredential of NTLM, streamed',
    args: [...NTLM, PASSWORD, '--streamed'],
    says: SAMPLE,
    sees: CAROL,
  },
  {
    name: 'NetworkCredential of NTLM, wrong password',
    args: [...NTLM, 'guess'],
    says: REJECTED,
    sees: "The client's NTLM credential is refused: TESTDOM\\carol.",
  },
  {
    name: 'NetworkCredential of NTLM, ProtectionLevel.Sign',
    args: [...NTLM, PASSWORD, '--level', 'Sign'],
    says: REJECTED,
    sees: 'a weaker NTLM',
  },
];

/** With a cache whose one ticket is of the past. */
const EXPIRED: Row = {
  name: 'a ticket that has expired',
  args: [],
  says: /SecurityNegotiationException: Authentication failed.*0x80090304/,
  sees: 'gave up the negotiate handshake',
};

/** Clients of WCF with `new NetTcpBinding()`, as the sample has it, and our service. */
export async function proveWcf(prove: Prove, wcf: Talker | Missing): Promise<void> {
  const realm = await startRealm();
  try {
    const services = ['host/localhost', 'calc/localhost'];
    for (const service of [...services, 'other/localhost']) await realm.addService(service, AES256);
    await realm.logIn('alice', 'secret-alice');
    const keytab = await realm.keytab(...services);
    const expired = await realm.expiredTicket('alice', 'secret-alice');
    const rows = [...ROWS, { ...EXPIRED, env: expired }];
    for (const where of PLACES) {
      for (const row of rows) {
        await prove(`WCF, Windows, ${where}, ${row.name}`, wcf, (program) =>
          run(program, row, { realm, keytab, where }),
        );
      }
    }
  } finally {
    await realm.stop();
  }
}

interface Setting {
  readonly realm: Realm;
  readonly keytab: Uint8Array;
  readonly where: Place;
}

async function run(
  { command, args }: Talker,
  { args: more, says, sees, env }: Row,
  { realm, keytab, where }: Setting,
): ReturnType<Parameters<Prove>[2]> {
  const seen = new Set<string>();
  const binding = new NetTcpBinding({
    portSharing: where === 'a shared port',
    security: { mode: 'Transport' },
    // .NET takes seconds for its first handshake where the machine is busy.
    limits: { preambleTimeoutMs: CLIENT_DEADLINE_MS },
  });
  const accounts = utf8(`TESTDOM\\carol:${accountValue(ntHash(PASSWORD))}\n`);
  const host = new ServiceHost(binding, {
    credentials: { keytab, accounts },
    authorize: ({ kind, name }) => seen.add(`${kind} ${name}`).size > 0,
    onConnectionError: ({ message }) => void seen.add(message),
  });
  const calculator = {
    Add: (n1: number, n2: number) => n1 + n2,
    Subtract: (n1: number, n2: number) => n1 - n2,
    Multiply: (n1: number, n2: number) => n1 * n2,
    Divide: (n1: number, n2: number) => n1 / n2,
  };
  const at = `net.tcp://localhost:${await freePort()}/calculator`;
  // Behind a route clients know it by another port.
  host.addEndpoint(ICalculator, calculator, at, { addressFilterMode: 'any' });
  await host.open();
  const route = where === 'behind a route' ? await routeTo(at) : undefined;
  try {
    const line = [command, ...args, route?.address ?? at, 'windows', ...more];
    const deadlineMs = CLIENT_DEADLINE_MS;
    const client = new RunningProcess(line, { env: { ...realm.env, ...env }, deadlineMs });
    const { stdout, stderr } = await client.finished;
    return {
      said: { stdout, stderr, isAsItShouldBe: says.test(stdout) },
      expected: { isAsItShouldBe: true },
      // Somebody who was refused was refused once.
      peer: [...seen].join('; '),
      wanted: sees,
    };
  } finally {
    await route?.remove();
    await host.close();
  }
}
