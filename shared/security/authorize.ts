import { NetTcpError } from '../errors.ts';
import { shown } from '../printable.ts';
import type { Caller } from './caller.ts';
import { foldCase } from './fold-case.ts';
import type { Security } from './settings.ts';

/** Whether a caller may call an operation, which is named as in the contract. */
export type Authorize = (caller: Caller, operation: string) => boolean | Promise<boolean>;

/**
 * Allows the named callers and nobody else. As in Windows and CoreWCF, case has no meaning in NTLM, user names and
 * thumbprints; it counts in Kerberos' users and realms, and in certificates' subjects.
 *
 * @param names as `Caller.name` spells them; a certificate may be named by its thumbprint alone
 */
export function allowNamed(names: readonly string[]): (caller: Caller) => boolean {
  const exact = new Set(names);
  const folded = new Set(names.map(foldCase));
  return (caller) => {
    switch (caller.kind) {
      case 'anonymous':
        return false;
      case 'kerberos':
        return exact.has(caller.name);
      case 'certificate': {
        const thumbprint = caller.name.slice(caller.name.lastIndexOf(';') + 1).trim();
        return exact.has(caller.name) || folded.has(thumbprint);
      }
      default:
        return folded.has(foldCase(caller.name));
    }
  };
}

/** How callers of one kind of security are called. */
interface Spelling {
  readonly is: RegExp;
  readonly example: string;
}

const BY_CERTIFICATE: Spelling = {
  is: /^(?:.*; [0-9A-F]{40}|[0-9A-Fa-f]{40})$/s,
  example: `"CN=alice; 7EA5…" with the whole SHA-1 thumbprint, or that thumbprint alone`,
};
const BY_TICKET: Spelling = { is: /.@./s, example: '"alice@EXAMPLE.ORG", with the realm' };
const BY_ANY_NAME: Spelling = { is: /\S/, example: String.raw`"dave", or "EXAMPLE\carol"` };

/**
 * Refuses a list that lets nobody in, and a name that no caller of this security can have: whoever wrote it meant
 * somebody.
 *
 * @param option      what the error calls the list
 * @param hasAccounts whether callers may come by NTLM, which spells names as the accounts do
 * @throws {NetTcpError} `Usage`
 */
export function checkAllowed(
  option: string,
  names: readonly unknown[],
  security: Security,
  hasAccounts: boolean,
): void {
  if (names.length === 0) {
    const text = `${option} names nobody, so nobody could call. Name those who may, or leave it out to let everybody call whom the security knows.`;
    throw new NetTcpError('Usage', text);
  }
  const spelling = spellingOf(security, hasAccounts);
  for (const name of names) {
    if (typeof name === 'string' && spelling.is.test(name)) continue;
    const text = `${option} names ${shown(name)}, and no caller is called so: a name is spelled like ${spelling.example}.`;
    throw new NetTcpError('Usage', text);
  }
}

function spellingOf(security: Security, hasAccounts: boolean): Spelling {
  if (security.upgrade === 'tls' && security.client === 'certificate') return BY_CERTIFICATE;
  return security.upgrade === 'negotiate' && !hasAccounts ? BY_TICKET : BY_ANY_NAME;
}

/** The error for a caller that is not allowed, in the words of WCF's SecurityAccessDeniedException. */
export function accessDenied(): NetTcpError {
  return new NetTcpError('SecurityAccessDenied', 'Access is denied.');
}
