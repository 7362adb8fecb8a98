import type { AnswerWriter, Request } from '../../encoding/encoding.ts';
import { printable, quoted, type Untrusted } from '../../printable.ts';
import type { AnswerSink } from './session-owner.ts';

/** Services that a process warns of at most: a client of many must not fill a log. */
const MOST = 10;

const warned = new Set<string>();

/** Refuses a callback of a contract that has none, so that the service does not wait for nobody. */
export function refuseCallback(request: Request, answers: AnswerWriter, sink: AnswerSink): void {
  if (request.kind !== 'refused' || request.id === undefined) return;
  const out = sink.begin();
  if (out === undefined) return;
  answers.writeFault(out, request.id, request.fault);
  sink.end(out);
}

/**
 * Warns that a service makes one-way calls to its client that the contract here does not have: a warning of Node's (a line on standard error, and the event `warning`), once for each address and 10 times in all.
 *
 * @param name the call's, as its encoding has it
 */
export function warnOfUnheard(via: string, name: Untrusted): void {
  if (warned.has(via) || warned.size >= MOST) return;
  warned.add(via);
  process.emitWarning(
    `The service at ${printable(via)} calls its client, one-way: ${quoted(name)}. The contract here has no such callback: it is passed over.`,
    'NetTcpWarning',
  );
}
