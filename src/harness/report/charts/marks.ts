/** Layers that several charts share. */
import type { Axis } from "./axis.ts";
import { channel } from "./axis.ts";
import type { Layer, Row } from "./chart.ts";
import { colors } from "./theme.ts";

const SIDES = ["right", "left", "right below", "left below"] as const;
type Side = (typeof SIDES)[number];

export interface Level {
  readonly value: number;
  readonly label: string;
  readonly color: string;
  /** Where the label stands unless another one is there: at which end, above or below the line. */
  readonly side: Side;
  readonly dashed?: boolean;
}

const drawable = (all: readonly Level[], axis: Axis): Level[] =>
  all.filter(({ value }) => axis.scale === "linear" || value > 0);

/** A horizontal line a level; one that a logarithmic axis cannot show is left out. */
export function lines(all: readonly Level[], axis: Axis): Layer[] {
  return drawable(all, axis).map(({ value, color, dashed }) => ({
    data: { values: [{ y: value }] },
    mark: { type: "rule", color, strokeWidth: 1.5, ...(dashed && { strokeDash: [5, 4] }) },
    encoding: { y: channel("y", axis) },
  }));
}

/** Pixels that a label takes above or below its line. */
const LABEL_HEIGHT = 16;

/** The levels' names, drawn last, over whatever crosses them, each where no other one stands. */
export function labels(all: readonly Level[], axis: Axis, height: number): Layer[] {
  const taken: { readonly side: Side; readonly y: number }[] = [];
  return drawable(all, axis).map(({ value, label, color, side }) => {
    const y = fromTop(value, axis) * height;
    const free = [side, ...SIDES].find((candidate) =>
      taken.every(
        (other) =>
          other.side.startsWith("left") !== candidate.startsWith("left") ||
          Math.abs(middle(other.y, other.side) - middle(y, candidate)) >= LABEL_HEIGHT,
      ),
    );
    const at = free ?? side;
    taken.push({ side: at, y });
    const left = at.startsWith("left");
    return {
      data: { values: [{ y: value, label }] },
      mark: {
        type: "text",
        align: left ? "left" : "right",
        ...(at.endsWith("below") ? { baseline: "top", dy: 4 } : { baseline: "bottom", dy: -3 }),
        ...halo,
        fill: color,
        fontWeight: 600,
      },
      encoding: { y: channel("y", axis), x: { value: left ? 0 : "width" }, text: { field: "label" } },
    };
  });
}

const middle = (y: number, side: Side): number => y + (side.endsWith("below") ? 0.5 : -0.5) * LABEL_HEIGHT;

/** Share of the axis above `value`. */
function fromTop(value: number, { scale, domain: [low, high] }: Axis): number {
  return scale === "log" ? Math.log(high / value) / Math.log(high / low) : (high - value) / (high - low);
}

/** An outline in the surface's colour: words stay legible over lines (the style sheet paints it underneath). */
export const halo = { stroke: colors.surface, strokeWidth: 3, strokeJoin: "round" } as const;

/** Large unseen points over the drawn ones: easy to hit with a pointer; `tip` is what they say. */
export function hitArea(rows: readonly Row[], x: Axis, y: Axis): Layer {
  return {
    data: { values: [...rows] },
    mark: { type: "point", filled: true, size: 260, opacity: 0 },
    encoding: { x: channel("x", x), y: channel("y", y), tooltip: { field: "tip", type: "nominal" } },
  };
}
