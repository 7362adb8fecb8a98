import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RunningProcess } from '../../../../scripts/process.ts';
import { removeDirectory, temporaryDirectory } from '../../../../scripts/temporary.ts';
import {
  ChannelFactory,
  type ClientCredentials,
  ICalculator,
  NetTcpBinding,
} from '../../../../shared/index.ts';
import { callTwice } from '../call-twice.ts';
import { ntlmIsMissing, type Missing, type Talker } from '../programs.ts';
import type { Prove, Run } from '../proofs.ts';
import { type Realm, startRealm } from '../realm.ts';
import { type Route, routeTo } from '../route.ts';

const SAYS_WITHIN_MS = 60_000;
const SERVICE = 'calc/localhost';
const TWICE = '115.99 115.99';

interface Call {
  readonly name: string;
  readonly credentials: ClientCredentials;
  /** Results, or the code of an error. */
  readonly says: string;
  readonly sees: string;
  /** Whether it takes gss-ntlmssp. */
  readonly isNtlm?: true;
}

const CALLS: readonly Call[] = [
  {
    name: 'Kerberos',
    credentials: { servicePrincipalName: SERVICE },
    says: TWICE,
    sees: 'session over Kerberos of alice@TEST.LOCAL',
  },
  {
    name: 'Kerberos, a ticket for another',
    credentials: { servicePrincipalName: 'other/localhost' },
    says: 'SecurityNegotiation',
    sees: 'refused: ',
  },
  {
    name: 'NTLM',
    credentials: { userName: 'TESTDOM\\carol', password: 'secret-carol' },
    says: TWICE,
    sees: 'session over NTLM of TESTDOM\\carol',
    isNtlm: true,
  },
  {
    name: 'NTLM, a wrong password',
    credentials: { userName: 'TESTDOM\\carol', password: 'guess' },
    says: 'SecurityNegotiation',
    sees: 'refused: ',
    isNtlm: true,
  },
];

/** Our client, and .NET's NegotiateStream after net.tcp framing. */
export async function proveNegotiated(prove: Prove, dotnet: Talker | Missing): Promise<void> {
  const realm = await startRealm();
  const directory = temporaryDirectory();
  const accounts = join(directory, 'accounts');
  const missing = ntlmIsMissing();
  const noNtlm = missing === undefined ? undefined : { missing };
  try {
    await writeFile(accounts, 'TESTDOM:carol:secret-carol\n');
    for (const name of [SERVICE, 'other/localhost']) {
      await realm.addService(name, 'aes256-cts-hmac-sha1-96');
    }
    await realm.logIn('alice', 'secret-alice');
    const env = {
      ...realm.env,
      KRB5_KTNAME: await realm.keytabFile(SERVICE),
      NTLM_USER_FILE: accounts,
    };
    for (const isRouted of [false, true]) {
      const where = isRouted ? 'behind a route' : 'a port of its own';
      for (const call of CALLS) {
        const program = call.isNtlm === true ? (noNtlm ?? dotnet) : dotnet;
        await prove(`NegotiateStream, ${where}, ${call.name}`, program, (talker) =>
          callTheirs(talker, call, { realm, env, isRouted }),
        );
      }
    }
  } finally {
    removeDirectory(directory);
    await realm.stop();
  }
}

interface Setting {
  readonly realm: Realm;
  readonly env: NodeJS.ProcessEnv;
  readonly isRouted: boolean;
}

async function callTheirs(
  { command, args }: Talker,
  { credentials, says, sees }: Call,
  { realm, env, isRouted }: Setting,
): Promise<Run> {
  const service = new RunningProcess([command, ...args, 'windows'], { env });
  let route: Route | undefined;
  try {
    const at = `net.tcp://localhost:${(await service.nextLine(SAYS_WITHIN_MS)).trim()}/calculator`;
    // What is not ours can be on a shared port by a route alone.
    if (isRouted) route = await routeTo(at);
    const binding = new NetTcpBinding({ security: { mode: 'Transport' } });
    using factory = new ChannelFactory(ICalculator, binding, { credentials });
    const said = await realm.use(() => callTwice(factory, route?.address ?? at));
    const peer = await service.nextLine(SAYS_WITHIN_MS);
    return { said: { said }, expected: { said: says }, peer, wanted: sees };
  } finally {
    await route?.remove();
    service.kill('SIGKILL');
    await service.finished;
  }
}
