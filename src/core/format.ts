/** Numbers as people read them, in Node and in the page. CSV files carry full precision; this is for reading only. */

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** Which way the last digit goes: for a bound, the way on which what is printed keeps what it promises. */
export type Rounding = "nearest" | "up" | "down";

/** Three significant digits, thousands grouped, very small ones in powers of ten: 0.0123, 12.3, 1,230, 4.5e-7. */
export function formatNumber(value: number, digits = 3, rounding: Rounding = "nearest"): string {
  if (value === 0) return "0";
  const magnitude = Math.abs(value);
  if (magnitude < 1e-4) {
    const kept = Math.max(1, digits - 1);
    return rounded(value, kept, rounding).toExponential(kept - 1);
  }
  if (magnitude >= 10 ** (digits - 1)) {
    const whole = { nearest: Math.round, up: Math.ceil, down: Math.floor }[rounding](value);
    return grouped.format(whole);
  }
  return rounded(value, digits, rounding).toLocaleString("en-US", { maximumSignificantDigits: digits });
}

/** To so many significant digits; up is towards plus infinity. */
function rounded(value: number, digits: number, rounding: Rounding): number {
  const nearest = Number(value.toPrecision(digits));
  if (rounding === "nearest" || nearest === value || nearest > value === (rounding === "up")) return nearest;
  const step = 10 ** (Math.floor(Math.log10(Math.abs(value))) - digits + 1);
  return Number((nearest + (rounding === "up" ? step : -step)).toPrecision(digits));
}

/** Two numbers in as many digits as tell them apart; equal ones in three. */
export function formatApart(a: number, b: number): readonly [string, string] {
  for (let digits = 3; digits < 15; digits++) {
    const texts = [formatNumber(a, digits), formatNumber(b, digits)] as const;
    if (texts[0] !== texts[1]) return texts;
  }
  return [formatNumber(a), formatNumber(b)];
}

/** Between a number and its unit: no line ends there. */
const NBSP = "\u00a0";

/** A duration given in milliseconds, in the unit that reads best. */
export function formatMs(ms: number, rounding: Rounding = "nearest"): string {
  const magnitude = Math.abs(ms);
  const text = (value: number, unit: string) => `${formatNumber(value, 3, rounding)}${NBSP}${unit}`;
  if (magnitude < 1) return text(ms * 1e3, "µs");
  if (magnitude < 1e3) return text(ms, "ms");
  if (magnitude < 120e3) return text(ms / 1e3, "s");
  if (magnitude < 7200e3) return text(ms / 60e3, "min");
  return text(ms / 3600e3, "h");
}

export const formatSeconds = (seconds: number): string => formatMs(seconds * 1e3);

/** Large counts in words that fit a table: 1.23 M, 4.5 G. */
export function formatCount(value: number): string {
  const scales = [
    [1e12, "T"],
    [1e9, "G"],
    [1e6, "M"],
  ] as const;
  const scale = scales.find(([size]) => Math.abs(value) >= size);
  return scale ? `${formatNumber(value / scale[0])}${NBSP}${scale[1]}` : formatNumber(value, 6);
}

/** How many times one thing is another, in two digits: 1.4, 12, 350. */
export const formatRatio = (ratio: number): string => formatNumber(ratio, 2);

export const formatPercent = (share: number): string => `${formatNumber(share * 100)}%`;

/** `2026-11-23 18:38 UTC`; what is not a date is shown as it was written. */
export function formatDate(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** `a`, `a and b`, `a, b and c`. */
export function formatList(items: readonly string[]): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

export const plural = (count: number, noun: string, nouns = `${noun}s`): string =>
  `${grouped.format(count)} ${count === 1 ? noun : nouns}`;
