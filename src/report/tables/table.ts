// One table, three renderings: Markdown for files, aligned plain text for the terminal, HTML for the report.
import { escapeHtml } from '../html.ts';

/** Characters of a cell that may be broken into lines. */
const LONG = 32;

/** A column's head. */
export interface Column {
  title: string;
  /** Numbers read best flush right; default left. */
  align?: 'left' | 'right';
}

/** Rows of text under columns: what renderMarkdown, renderText and renderHtml write. */
export interface Table {
  columns: Column[];
  rows: string[][];
}

/** A GitHub-flavored Markdown table, padded so that it also reads well as plain text. Pipes and line breaks in cells are escaped. */
export function renderMarkdown(table: Table): string {
  const escapeCell = (cell: string) => cell.replace(/\|/g, '\\|').replace(/\r?\n/g, '<br>');
  const { columns, rows } = mapCells(table, escapeCell);
  const widths = columnWidths({ columns, rows }).map((width) => Math.max(3, width));
  const line = (cells: string[]) => `| ${cells.map((cell, i) => pad(cell, widths[i]!, columns[i]!)).join(' | ')} |`;
  const rule = columns.map(({ align }, i) =>
    align === 'right' ? `${'-'.repeat(widths[i]! - 1)}:` : '-'.repeat(widths[i]!),
  );
  return [line(columns.map(({ title }) => title)), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
}

/** Columns set apart by two spaces under a ruled head, for a terminal. */
export function renderText(table: Table): string {
  const { columns, rows } = mapCells(table, (cell) => cell.replace(/\s+/g, ' '));
  const widths = columnWidths({ columns, rows });
  const line = (cells: string[]) =>
    cells
      .map((cell, i) => pad(cell, widths[i]!, columns[i]!))
      .join('  ')
      .trimEnd();
  const head = line(columns.map(({ title }) => title));
  return [head, widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

/** An HTML table element; every text is escaped. */
export function renderHtml({ columns, rows }: Table): string {
  const side = (i: number) => (columns[i]?.align === 'right' ? ' class="number"' : '');
  const head = columns.map(({ title }, i) => `<th scope="col"${side(i)}>${escapeHtml(title)}</th>`).join('');
  // A number is one piece, a sentence behind it is not.
  const kind = (cell: string, i: number) => (cell.length > LONG ? side(i).replace('number', 'number long') : side(i));
  const body = rows.map(
    (row) => `<tr>${row.map((cell, i) => `<td${kind(cell, i)}>${escapeHtml(cell)}</td>`).join('')}</tr>`,
  );
  return `<table><thead><tr>${head}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table>`;
}

function mapCells({ columns, rows }: Table, change: (cell: string) => string): Table {
  return {
    columns: columns.map((column) => ({ ...column, title: change(column.title) })),
    rows: rows.map((row) => columns.map((_, i) => change(row[i] ?? ''))),
  };
}

function columnWidths({ columns, rows }: Table): number[] {
  return columns.map(({ title }, i) =>
    Math.max(...[title, ...rows.map((row) => row[i]!)].map((cell) => [...cell].length)),
  );
}

function pad(cell: string, width: number, { align }: Column): string {
  const space = ' '.repeat(Math.max(0, width - [...cell].length));
  return align === 'right' ? space + cell : cell + space;
}
