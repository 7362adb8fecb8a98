import { NetTcpError } from '../errors.ts';
import type { Caller } from './caller.ts';

/** Whether a caller may call an operation, which is named as in the contract. */
export type Authorize = (caller: Caller, operation: string) => boolean | Promise<boolean>;

/**
 * Lets those in who are named, and nobody else. Names are compared as Windows and CoreWCF do where case has no
 * meaning (NTLM, user names, thumbprints), and to the letter where it has: realms and users of Kerberos.
 *
 * @param names as `Caller.name` spells them; a certificate may be named by its thumbprint alone
 */
export function allowNamed(names: readonly string[]): Authorize {
  const exact = new Set(names);
  const folded = new Set(names.map((name) => name.toUpperCase()));
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
        return folded.has(caller.name.toUpperCase());
    }
  };
}

/** What a caller is told that may not, as WCF's SecurityAccessDeniedException puts it. */
export function accessDenied(): NetTcpError {
  return new NetTcpError('SecurityAccessDenied', 'Access is denied.');
}
