import { markdownTable } from '../../scripts/write-results.ts';
import type { MissingPeer, Peer } from './peers.ts';
import type { Pairing, ServiceKind } from './scenarios.ts';

type Word = 'passed' | 'failed' | 'skipped';

/** What came of the scenarios of one client with one service. */
interface Line {
  readonly client: string;
  readonly service: string;
  readonly modes: Set<string>;
  readonly counts: Record<Word, number>;
  readonly reasons: Set<string>;
}

const SERVICES: Readonly<Record<Exclude<ServiceKind, 'mono'>, string>> = {
  book: "WCF's captures, played back",
  ours: 'ours, alone',
  'ours-shared': 'ours, on a shared port',
  routed: 'Mono behind a route, and two of ours beside it',
};

/** Counts what came of scenarios, in all and for each client with each service. */
export class Tally {
  readonly counts: Record<Word, number> = { passed: 0, failed: 0, skipped: 0 };
  readonly #lines = new Map<string, Line>();

  /**
   * @param pairing without it, only the sum counts
   * @param reason why it was skipped
   */
  add(word: Word, pairing?: Pairing, reason?: string): void {
    this.counts[word] += 1;
    if (pairing === undefined) return;
    const { client, service, servicePeer, streamed } = pairing;
    const key = `${client.name} ${service}`;
    const line = this.#lines.get(key) ?? {
      client: client.name === 'ours' ? 'ours' : client.version,
      service: service === 'mono' ? (servicePeer?.version ?? service) : SERVICES[service],
      modes: new Set(),
      counts: { passed: 0, failed: 0, skipped: 0 },
      reasons: new Set(),
    };
    this.#lines.set(key, line);
    line.counts[word] += 1;
    line.modes.add(modeOf(streamed));
    if (reason !== undefined) line.reasons.add(reason);
  }

  /** All of it in Markdown, for a page of the documentation. @param about machine and date */
  format(about: string, peers: readonly Peer[], missing: readonly MissingPeer[]): string {
    const head = ['client', 'service', 'modes', 'passed', 'failed', 'skipped', 'why skipped'];
    const rows = [...this.#lines.values()].map(({ client, service, modes, counts, reasons }) => [
      client,
      service,
      [...modes].join(', '),
      String(counts.passed),
      counts.failed === 0 ? '0' : `**${counts.failed}**`,
      String(counts.skipped),
      [...reasons].join('; '),
    ]);
    const versions = peers.map(({ name, version }) => `${name}: ${version}`).join('; ');
    const absent = missing.map(({ name, reason }) => `- ${name} was skipped: ${reason}`);
    return [`${about} Peers: ${versions}.`, '', ...markdownTable(head, rows), '', ...absent].join(
      '\n',
    );
  }
}

export function modeOf(streamed: boolean): string {
  return streamed ? 'streamed' : 'buffered';
}
