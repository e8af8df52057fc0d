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
:root { color-scheme: light dark; --ink: #1f2328; --soft: #59636e; --paper: #ffffff; --panel: #f5f7f9; --rule: #d5dae0; --warn: #8a4600; --warn-paper: #fff1dc; --good: #1a7f37; --bad: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e3e8ee; --soft: #a0abb8; --paper: #14171c; --panel: #1d2128; --rule: #363d47; --warn: #ffc56b; --warn-paper: #3a2a10; --good: #5bd17d; --bad: #ff8a80; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1180px; padding: 28px 24px 64px; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 0 0 4px; }
h2 { font-size: 1.25rem; margin: 40px 0 12px; padding-bottom: 4px; border-bottom: 1px solid var(--rule); }
.settings { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(340px, 100%), 1fr)); gap: 8px 40px; align-items: start; }
h3 { font-size: 1rem; margin: 12px 0 0; }
.charts + h3 { margin: 28px 0 8px; }
.settings dl { margin: 6px 0 12px; }
.soft { color: var(--soft); }
.mark { display: block; margin: 12px 0; padding: 10px 14px; border-left: 5px solid var(--warn); background: var(--warn-paper); color: var(--warn); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 20px; margin: 16px 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; background: linear-gradient(to right, var(--paper) 40%, transparent) left / 40px 100% no-repeat local, linear-gradient(to left, var(--paper) 40%, transparent) right / 40px 100% no-repeat local, linear-gradient(to right, var(--rule), transparent) left / 10px 100% no-repeat scroll, linear-gradient(to left, var(--rule), transparent) right / 10px 100% no-repeat scroll; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 7px 14px; border-bottom: 1px solid var(--rule); text-align: left; }
td:first-child { white-space: nowrap; }
section > p { max-width: 75ch; margin: 8px 0; }
th { color: var(--soft); font-weight: 600; white-space: nowrap; }
.number { text-align: right; white-space: nowrap; }
.long { white-space: normal; min-width: 13em; }
pre { overflow-x: auto; padding: 12px 14px; background: var(--panel); border: 1px solid var(--rule); border-radius: 6px; font: 14px/1.5 ui-monospace, Menlo, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(480px, 100%), 1fr)); gap: 28px 32px; }
.charts svg { display: block; width: 100%; height: auto; touch-action: pan-y; }
.charts figure { position: relative; min-width: 0; }
.narrow { display: none; }
.tip { position: absolute; z-index: 1; max-width: 100%; padding: 6px 10px; background: var(--panel); border: 1px solid var(--rule); border-radius: 6px; font-size: .8rem; line-height: 1.4; font-variant-numeric: tabular-nums; white-space: pre-line; pointer-events: none; }
.tip[hidden] { display: none; }
figure { margin: 0; }
.examples { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(340px, 100%), 1fr)); gap: 20px 28px; margin-top: 14px; }
.examples figure { display: flex; gap: 14px; align-items: flex-start; }
.examples img { flex: none; border-radius: 4px; }
.pixels { image-rendering: pixelated; }
.examples figcaption { margin: 0; min-width: 0; flex: 1; overflow-wrap: normal; }
.examples td { padding: 1px 12px 1px 0; border: 0; vertical-align: top; }
.examples td + td { overflow-wrap: break-word; }
.right { color: var(--good); }
.wrong { color: var(--bad); }
.maps { display: flex; gap: 28px; align-items: flex-start; }
.maps > svg { flex: none; position: sticky; top: 16px; }
.grid { flex: 1; display: grid; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); gap: 26px 22px; align-items: start; }
.grid img { display: block; max-width: 100%; max-height: 320px; image-rendering: pixelated; }
figcaption { margin-top: 6px; font-size: .85rem; line-height: 1.35; overflow-wrap: anywhere; }
@media (max-width: 620px) {
  body { padding: 20px 16px 48px; }
  h1 { font-size: 1.45rem; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: 10px; }
  .settings dl { grid-template-columns: max-content 1fr; gap: 4px 14px; }
  .settings dd { margin: 0; }
  .wide { display: none; }
  .narrow { display: block; }
  .maps { gap: 16px; }
  th, td { padding: 6px 10px; }
}
@media print { .charts, .grid figure, .examples figure { break-inside: avoid; } }
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
