/** Pieces of pages that stand alone: tables, text and how they look. */

/** What every page begins with, up to its body: it asks nothing of a network, and runs nothing. @param style CSS. */
export function pageHead(title: string, generator: string, style: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="generator" content="${escapeHtml(generator)}">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>`;
}

/** A cell that is HTML already. */
export interface Markup {
  readonly html: string;
}

export type Cell = string | Markup;

/** The first column names rows; others stand right where all their cells are numbers, unless they are to be read as text. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[], asText = false): string {
  const numeric = head.map(
    (_, k) =>
      k > 0 && !asText && rows.every((row) => typeof row[k] !== 'object' && NUMBER.test(row[k] ?? '')),
  );
  const style = (column: number) => (numeric[column] ? ' class="number"' : '');
  const cell = (content: Cell, column: number) => {
    const html = typeof content === 'string' ? escapeHtml(content) : content.html;
    return column === 0 ? `<th scope="row">${html}</th>` : `<td${style(column)}>${html}</td>`;
  };
  const header = head.map((text, column) => `<th scope="col"${style(column)}>${escapeHtml(text)}</th>`);
  return `<div class="wide"><table>
<thead><tr>${header.join('')}</tr></thead>
<tbody>
${rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`).join('\n')}
</tbody>
</table></div>`;
}

/** What begins like a number, with a hyphen or a true minus, or stands for none. */
const NUMBER = /^[-\u2212\d.]/;

export function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  return text.replaceAll(/[&<>"]/g, (character) => entities[character]!);
}

/** Of a page that is figures and tables. */
export const STYLE = `
:root { color-scheme: light; }
body { margin: 0; background: #f4f6f1; color: #16211b; font: 14px/1.5 system-ui, 'DejaVu Sans', sans-serif; }
main { max-width: 1120px; margin: 32px auto; padding: 0 24px 48px; }
figure { margin: 0 0 24px; background: #fff; border: 1px solid #d3dbd0; border-radius: 6px; padding: 8px; }
figure svg { display: block; width: 100%; max-width: 1120px; height: auto; margin: 0 auto; }
section { margin-top: 32px; }
h2 { font-size: 18px; margin: 0 0 8px; }
p { margin: 0 0 12px; color: #57655c; max-width: 72ch; }
.note { font-size: 12px; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 20px 4px 0; text-align: left; vertical-align: baseline; border-bottom: 1px solid #d3dbd0; }
thead th { color: #57655c; font-weight: 400; border-bottom-color: #57655c; }
tbody th { font-weight: 600; }
.number { text-align: right; white-space: nowrap; }
details { margin-top: 12px; }
summary { cursor: pointer; color: #57655c; margin-bottom: 8px; }
pre { margin: 0 0 8px; padding: 12px; background: #fff; border: 1px solid #d3dbd0; border-radius: 6px; overflow-x: auto; }
@media print { body { background: #fff; } figure { border: 0; padding: 0; } main { margin: 0; } }
`;
