import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { removeDirectory, temporaryDirectory } from '../../../../scripts/temporary.ts';
import {
  type NtlmAccount,
  offerNtlm,
} from '../../../../shared/security/negotiate/ntlm/acceptor.ts';
import { ntHash } from '../../../../shared/security/negotiate/ntlm/hashes.ts';
import type { Mechanism, Protection } from '../../../../shared/security/negotiate/mechanism.ts';
import { spnegoAcceptor } from '../../../../shared/security/negotiate/spnego-acceptor.ts';
import { EchoService } from '../echo-service.ts';
import { callEcho } from '../call-echo.ts';
import { listenTo, type Missing, RunningTalker, type Talker } from '../programs.ts';
import type { Prove } from '../proofs.ts';

export interface NtlmPeers {
  readonly gssapi: Talker | Missing;
  readonly dotnet: Talker | Missing;
}

const PASSWORD = 'secret-çarol';
const CAROL: NtlmAccount = { name: 'TESTDOM\\carol', hash: ntHash(PASSWORD) };

/** Both our sides of NTLM against GSSAPI's and .NET's. */
export async function proveNtlm(prove: Prove, { gssapi, dotnet }: NtlmPeers): Promise<void> {
  const directory = temporaryDirectory();
  // What gss-ntlmssp knows of accounts, as a client without arguments and as a service.
  const file = join(directory, 'accounts');
  await writeFile(file, `TESTDOM:carol:${PASSWORD}\n`);
  const env = { ...process.env, NTLM_USER_FILE: file, KRB5_CONFIG: '/dev/null' };
  try {
    for (const [form, password, ok, wanted] of [
      ['right password', PASSWORD, true, CAROL.name],
      ['wrong password', 'guess', false, 'NTLM credential is refused: TESTDOM\\carol'],
    ] as const) {
      await prove(`NTLM, GSSAPI's client, ${form}`, gssapi, async (program) => {
        await using service = await EchoService.listen(() => acceptor('seal'));
        const user = ['--user', 'TESTDOM\\carol', '--password', password];
        const args = [String(service.port), 'host/localhost', 'ntlm', ...user];
        const said = await listenTo(program, args, env);
        return { said, expected: { ok }, peer: await service.outcome, wanted };
      });
      for (const level of ['EncryptAndSign', 'Sign']) {
        await prove(`NTLM, .NET's client, ${level}, ${form}`, dotnet, async (program) => {
          await using service = await EchoService.listen(() =>
            acceptor(level === 'Sign' ? 'sign' : 'seal'),
          );
          const args = [
            'client',
            String(service.port),
            'host/localhost',
            level,
            'carol',
            password,
            'TESTDOM',
          ];
          const said = await listenTo(program, args, env);
          const expected = ok ? { ok, IsSigned: true, protocol: 'NTLM' } : { ok };
          return { said, expected, peer: await service.outcome, wanted };
        });
      }
      await prove(`NTLM, .NET's service, ${form}`, dotnet, async (program) => {
        const running = new RunningTalker(program, ['server', 'EncryptAndSign'], env);
        try {
          const { port } = await running.said();
          const peer = await callEcho(Number(port), { userName: CAROL.name, password });
          const expected = ok ? { ok, protocol: 'NTLM' } : { ok };
          return {
            said: await running.said(),
            expected,
            peer,
            wanted: ok ? 'echoed' : 'The service gave',
          };
        } finally {
          running.kill();
        }
      });
    }
  } finally {
    removeDirectory(directory);
  }
}

function acceptor(protection: Protection): Mechanism {
  const find = (user: string, domain: string): NtlmAccount | undefined =>
    `${domain}\\${user}`.toLowerCase() === CAROL.name.toLowerCase() ? CAROL : undefined;
  const attempts = { mayTry: () => true, failed: () => {}, succeeded: () => {} };
  return spnegoAcceptor([
    offerNtlm({ find, domain: 'TESTDOM', machine: 'NODE', attempts, protection }),
  ]);
}
