/** Layers that several charts share. */
import { type Axis, channel, shareOf } from "./axis.ts";
import type { Datum, Layer } from "./chart.ts";
import { placeLabels, type Side } from "./label-places.ts";
import { colors } from "./theme.ts";

export interface Level {
  readonly value: number;
  readonly label: string;
  readonly color: string;
  /** At which end of the line the label stands where it has room there. */
  readonly side: Side;
  readonly dashed?: boolean;
}

/** The levels that the axis can show. */
export const drawable = (all: readonly Level[], axis: Pick<Axis, "scale">): Level[] =>
  all.filter(({ value }) => axis.scale === "linear" || value > 0);

/** A horizontal line a level; one that a logarithmic axis cannot show is left out. */
export function lines(all: readonly Level[], axis: Axis): Layer[] {
  return drawable(all, axis).map(({ value, color, dashed }) => ({
    data: { values: [{ y: value }] },
    mark: { type: "rule", color, strokeWidth: 1.5, strokeDash: dashed ? [5, 4] : undefined },
    encoding: { y: channel("y", axis) },
  }));
}

/** The levels' names, drawn last, over whatever crosses them; none covers another. */
export function labels(all: readonly Level[], axis: Axis, height: number): Layer[] {
  const shown = drawable(all, axis);
  const placed = placeLabels(
    shown.map(({ value, label, side }) => ({ y: fromTop(value, axis) * height, length: label.length, side })),
    height,
  );
  return shown.flatMap(({ value, label, color }, i): Layer[] => {
    const place = placed[i];
    if (!place) return [];
    const left = place.side === "left";
    return [
      {
        data: { values: [{ y: value, label }] },
        mark: {
          type: "text",
          align: left ? "left" : "right",
          baseline: "middle",
          dy: Number((place.y - fromTop(value, axis) * height).toFixed(1)),
          ...halo,
          fill: color,
          fontWeight: 600,
        },
        encoding: { y: channel("y", axis), x: { value: left ? 0 : "width" }, text: { field: "label" } },
      },
    ];
  });
}

/** Share of the axis above `value`. */
const fromTop = (value: number, axis: Axis): number => 1 - shareOf(axis, value);

/** An outline in the surface's colour: words stay legible over lines (the style sheet paints it underneath). */
export const halo = { stroke: colors.surface, strokeWidth: 3, strokeJoin: "round" } as const;

/** Large unseen points over the drawn ones: easy to hit with a pointer; `tip` is what they say. */
export function hitArea(rows: readonly Datum[], x: Axis, y: Axis): Layer {
  return {
    data: { values: [...rows] },
    mark: { type: "point", filled: true, size: 260, opacity: 0 },
    encoding: { x: channel("x", x), y: channel("y", y), tooltip: { field: "tip", type: "nominal" } },
  };
}
