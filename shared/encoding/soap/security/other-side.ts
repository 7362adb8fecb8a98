// Callbacks turn the sides round: the service calls, and the client is called.
import { NetTcpError } from '../../../errors.ts';
import type { ClientMessageSecurity, ServiceMessageSecurity } from '../../message-security.ts';

/** The security of a service's callbacks. */
export function asClient(security: ServiceMessageSecurity): ClientMessageSecurity {
  return {
    header: () => security.header(),
    check(header) {
      if (security.check(header) === undefined) return;
      const text = 'The answer to a callback does not say who sends it. It was not accepted.';
      throw new NetTcpError('MessageSecurity', text);
    },
  };
}

/** The security of a client that is called; it issues no tokens. */
export function asService(security: ClientMessageSecurity): ServiceMessageSecurity {
  const none = (): never => {
    throw new NetTcpError('MessageSecurity', 'A client issues no tokens.');
  };
  return {
    header: () => security.header(),
    check(header) {
      try {
        security.check(header);
        return undefined;
      } catch {
        return 'InvalidSecurity';
      }
    },
    // oxlint-disable-next-line require-await
    issue: async () => none(),
    cancel: none,
  };
}
