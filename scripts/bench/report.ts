import type { CaseResult, Table } from './case.ts';
import type { Verdict } from './goals.ts';
import type { Spread } from './statistics.ts';

/**
 * Formats all that was measured, for a page of the documentation.
 *
 * @param about machine, date, versions
 */
export function formatPage(
  results: readonly CaseResult[],
  verdicts: readonly Verdict[],
  about: string,
): string {
  const [goals = ''] = formatVerdicts(verdicts).split('\n\n').slice(1);
  const cases = results.map(formatCase).join('\n');
  // `latency: one call outstanding`: the table's name stands before the colon.
  const named = cases.replaceAll(/^([a-z]+): /gm, '**$1**: ');
  return `${goals}

${about}

<details>
<summary>Every table of that run</summary>

${named}

</details>`;
}

/** Tables as Markdown: readable as they are, and ready for a page. */
export function formatCase({ tables, leftOut }: CaseResult): string {
  const parts = tables.map(formatTable);
  if (leftOut.length > 0) {
    parts.push(leftOut.map(({ name, why }) => `- left out: ${name}: ${why}`).join('\n'));
  }
  return `${parts.join('\n\n')}\n`;
}

function formatTable({ title, columns, rows }: Table): string {
  // A column whose base is missing has no numbers.
  const shown = columns.filter((column) => rows.some(({ cells }) => isNumber(cells[column])));
  const lines = rows.map(({ name, cells }) => [
    name,
    ...shown.map((column) => formatSpread(cells[column])),
  ]);
  return `${title}\n\n${formatGrid([['', ...shown], ...lines])}`;
}

/** The goals that were measured. */
export function formatVerdicts(verdicts: readonly Verdict[]): string {
  const lines = verdicts.flatMap(({ goal, wanted, measured, isReached }) =>
    measured === undefined
      ? []
      : [[goal, wanted, digits(measured), isReached === true ? 'reached' : 'not reached']],
  );
  return `goals\n\n${formatGrid([['', 'wanted', 'measured', ''], ...lines])}\n`;
}

/** @param lines the head first */
export function formatGrid(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(3, ...lines.map((line) => line[column]?.length ?? 0)),
  );
  const format = (line: readonly string[]): string =>
    `| ${line.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join(' | ')} |`;
  const [head = [], ...rest] = lines;
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [format(head), `| ${rule.join(' | ')} |`, ...rest.map(format)].join('\n');
}

/** Names to the left, numbers to the right. */
function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}

function isNumber(spread: Spread | undefined): boolean {
  return spread !== undefined && Number.isFinite(spread.median);
}

/** `1.04 (0.98–1.1)`: the median, and how far the rounds lie apart. */
export function formatSpread(spread: Spread | undefined): string {
  if (spread === undefined || !isNumber(spread)) return '–';
  const { median, low, high } = spread;
  if (low === high) return digits(median);
  return `${digits(median)} (${digits(low)}–${digits(high)})`;
}

/** Three significant digits; from 1,000 on an integer with thousands separators. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}
