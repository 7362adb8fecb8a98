import { NetTcpError } from '../errors.ts';
import type { Caller } from './caller.ts';
import { foldCase } from './fold-case.ts';

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

/** The error for a caller that is not allowed, in the words of WCF's SecurityAccessDeniedException. */
export function accessDenied(): NetTcpError {
  return new NetTcpError('SecurityAccessDenied', 'Access is denied.');
}
