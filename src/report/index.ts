// Public face of report/: tables, charts, pictures of P, and the report of a run.
export { armTable, compactionTable } from './arms.ts';
export { type Chart, type Line, PALETTE, type Point, renderChart, thin } from './chart.ts';
export { colourAt, hexColour, type Rgb } from './colormap.ts';
export { type NamedChart, regulationChart, runCharts } from './curves.ts';
export { writeFileAtomic } from './files.ts';
export { formatCount, formatDuration, formatNumber, formatPercent } from './format.ts';
export { describeGateMap, GateMapError, gateMapFigure, gateMapPng } from './gate-map.ts';
export { escapeHtml, renderPage } from './html.ts';
export { svgToPng } from './png.ts';
export { type PointChart, type PointRow, renderPoints } from './points.ts';
export { renderSummary, reportMarks, writeReport } from './run-report.ts';
export {
  type Difference,
  isAbove,
  pairedDifference,
  type Summary,
  studentQuantile,
  summarise,
} from './statistics.ts';
export { type Column, renderHtml, renderMarkdown, renderText, type Table } from './table.ts';
export type { ArmResult, CompactResult, GateMap, ImageCost, MetricRow, RegulationErrors, RunReport } from './types.ts';
