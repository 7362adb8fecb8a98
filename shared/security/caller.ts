/**
 * The caller. `name` is spelled like CoreWCF's `ServiceSecurityContext.PrimaryIdentity.Name`, so that a list of
 * names can move from one to the other:
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

/** How the caller was authenticated. */
export type CallerKind = Caller['kind'];

/** A caller that does not say who it is. */
export const ANONYMOUS: Caller = { kind: 'anonymous', name: '' };
