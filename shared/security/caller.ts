/**
 * The caller. `name` is spelled as CoreWCF's `ServiceSecurityContext.PrimaryIdentity.Name` does, so that a list
 * of names can move from one to the other:
 *
 * | kind          | name                                                    |
 * | ------------- | ------------------------------------------------------- |
 * | `anonymous`   | empty                                                   |
 * | `certificate` | `CN=alice; 7EA5A522744EA62DB4CE536DE81BF14F654B7A94`    |
 * | `kerberos`    | `alice@EXAMPLE.ORG`                                     |
 * | `ntlm`        | `EXAMPLE\carol`                                         |
 * | `username`    | `dave`                                                  |
 */
export type Caller =
  | { readonly kind: 'anonymous'; readonly name: '' }
  | { readonly kind: 'kerberos' | 'ntlm' | 'username'; readonly name: string }
  | { readonly kind: 'certificate'; readonly name: string; readonly certificate: Uint8Array };

/** How it is known who calls. */
export type CallerKind = Caller['kind'];

/** Whoever calls without saying who. */
export const ANONYMOUS: Caller = { kind: 'anonymous', name: '' };
