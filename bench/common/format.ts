// Numbers as the tables of bench/ show them.

/** Three significant digits, from 100 on whole; `-` for NaN, which is what was not measured. */
export const short = (value: number): string =>
  Number.isNaN(value) ? '-' : Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
