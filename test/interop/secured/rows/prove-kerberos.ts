import { randomBytes } from 'node:crypto';
import { offerKerberos } from '../../../../shared/security/negotiate/kerberos/acceptor.ts';
import {
  type KeytabEntry,
  parseKeytab,
} from '../../../../shared/security/negotiate/kerberos/keytab.ts';
import type { Protection } from '../../../../shared/security/negotiate/mechanism.ts';
import { spnegoAcceptor } from '../../../../shared/security/negotiate/spnego-acceptor.ts';
import { ReplayCache } from '../../../../shared/security/replay-cache.ts';
import { EchoService } from '../echo-service.ts';
import { callEcho } from '../call-echo.ts';
import { listenTo, type Missing, ntlmIsMissing, RunningTalker, type Talker } from '../programs.ts';
import type { Prove } from '../proofs.ts';
import { type Realm, startRealm } from '../realm.ts';

/**
 * What is spoken, and the bytes that each adds to data that is sealed (header, confounder, header again, MAC)
 * or signed (header, checksum): so the session is of that type, not only the ticket.
 */
const TYPES = [
  { type: 'aes128-cts-hmac-sha1-96', sealed: 60, signed: 28 },
  { type: 'aes256-cts-hmac-sha1-96', sealed: 60, signed: 28 },
  { type: 'aes128-cts-hmac-sha256-128', sealed: 64, signed: 32 },
  { type: 'aes256-cts-hmac-sha384-192', sealed: 72, signed: 40 },
] as const;
const [, AES256] = TYPES;
const HOUR_MS = 3_600_000;

export interface KerberosPeers {
  readonly gssapi: Talker | Missing;
  readonly dotnet: Talker | Missing;
}

/** Our acceptor against tickets of MIT's KDC, in tokens of MIT's GSSAPI and of .NET. */
export async function proveKerberos(prove: Prove, peers: KerberosPeers): Promise<void> {
  const realm = await startRealm();
  try {
    await realm.logIn('alice', 'secret-alice');
    for (const { type } of TYPES) await realm.addService(serviceOf(type), type);
    // The client's library would not take a session of RC4 either.
    await realm.addService('rc4/localhost', 'arcfour-hmac', AES256.type);
    await realm.addService('other/localhost', AES256.type);
    const services = [...TYPES.map(({ type }) => serviceOf(type)), 'rc4/localhost'];
    const keys = parseKeytab(await realm.keytab(...services), 'of the proof');
    await proveWith(prove, 'MIT', peers.gssapi, realm, keys, MIT_FORMS);
    await proveWith(prove, '.NET', peers.dotnet, realm, keys, DOTNET_FORMS);
    await proveOurClient(prove, peers.dotnet, realm);
    await proveSecondChoice(prove, peers.gssapi, realm, keys);
    await proveRefusals(prove, peers.gssapi, realm, keys);
  } finally {
    await realm.stop();
  }
}

function serviceOf(type: string): string {
  return `${type.replace('-cts-hmac', '')}/localhost`;
}

interface Form {
  readonly name: string;
  readonly protection: Protection;
  readonly args: (port: number, service: string) => readonly string[];
  readonly expected: Readonly<Record<string, unknown>>;
  /** How its frames are protected. */
  readonly frames: 'sealed' | 'signed';
}

const MIT_FORMS: readonly Form[] = (['spnego', 'kerberos'] as const).flatMap((mechanism) => [
  {
    name: `${mechanism}, sealed`,
    protection: 'seal',
    args: (port, service) => [String(port), service, mechanism],
    expected: { ok: true, mechanism: '1.2.840.113554.1.2.2' },
    frames: 'sealed',
  },
  {
    name: `${mechanism}, signed`,
    protection: 'sign',
    args: (port, service) => [String(port), service, mechanism, '--sign'],
    expected: { ok: true, mechanism: '1.2.840.113554.1.2.2' },
    frames: 'signed',
  },
]);

const DOTNET_FORMS: readonly Form[] = (['EncryptAndSign', 'Sign'] as const).map((level) => ({
  name: level,
  protection: level === 'Sign' ? 'sign' : 'seal',
  args: (port, service) => ['client', String(port), service, level],
  expected: { ok: true, IsSigned: true, IsMutuallyAuthenticated: true },
  // On Linux, signing alone is sealed all the same.
  frames: 'sealed',
}));

async function proveWith(
  prove: Prove,
  who: string,
  talker: Talker | Missing,
  { env }: Realm,
  keys: readonly KeytabEntry[],
  forms: readonly Form[],
): Promise<void> {
  for (const { type, ...added } of TYPES) {
    for (const { name, protection, args, expected, frames } of forms) {
      await prove(`Kerberos, ${who}, ${type}, ${name}`, talker, async (program) => {
        await using service = await serve(keys, { protection });
        const said = await listenTo(program, args(service.port, serviceOf(type)), env);
        const wanted = `alice@TEST.LOCAL, ${added[frames]} bytes added`;
        return { said, expected, peer: await service.outcome, wanted };
      });
    }
  }
}

/** Our client, with a ticket for the service that .NET is. */
async function proveOurClient(prove: Prove, dotnet: Talker | Missing, realm: Realm): Promise<void> {
  for (const { type } of TYPES) {
    await prove(`Kerberos, .NET's service, ${type}`, dotnet, async (program) => {
      const service = serviceOf(type);
      const env = { ...realm.env, KRB5_KTNAME: await realm.keytabFile(service) };
      const running = new RunningTalker(program, ['server', 'EncryptAndSign'], env);
      try {
        const { port } = await running.said();
        const credentials = { servicePrincipalName: service };
        const peer = await realm.use(() => callEcho(Number(port), credentials));
        const expected = { ok: true, name: 'alice@TEST.LOCAL', protocol: 'Kerberos' };
        return { said: await running.said(), expected, peer, wanted: 'echoed' };
      } finally {
        running.kill();
      }
    });
  }
}

/** Kerberos where NTLM is the client's first choice: both sides sign the list of mechanisms. */
async function proveSecondChoice(
  prove: Prove,
  talker: Talker | Missing,
  realm: Realm,
  keys: readonly KeytabEntry[],
): Promise<void> {
  const missing = ntlmIsMissing();
  const program = missing === undefined ? talker : { missing };
  for (const { type, sealed } of TYPES) {
    await prove(`Kerberos, MIT, ${type}, signed list of mechanisms`, program, async (gssapi) => {
      await using service = await serve(keys, {});
      const env = { ...realm.env, NTLM_USER_FILE: realm.ntlmAccounts };
      const said = await listenTo(gssapi, [String(service.port), serviceOf(type), 'second'], env);
      const wanted = `alice@TEST.LOCAL, ${sealed} bytes added`;
      return { said, expected: { ok: true }, peer: await service.outcome, wanted };
    });
  }
}

/** Each refusal: whom the client calls, what it sends, and what our side says of it. */
async function proveRefusals(
  prove: Prove,
  talker: Talker | Missing,
  { env }: Realm,
  keys: readonly KeytabEntry[],
): Promise<void> {
  const mine = serviceOf(AES256.type);
  const refusal = (
    name: string,
    service: string,
    wanted: string,
    options: ServeOptions = {},
    ourKeys = keys,
  ): Promise<void> =>
    prove(`Kerberos, refused: ${name}`, talker, async (program) => {
      await using served = await serve(ourKeys, options);
      const said = await listenTo(program, [String(served.port), service, 'spnego'], env);
      return { said, expected: { ok: false }, peer: await served.outcome, wanted };
    });
  await refusal('RC4', 'rc4/localhost', 'type 23 (arcfour-hmac (RC4)), which is not accepted');
  await refusal(
    'wrong SPN',
    'other/localhost',
    'other/localhost@TEST.LOCAL, which is not in the keytab',
  );
  await refusal('expired ticket', mine, 'its ticket has expired', { aheadMs: 11 * HOUR_MS });
  await refusal('clock behind', mine, 'its ticket is not valid yet', { aheadMs: -HOUR_MS });
  await refusal('clock ahead', mine, 'its clock differs by', { aheadMs: HOUR_MS });
  const other = keys.map((key) => ({ ...key, key: new Uint8Array(randomBytes(key.key.length)) }));
  await refusal('another key', mine, 'encrypted with another key', {}, other);
  const newer = keys.map((key) => ({ ...key, version: key.version + 1 }));
  await refusal('an old key', mine, 'make the keytab anew', {}, newer);
  await prove('Kerberos, refused: replayed and changed tokens', talker, async (program) => {
    const said = await listenTo(program, ['0', mine, 'spnego', '--token'], env);
    const token = Uint8Array.from(Buffer.from(String(said['token']), 'hex'));
    const replays = new ReplayCache();
    const step = (bytes: Uint8Array): string => {
      try {
        return acceptor(keys, replays, 'seal').step(bytes, Date.now()).is;
      } catch (error) {
        return String(error);
      }
    };
    const changed = tamperings(token).map(step);
    const outcomes = [
      step(token),
      step(token),
      ...new Set(changed.filter((one) => !one.startsWith('NetTcpError'))),
    ];
    const wanted =
      "complete; NetTcpError: The client's Kerberos credential is refused: it was used before.";
    return { said, expected: {}, peer: outcomes.join('; '), wanted };
  });
}

/** Tokens, each with one byte changed that the client vouches for: any byte but those that only SPNEGO reads. */
function tamperings(token: Uint8Array): Uint8Array[] {
  const sealed = token.length - 100;
  return Array.from({ length: 100 }, (_, index) => {
    const changed = token.slice();
    changed[sealed + index] = (changed[sealed + index] ?? 0) ^ 0x10;
    return changed;
  });
}

interface ServeOptions {
  readonly protection?: Protection;
  /** How far our clock is ahead of theirs. */
  readonly aheadMs?: number;
}

function serve(
  keys: readonly KeytabEntry[],
  { protection = 'seal', aheadMs = 0 }: ServeOptions,
): Promise<EchoService> {
  const start = () => acceptor(keys, new ReplayCache(), protection);
  return EchoService.listen(start, () => Date.now() + aheadMs);
}

function acceptor(
  keys: readonly KeytabEntry[],
  replays: ReplayCache,
  protection: Protection,
): ReturnType<typeof spnegoAcceptor> {
  return spnegoAcceptor([offerKerberos({ keys: () => keys, replays, protection })]);
}
