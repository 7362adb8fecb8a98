import { NetTcpError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import { KerberosContext } from '../../security/negotiate/kerberos/context.ts';
import { requireEncryptionType } from '../../security/negotiate/kerberos/encryption.ts';
import type { Mechanism } from '../../security/negotiate/mechanism.ts';
import { type Gssapi, GssError, type Handle, loadGssapi } from './gssapi.ts';
import { Turns } from './turns.ts';

export interface KerberosInitiatorOptions {
  /** The service to call: `host/calc.example`, in the realm of the system's settings, or `name@REALM` as it is. */
  readonly servicePrincipalName: string;
  /** Who calls: `alice@EXAMPLE.ORG`. Default: the user who has logged in (kinit), or that of the settings. */
  readonly login?: { readonly userName: string; readonly password: string } | undefined;
}

/** The initiating side of Kerberos, with its ticket. It has to be released, whatever becomes of it. */
interface KerberosInitiator {
  readonly mechanism: Mechanism;
  release(): void;
}

/**
 * Two ask at a time: each takes one of Node's four threads while a KDC is silent (27 s), and look-ups of names
 * and files need those, too.
 */
const turns = new Turns(2);

/**
 * Has the system's Kerberos get a ticket for a service, from its cache or a KDC, without blocking this thread.
 * The library cannot be interrupted: when the caller gives up, it runs on.
 *
 * @param isWanted asked when its turn comes: whether anybody still waits for the ticket
 * @throws {NetTcpError} `SecurityNegotiation` if there is no ticket, with the library's reason and what to do;
 *   `Communication` where there is no library
 */
export async function kerberosInitiator(
  options: KerberosInitiatorOptions,
  isWanted: () => boolean = () => true,
): Promise<KerberosInitiator> {
  const gssapi = await loadGssapi();
  return await turns.take(async () => {
    if (!isWanted()) throw noTicket(options, 'it is no longer wanted');
    const handles = new Handles(gssapi);
    try {
      const { context, token } = await begin(handles, options);
      return { mechanism: initiating(handles, context, token), release: () => handles.release() };
    } catch (error) {
      handles.release();
      if (error instanceof GssError) throw noTicket(options, explain(error, options), error);
      throw error;
    }
  });
}

interface Target {
  readonly name: Handle;
  readonly handle: Handle;
}

async function begin(
  handles: Handles,
  { servicePrincipalName, login }: KerberosInitiatorOptions,
): Promise<{ readonly context: Target; readonly token: Uint8Array }> {
  const { gssapi } = handles;
  const name = isService(servicePrincipalName)
    ? gssapi.importName(servicePrincipalName.replace('/', '@'), 'service')
    : gssapi.importName(servicePrincipalName, 'principal');
  handles.names.push(name);
  let credential: Handle | undefined;
  if (login !== undefined) {
    const user = gssapi.importName(login.userName, 'user');
    handles.names.push(user);
    credential = await gssapi.acquire(user, login.password);
    handles.credential = credential;
  }
  const { context, token } = await gssapi.begin(name, credential);
  handles.context = context;
  return { context: { name, handle: context }, token };
}

/** As .NET does on Linux: krb5.conf decides the realm of such a name, and its form in DNS. */
function isService(name: string): boolean {
  return /^[^/@]+\/[^/@]+$/.test(name);
}

function initiating(handles: Handles, context: Target, token: Uint8Array): Mechanism {
  return {
    step: () => ({ is: 'in-progress', token, next: answered(handles, context) }),
  };
}

function answered(handles: Handles, { name, handle }: Target): Mechanism {
  return {
    step(answer = new Uint8Array(0)) {
      const { gssapi } = handles;
      try {
        gssapi.finish(handle, name, answer);
        const { encryption, ...keys } = gssapi.exportKeys(handle);
        handles.context = undefined;
        return {
          is: 'complete',
          token: undefined,
          context: new KerberosContext({
            isAcceptor: false,
            encryption: requireEncryptionType(encryption, 'session key'),
            protection: 'seal',
            ...keys,
          }),
          peer: undefined,
        };
      } catch (error) {
        if (!(error instanceof GssError)) throw error;
        const text = `The service could not prove who it is: ${error.message}.`;
        throw new NetTcpError('SecurityNegotiation', text, { cause: error });
      }
    },
  };
}

/** What the library holds for one initiator. */
class Handles {
  readonly gssapi: Gssapi;
  readonly names: Handle[] = [];
  credential: Handle | undefined;
  context: Handle | undefined;

  constructor(gssapi: Gssapi) {
    this.gssapi = gssapi;
  }

  release(): void {
    const { gssapi, context, credential } = this;
    if (context !== undefined) gssapi.releaseContext(context);
    if (credential !== undefined) gssapi.releaseCredential(credential);
    for (const name of this.names.splice(0)) gssapi.releaseName(name);
    this.context = this.credential = undefined;
  }
}

const NO_CREDENTIAL = 7;
/** Errors of Kerberos, and what to do. RFC 4120 7.5.9, plus the base number of MIT and Heimdal. */
const REMEDIES: Readonly<Record<number, (options: KerberosInitiatorOptions) => string>> = {
  [-1765328377]: () =>
    'No principal of the realm has that name: give the service’s as servicePrincipalName (--spn)',
  [-1765328352]: () => 'Log in again (kinit)',
  [-1765328360]: () => 'The password is wrong',
  [-1765328353]: () => 'The password is wrong',
  [-1765328378]: ({ login }) => `The realm does not know ${printable(login?.userName ?? 'you')}`,
  [-1765328228]: () => 'Look at the realm’s kdc in krb5.conf, and at the network',
};

function explain({ routine, minor, message }: GssError, options: KerberosInitiatorOptions): string {
  const remedy =
    REMEDIES[minor]?.(options) ??
    (routine === NO_CREDENTIAL ? 'Log in (kinit), or give userName and password' : undefined);
  return remedy === undefined ? message : `${message}. ${remedy}`;
}

function noTicket(
  { servicePrincipalName }: KerberosInitiatorOptions,
  why: string,
  cause?: Error,
): NetTcpError {
  const text = `There is no Kerberos ticket for ${printable(servicePrincipalName)}: ${why}.`;
  return new NetTcpError('SecurityNegotiation', text, { cause });
}
