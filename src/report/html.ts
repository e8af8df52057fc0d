// The frame of an HTML report: one file that needs nothing beside it, readable on light and dark screens and on paper.

/** Text made safe for HTML and SVG, in content and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1f2328; --soft: #59636e; --paper: #ffffff; --panel: #f5f7f9; --rule: #d5dae0; --warn: #8a4600; --warn-paper: #fff1dc; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e3e8ee; --soft: #a0abb8; --paper: #14171c; --panel: #1d2128; --rule: #363d47; --warn: #ffc56b; --warn-paper: #3a2a10; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1180px; padding: 28px 24px 64px; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 0 0 4px; }
h2 { font-size: 1.25rem; margin: 40px 0 12px; padding-bottom: 4px; border-bottom: 1px solid var(--rule); }
.settings { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(340px, 100%), 1fr)); gap: 8px 40px; align-items: start; }
h3 { font-size: 1rem; margin: 12px 0 0; }
.settings dl { margin: 6px 0 12px; }
.soft { color: var(--soft); }
.mark { display: block; margin: 12px 0; padding: 10px 14px; border-left: 5px solid var(--warn); background: var(--warn-paper); color: var(--warn); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 20px; margin: 16px 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 7px 14px; border-bottom: 1px solid var(--rule); text-align: left; }
td:first-child { white-space: nowrap; }
th { color: var(--soft); font-weight: 600; white-space: nowrap; }
.number { text-align: right; white-space: nowrap; }
pre { overflow-x: auto; padding: 12px 14px; background: var(--panel); border: 1px solid var(--rule); border-radius: 6px; font: 14px/1.5 ui-monospace, Menlo, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(480px, 100%), 1fr)); gap: 24px; }
.charts svg { width: 100%; height: auto; }
figure { margin: 0; }
.maps { display: flex; gap: 28px; align-items: flex-start; }
.maps > svg { flex: none; position: sticky; top: 16px; }
.grid { flex: 1; display: grid; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); gap: 26px 22px; align-items: start; }
.grid img { display: block; max-width: 100%; max-height: 320px; image-rendering: pixelated; }
figcaption { margin-top: 6px; font-size: .85rem; line-height: 1.35; overflow-wrap: anywhere; }
@media print { .charts, .grid figure { break-inside: avoid; } }
`;

/** A whole HTML document around a body of sections. The body must be safe HTML already. */
export function renderPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`;
}
