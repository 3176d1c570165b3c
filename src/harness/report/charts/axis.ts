/** Axes with explicit domains and ticks, so that Vega never has to guess, nor to warn. */

export interface Axis {
  readonly title: string;
  readonly scale: "log" | "linear";
  readonly domain: readonly [number, number];
  /** Tick positions; Vega's own where absent. */
  readonly ticks?: readonly number[];
  readonly labels?: "number" | "milliseconds" | "si";
}

/** Domain that holds every positive value with room at both ends; one decade around a single value. */
function logDomain(values: readonly number[]): [number, number] {
  const positive = values.filter((value) => value > 0);
  if (positive.length === 0) return [1, 10];
  const low = Math.min(...positive);
  const high = Math.max(...positive);
  const room = Math.max(Math.exp(0.08 * (Math.log(high) - Math.log(low))), high === low ? 2 : 1.05);
  return [Math.max(low / room, Number.MIN_VALUE), Math.min(high * room, Number.MAX_VALUE)];
}

/** Domain that holds every value with room at both ends, and zero where it is near. */
function linearDomain(values: readonly number[], bounds?: readonly [number, number]): [number, number] {
  if (bounds) return [Math.min(bounds[0], ...values), Math.max(bounds[1], ...values)];
  if (values.length === 0) return [0, 1];
  const low = Math.min(...values);
  const high = Math.max(...values);
  const room = (high - low || Math.abs(high) || 1) * 0.08;
  return [low >= 0 && low < 0.5 * high ? 0 : low - room, high + room];
}

/** Powers of ten in the domain; with 2 and 5 of each decade where it spans few. */
function logTicks([low, high]: readonly [number, number]): number[] {
  const decades = Math.log10(high) - Math.log10(low);
  const steps = decades > 3.5 ? [1] : decades > 1.2 ? [1, 3] : [1, 1.5, 2, 3, 5, 7];
  const ticks: number[] = [];
  for (let exponent = Math.floor(Math.log10(low)); exponent <= Math.ceil(Math.log10(high)); exponent++)
    for (const step of steps) {
      const tick = Number(`${step}e${exponent}`);
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  return ticks.length > 1 ? ticks : evenTicks([low, high]);
}

/** Round numbers at even distances: four to ten, for a domain that spans too little for powers of ten. */
function evenTicks([low, high]: readonly [number, number]): number[] {
  const rough = (high - low) / 4;
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = [5, 2, 1].map((factor) => factor * decade).find((one) => one <= rough) ?? decade;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
}

/** Where a value lies on its axis, 0 to 1. */
export const shareOf = ({ scale, domain: [low, high] }: Axis, value: number): number =>
  scale === "log" ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);

const labelling = {
  number: { format: ",.12~g" },
  si: { labelExpr: "datum.value === 0 ? '0' : format(datum.value, '~s')" },
  milliseconds: {
    labelExpr:
      "datum.value >= 1000 ? format(datum.value / 1000, ',.12~g') + ' s' : datum.value < 0.1 ? format(datum.value * 1000, '.12~g') + ' µs' : format(datum.value, '.12~g') + ' ms'",
  },
} as const;

/** The Vega-Lite channel of `field` on this axis. */
export function channel(field: string, axis: Axis) {
  return {
    field,
    type: "quantitative" as const,
    title: axis.title,
    scale: {
      type: axis.scale,
      domain: [...axis.domain],
      nice: false,
      zero: axis.scale === "linear" ? false : undefined,
    },
    axis: {
      ...labelling[axis.labels ?? "number"],
      labelOverlap: "greedy" as const,
      ...(axis.ticks ? { values: [...axis.ticks] } : { tickCount: 5 }),
    },
  };
}

/** An axis before its values are known. */
export interface AxisWish extends Pick<Axis, "title" | "labels"> {
  /** `count`: logarithmic, with a tick at each measured count. */
  readonly scale: "log" | "linear" | "count";
  /** Fixed ends; a linear axis still grows to hold every value. */
  readonly domain?: readonly [number, number];
  /** Values that the axis must hold besides those drawn. */
  readonly include?: readonly number[];
}

/** Training images seen, from none on. */
export const imagesSeenAxis = {
  title: "training images seen",
  scale: "linear",
  domain: [0, 0],
  labels: "si",
  of: ({ imagesSeen }: { readonly imagesSeen: number }) => imagesSeen,
} as const;

/** The axis that holds the values; a logarithmic one says so in its title. */
export function axisFor(
  { title, scale, domain, labels, include = [] }: AxisWish,
  drawn: readonly number[],
): Axis {
  const values = [...drawn, ...include];
  if (scale === "linear") return { title, scale, domain: linearDomain(values, domain), labels };
  const held = logDomain(values);
  const counts = [...new Set(drawn)].filter((value) => value > 0).toSorted((a, b) => a - b);
  const ticks = scale === "count" ? counts : logTicks(held);
  return { title: `${title}, log scale`, scale: "log", domain: held, ticks, labels };
}
