/**
 * Public face of report/: tables, charts, pictures of P, and the report of a run.
 * @module astrogpu/report
 */

export { type ComparedRun, renderComparison } from './comparison.ts';
export { type Chart, downsample, hasCurve, type Line, PALETTE, type Point, renderChart } from './figures/chart.ts';
export { colorAt, hexColor, type Rgb } from './figures/colormap.ts';
export { type Confusion, ConfusionError, confusionFigure } from './figures/confusion.ts';
export { type Curves, type NamedChart, regulationChart, runCharts, slug } from './figures/curves.ts';
export { describeGateMap, GateMapError, gateMapFigure, gateMapPng } from './figures/gate-map.ts';
export { HOVER_SCRIPT } from './figures/hover.ts';
export { isOwnPicture, pngUrl, svgToPng } from './figures/png.ts';
export { type PointChart, type PointRow, renderPoints } from './figures/points.ts';
export { textWidth } from './figures/typeface.ts';
export { escapeHtml, renderPage } from './html.ts';
export { renderSummary, reportMarks, writeReport } from './run-report.ts';
export { chartFigures } from './sections/charts.ts';
export { definitions, paragraphs, section } from './sections/section.ts';
export { verdict } from './sections/verdict.ts';
export { armTable, compactionTable, formatRatio, sizeOf } from './tables/arms.ts';
export { formatCount, formatDuration, formatFlops, formatNumber, formatPercent, formatRange } from './tables/format.ts';
export { histogramOf } from './tables/histogram.ts';
export { type PairedShares, packAnswers, pairedShares } from './tables/paired.ts';
export { renderProfile } from './tables/profile.ts';
export {
  type Difference,
  isAbove,
  isNoDifference,
  pairedDifference,
  type Spread,
  type Summary,
  spreadOf,
  studentQuantile,
  summarize,
} from './tables/statistics.ts';
export { type Column, renderHtml, renderMarkdown, renderText, type Table } from './tables/table.ts';
export type {
  ArmResult,
  CompactResult,
  Example,
  GateMap,
  Histogram,
  ImageCost,
  MetricRow,
  RegulationErrors,
  RunReport,
  SettingGroup,
} from './types.ts';
