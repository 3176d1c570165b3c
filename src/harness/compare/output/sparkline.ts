/** A series small enough to stand in a line of text or of a table. */
import { html, type Markup } from "../../report/render/html/template.ts";

const blocks = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;

/** The last `most` values as blocks, the lowest of them the lowest block; a blank before the head's values. */
export function sparkText({ values, head }: { values: readonly number[]; head: number }, most = 24): string {
  const from = Math.max(0, values.length - most);
  const shown = values.slice(from);
  if (shown.length === 0) return "";
  const [low, high] = [Math.min(...shown), Math.max(...shown)];
  const bars = shown.map(
    (value) => blocks[high === low ? 3 : Math.round(((value - low) / (high - low)) * 7)]!,
  );
  return head > from && head < values.length
    ? `${bars.slice(0, head - from).join("")} ${bars.slice(head - from).join("")}`
    : bars.join("");
}

const [WIDTH, HEIGHT, MARGIN] = [180, 36, 4];

/** The whole series as a line, the head's values as dots, steps as upright lines. */
export function sparkSvg(
  { values, head }: { values: readonly number[]; head: number },
  steps: readonly number[],
  label: string,
): Markup {
  if (values.length === 0) return html``;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (i: number) => +(MARGIN + (i / Math.max(1, values.length - 1)) * (WIDTH - 2 * MARGIN)).toFixed(1);
  const y = (value: number) =>
    +(
      high === low ? HEIGHT / 2 : HEIGHT - MARGIN - ((value - low) / (high - low)) * (HEIGHT - 2 * MARGIN)
    ).toFixed(1);
  const points = values.map((value, i) => `${x(i)},${y(value)}`).join(" ");
  return html`<svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${label}">
${steps.map((i) => html`<line class="step" x1="${x(i)}" x2="${x(i)}" y1="0" y2="${HEIGHT}"/>`)}<polyline points="${points}"/>
${values.slice(head).map((value, i) => html`<circle cx="${x(head + i)}" cy="${y(value)}" r="2.5"/>`)}</svg>`;
}
