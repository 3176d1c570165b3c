/** Where the names of horizontal lines stand, so that none covers another however close the lines are. */

/** The end of the line at which a name stands. */
export type Side = "left" | "right";

export interface Wanted {
  /** The line, in pixels from the top. */
  readonly y: number;
  /** Characters of the name. */
  readonly length: number;
  readonly side: Side;
}

export interface Place {
  readonly side: Side;
  /** Middle of the name, in pixels from the top. */
  readonly y: number;
}

/** Pixels that a name takes from top to bottom. */
export const LABEL_HEIGHT = 16;

/** Characters that stand side by side in the narrowest drawing, that of a telephone. */
const CHARACTERS_ACROSS = 34;

/**
 * A place for each name, in their order: just above its line where that is free, else as little away from there as
 * keeps all names of a side apart, in the order of their lines. Names that are too long to stand opposite each other
 * share one side. What finds no place in `height` pixels is undefined: the table beside the chart names every line.
 */
export function placeLabels(all: readonly Wanted[], height: number): (Place | undefined)[] {
  const most = Math.floor(height / LABEL_HEIGHT);
  const longest = (side: Side) =>
    Math.max(0, ...all.filter((one) => one.side === side).map(({ length }) => length));
  const opposite = longest("left") + longest("right") <= CHARACTERS_ACROSS;
  const columns: Record<Side, number[]> = { left: [], right: [] };
  for (const [i, { side }] of all.entries()) {
    const column = columns[opposite ? side : "right"];
    if (column.length < most) column.push(i);
  }
  const placed: (Place | undefined)[] = all.map(() => undefined);
  for (const side of ["left", "right"] as const) {
    const column = columns[side].toSorted((a, b) => all[a]!.y - all[b]!.y);
    const ys = spread(
      column.map((i) => all[i]!.y - LABEL_HEIGHT / 2),
      LABEL_HEIGHT,
      [LABEL_HEIGHT / 2, height - LABEL_HEIGHT / 2],
    );
    for (const [place, i] of column.entries()) placed[i] = { side, y: ys[place]! };
  }
  return placed;
}

/**
 * The positions nearest to `wanted`, which ascends, in the sum of squares, that lie `gap` apart or more and, if there is
 * room for all, within the bounds. Less a gap for each position before it, this is a regression on ascending values, which
 * pools neighbours that are out of order into their mean (Barlow et al. 1972).
 */
export function spread(
  wanted: readonly number[],
  gap: number,
  [low, high]: readonly [number, number],
): number[] {
  const blocks: { sum: number; count: number }[] = [];
  for (const [i, y] of wanted.entries()) {
    let block = { sum: y - i * gap, count: 1 };
    for (
      let last = blocks.at(-1);
      last && last.sum / last.count > block.sum / block.count;
      last = blocks.at(-1)
    ) {
      blocks.pop();
      block = { sum: last.sum + block.sum, count: last.count + block.count };
    }
    blocks.push(block);
  }
  const highest = high - (wanted.length - 1) * gap; // of every position less its gaps
  const within = (value: number) => Math.max(low, Math.min(highest, value));
  return blocks
    .flatMap(({ sum, count }) => Array.from({ length: count }, () => within(sum / count)))
    .map((value, i) => value + i * gap);
}
