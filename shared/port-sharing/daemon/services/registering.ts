import { rawText, type Received } from '../../../printable.ts';
import type { CallReport, Register } from '../../handshake/messages.ts';
import type { Entry } from '../registrations/registrar.ts';
import type { Registration } from '../registrations/registration.ts';

/** What a service wants to register. */
export function wishOf({ replicas, ...asked }: Received<Register>): Entry {
  return {
    address: rawText(asked.address),
    hosts: asked.hosts.map(rawText),
    queueLength: asked.queueLength,
    security: asked.security && rawText(asked.security),
    isReplica: replicas === true,
  };
}

/** Takes what a service says of its calls. @param own its registrations, by request: it can speak of no other */
export function countCalls<Owner>(
  own: ReadonlyMap<number, Registration<Owner>>,
  reports: readonly CallReport[],
): void {
  for (const { request, calls, faults } of reports) {
    const counts = own.get(request)?.counts;
    if (counts === undefined) continue;
    counts.calls = calls;
    counts.faults = faults;
  }
}
