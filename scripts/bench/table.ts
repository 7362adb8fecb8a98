import type { Row, Rounds, Table } from './case.ts';
import { ratioOf, spreadOf } from './statistics.ts';

/** A column of a table: a figure, as it is or divided by another. */
export interface Column {
  readonly heading: string;
  /** Which figure of a round. */
  readonly of: string;
  /** What each figure is divided by: the same round's in the row of this name, or in this list. */
  readonly base?: string | ((name: string) => string) | readonly number[];
}

/** Makes a table of what was measured, with one row for each name. */
export function tableOf(
  title: string,
  measured: ReadonlyMap<string, Rounds>,
  columns: readonly Column[],
): Table {
  const figures = (name: string, of: string): readonly number[] =>
    measured.get(name)?.get(of) ?? [];
  const baseOf = ({ of, base }: Column, name: string): readonly number[] | undefined => {
    if (typeof base === 'string') return figures(base, of);
    return typeof base === 'function' ? figures(base(name), of) : base;
  };
  const rows = [...measured.keys()].map((name): Row => {
    const cells = columns.map((column) => {
      const values = figures(name, column.of);
      const base = baseOf(column, name);
      return [column.heading, base === undefined ? spreadOf(values) : ratioOf(values, base)];
    });
    return { name, cells: Object.fromEntries(cells) as Row['cells'] };
  });
  return { title, columns: columns.map(({ heading }) => heading), rows };
}
