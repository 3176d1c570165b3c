import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hashCells, inOrder } from "../../../src/harness/run/plan.ts";
import type { PlannedCell } from "../../../src/harness/stages/contract.ts";

const cell = (id: string, needs: string[] = [], settings: PlannedCell["settings"] = {}): PlannedCell => ({
  id,
  kind: "stability",
  needs,
  settings,
});

/** Graphs of up to 12 cells, each needing some of those before it, in shuffled order. */
const graphs = fc
  .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 12 })
  .map((picks) =>
    picks.map((pick, i) => cell(`c${i}`, i === 0 ? [] : [...new Set(pick.map((n) => `c${n % i}`))])),
  )
  .chain((cells) => fc.shuffledSubarray(cells, { minLength: cells.length, maxLength: cells.length }));

describe("the order", () => {
  it("holds every cell once, each after its needs", () => {
    fc.assert(
      fc.property(graphs, (cells) => {
        const order = inOrder(cells).map(({ id }) => id);
        expect([...order].sort()).toEqual(cells.map(({ id }) => id).sort());
        for (const { id, needs } of cells)
          for (const need of needs) expect(order.indexOf(need)).toBeLessThan(order.indexOf(id));
      }),
    );
  });

  it("is the given one where that already fits", () => {
    const cells = [cell("z"), cell("b", ["z"]), cell("a"), cell("y", ["a", "b"])];
    expect(inOrder(cells)).toEqual(cells);
  });

  it("refuses needs that nobody plans, cycles and shared ids", () => {
    expect(() => inOrder([cell("a", ["b"])])).toThrow("a needs b, which no stage plans");
    expect(() => inOrder([cell("a", ["b"]), cell("b", ["a"]), cell("c")])).toThrow(
      "the needs of a, b form a cycle",
    );
    expect(() => inOrder([cell("a"), cell("a")])).toThrow("two cells have one id");
  });
});

describe("a cell's config hash", () => {
  const data = "d".repeat(64);
  const hashes = (cells: PlannedCell[], dataset = data) =>
    Object.fromEntries(
      hashCells(cells, { dataset: { hash: dataset } }).map(({ id, configHash }) => [id, configHash]),
    );
  const plan = (settings: PlannedCell["settings"]) => [cell("a", [], settings), cell("b", ["a"]), cell("c")];

  it("changes with its own settings and those of its needs, and with nothing else", () => {
    const [before, after] = [hashes(plan({ n: 1 })), hashes(plan({ n: 2 }))];
    expect(after.a).not.toBe(before.a);
    expect(after.b).not.toBe(before.b);
    expect(after.c).toBe(before.c);
  });

  it("changes with the data, not with the id or the order of settings", () => {
    expect(hashes(plan({}), "e".repeat(64)).c).not.toBe(hashes(plan({})).c);
    expect(hashes([cell("x", [], { p: 1, q: 2 })]).x).toBe(hashes([cell("y", [], { q: 2, p: 1 })]).y);
  });
});
