import { readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { warn } from '../../command-line/command.ts';
import type { Input } from '../../command-line/input.ts';
import { withPassword } from '../../command-line/secret.ts';
import { clientSecurity } from '../../command-line/security.ts';
import { progressOn } from '../../command-line/progress.ts';
import type { Terminal } from '../../command-line/terminal.ts';
import { NetTcpError, systemCode } from '../../errors.ts';
import { withLimits } from '../../limits.ts';
import { importSource } from '../../metadata/source/import-source.ts';
import type { ContractSource } from '../../metadata/read/read-description.ts';
import type { XmlElement } from '../../metadata/xml/element.ts';
import { jsonLine, printable, quoted } from '../../printable.ts';
import { limitsFromEnvironment } from '../../port-sharing/machine/environment/limits-variable.ts';
import { attempt } from '../../system-error.ts';
import { Documents, type ImportOptions } from './documents.ts';
import type { Asking } from './exchange.ts';
import { fetchDocument } from './fetch.ts';

type ImportArguments = Parameters<typeof clientSecurity>[0] & {
  readonly source?: string | undefined;
  readonly out?: string | undefined;
  readonly otherHosts?: boolean | undefined;
};

/** `net-tcp-port-sharing import SOURCE`. @returns exit status */
export async function importMetadata(
  {
    terminal,
    stop,
    json,
  }: { readonly terminal: Terminal; readonly stop: AbortSignal; readonly json: boolean },
  { source, out, otherHosts = false, ...values }: ImportArguments,
  input: Input,
): Promise<number> {
  if (source === undefined || source === '') {
    const text = 'Say what to import: a file, http://…?wsdl, or net.tcp://…/mex. See --help.';
    throw new NetTcpError('Usage', text);
  }
  const asking = clientSecurity(values);
  if (asking.security?.mode !== 'None' && !isService(source)) {
    throw new NetTcpError('Usage', '--security goes with net.tcp://…/mex only.');
  }
  if (out !== undefined) checkOurs(out);
  const credentials = await withPassword(asking, input).finally(() => input.close());
  const limits = withLimits(limitsFromEnvironment());
  const signal = AbortSignal.any([stop, AbortSignal.timeout(limits.openTimeoutMs)]);
  const progress = json ? undefined : progressOn();
  const tell = (text: string): void => {
    progress?.clear();
    warn(text, terminal, json);
  };
  const fetching = fetchSource(
    source,
    { security: asking.security, credentials, onNotice: tell },
    {
      limits,
      otherHosts,
      fetch: (location, maxBytes) => fetchDocument(location, maxBytes, signal),
      onSkipped: (location) => {
        tell(`Not fetched, because it is on another host: ${location}. With --other-hosts it is.`);
      },
      onProgress: ({ href }, count, bytes) => {
        const soFar = `${amount(count, 'document')}, ${Math.ceil(bytes / 1_024)} KiB`;
        progress?.show(`${soFar}; fetching ${printable(href)}`);
      },
    },
  );
  let documents: readonly XmlElement[];
  try {
    documents = await fetching;
  } catch (error) {
    if (stop.aborted) return 128 + constants.signals[stop.reason as NodeJS.Signals];
    throw error;
  } finally {
    progress?.clear();
  }
  const read = amount(documents.length, 'document');
  progress?.show(`${read}; reading what they describe`);
  const { contracts, text } = importSource(documents, originOf(source), () =>
    progress?.show(`${read}; writing TypeScript`),
  );
  progress?.clear();
  if (out !== undefined) write(out, text);
  if (json) terminal.out(jsonLine(summaryOf(contracts, out ?? text)));
  else if (out === undefined) terminal.write(text);
  if (!json) report(contracts, out, terminal);
  return 0;
}

/** @throws {NetTcpError} `Usage` for an address of another kind */
async function fetchSource(
  source: string,
  asking: Asking,
  options: ImportOptions,
): Promise<readonly XmlElement[]> {
  if (isService(source)) {
    const { fetchMetadata } = await import('./exchange.ts');
    return await fetchMetadata(source, options, asking);
  }
  return await new Documents(options).fetchAll(
    isWeb(source) ? new URL(source) : pathToFileURL(path.resolve(source)),
  );
}

/** What the file says of where it is from: of a file only its name. */
function originOf(source: string): string {
  return isWeb(source) || isService(source) ? source : path.basename(source);
}

function isService(source: string): boolean {
  return /^net\.tcp:/i.test(source);
}

function isWeb(source: string): boolean {
  if (/^https?:\/\//i.test(source) && URL.canParse(source)) return true;
  if (isService(source)) return false;
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(source)) return false;
  const text = `${quoted(source)} is neither a file nor an address to import from.`;
  throw new NetTcpError('Usage', text);
}

const FIRST_LINE = '// Made by `net-tcp-port-sharing import` of ';

/** Refuses to overwrite what was not made here. @throws {NetTcpError} `Usage` */
function checkOurs(out: string): void {
  try {
    if (readFileSync(out, 'utf8').startsWith(FIRST_LINE)) return;
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return;
    throw new NetTcpError('Usage', `${quoted(out)} cannot be written.`, { cause });
  }
  const text = `${quoted(out)} is there already, and was not made by import: name another file, or remove it.`;
  throw new NetTcpError('Usage', text);
}

function write(out: string, text: string): void {
  try {
    if (readFileSync(out, 'utf8') === text) return;
  } catch {
    // It is not there yet.
  }
  const what = `The file ${out} cannot be written`;
  attempt(what, 'Name another with --out.', () => writeFileSync(out, text));
}

function summaryOf(contracts: readonly ContractSource[], written: string): unknown {
  return {
    written,
    contracts: contracts.map(({ name, namespace, operations, callback, unsaid }) => ({
      name,
      namespace,
      operations: [...operations.keys()],
      callbacks: [...(callback?.operations.keys() ?? [])],
      unsaid: Object.fromEntries(unsaid),
    })),
  };
}

/** What was made, for the person at the terminal. */
function report(
  contracts: readonly ContractSource[],
  out: string | undefined,
  terminal: Terminal,
): void {
  const all = contracts.flatMap((contract) => [contract, ...contract.bases]);
  const count = (of: (contract: ContractSource) => number): number =>
    all.reduce((sum, contract) => sum + of(contract), 0);
  const said = count(
    ({ operations, callback }) => operations.size + (callback?.operations.size ?? 0),
  );
  const unsaid = count((contract) => contract.unsaid.size);
  const where = out === undefined ? '' : `${out}: `;
  terminal.err(`${where}${amount(all.length, 'contract')}, ${amount(said, 'operation')}`);
  if (unsaid === 0) return;
  const text = `${amount(unsaid, 'operation')} cannot be expressed: comments in the file tell which, and why.`;
  warn(text, terminal, false);
}

function amount(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
