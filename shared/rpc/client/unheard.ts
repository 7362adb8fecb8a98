import type { AnswerWriter, Request } from '../../encoding/encoding.ts';
import { printable, quoted, type Untrusted } from '../../printable.ts';
import { Warnings } from '../warnings.ts';
import type { AnswerSink } from './session-owner.ts';

const warnings = new Warnings();

/** Refuses a callback of a contract that has none, so that the service does not wait for nobody. */
export function refuseCallback(request: Request, answers: AnswerWriter, sink: AnswerSink): void {
  if (request.kind !== 'refused' || request.id === undefined) return;
  const out = sink.begin();
  if (out === undefined) return;
  answers.writeFault(out, request.id, request.fault);
  sink.end(out);
}

/**
 * Warns that a service makes one-way calls to its client that the contract here does not have, once for
 * each address.
 *
 * @param name the call's, as its encoding has it
 */
export function warnOfUnheard(via: string, name: Untrusted): void {
  warnings.give(
    `The service at ${printable(via)} calls its client, one-way: ${quoted(name)}. The contract here has no such callback: it is passed over.`,
    via,
  );
}
