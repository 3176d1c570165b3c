import { describe, expect, it } from "vitest";
import { formatNumber } from "../../../src/core/format.ts";
import { mean } from "../../../src/core/statistics/index.ts";
import type { Cell, CellRecord } from "../../../src/harness/record/index.ts";
import { budgetPoints, equalBudgets, fidAt } from "../../../src/harness/stages/stability/budgets.ts";
import { viewOf } from "../../../src/harness/tables/index.ts";
import { fixture } from "./fixture.ts";

const seeds = [1, 2];
const made = fixture({ everyStage: true, seeds });

/** A student with the training and the snapshots of another model of the run. */
function withStudent(): readonly Cell[] {
  const asStudent = (record: CellRecord): CellRecord => ({ ...record, model: "student" }) as CellRecord;
  return made.cells.flatMap((cell) =>
    cell.state === "done" && /^(train|stability)-linear-/.test(cell.id)
      ? [cell, { ...cell, id: cell.id.replace("linear", "student"), record: asStudent(cell.record) }]
      : [cell],
  );
}

describe("budgets of training", () => {
  const view = viewOf(made.run, withStudent());
  const points = budgetPoints(view);
  const of = (model: string) => points.filter((point) => point.model === model && point.seed === 1);

  it("count FLOPs of every training image, and what a snapshot took", () => {
    const facts = made.run.models.find(({ id }) => id === "dcgan")!;
    const [first] = of("dcgan");
    expect(first).toMatchObject({ seconds: 15, imagesSeen: first!.step * 64 });
    expect(first!.flops).toBe(first!.imagesSeen * facts.flopsPerTrainingImage!);
  });

  it("charge a student with all of its teacher's training, in every unit", () => {
    const teacher = view.records("train").find(({ model, seed }) => model === "ddpm" && seed === 1)!;
    const perImage = made.run.models.find(({ id }) => id === "ddpm")!.flopsPerTrainingImage!;
    const [own, student] = [of("linear"), of("student")];
    expect(student).toHaveLength(own.length);
    for (const [i, point] of student.entries()) {
      expect(point.seconds).toBe(own[i]!.seconds + teacher.seconds);
      expect(point.imagesSeen).toBe(own[i]!.imagesSeen + teacher.imagesSeen);
      expect(point.flops).toBe(own[i]!.flops + teacher.imagesSeen * perImage);
    }
  });

  it("interpolate over the budget's logarithm, never beyond the snapshots", () => {
    const at = (imagesSeen: number, fid: number) => ({ ...of("ddpm")[0]!, imagesSeen, fid });
    const snapshots = [at(100, 8), at(10_000, 2)];
    expect(fidAt(snapshots, "imagesSeen", 100)).toBe(8);
    expect(fidAt(snapshots, "imagesSeen", 1000)).toBeCloseTo(5, 12);
    expect(fidAt(snapshots, "imagesSeen", 10_000)).toBe(2);
    expect(fidAt(snapshots, "imagesSeen", 99)).toBeUndefined();
    expect(fidAt(snapshots, "imagesSeen", 10_001)).toBeUndefined();
  });

  it("compare all models where the least of them ends: at its last snapshot, and the others on their way", () => {
    const { columns, rows } = equalBudgets(view);
    expect(columns.slice(0, 2)).toEqual(["at equal", "budget"]);
    expect(rows.map(([unit]) => unit)).toEqual([
      "seconds of training",
      "training images seen",
      "FLOPs of training",
    ]);
    // 500 steps of 32: every model of diffusion ends there, a GAN of 64 half way
    expect(rows[1]![1]).toBe("16,000");
    const ends = seeds.map(
      (seed) => points.filter((one) => one.model === "ddpm" && one.seed === seed).at(-1)!,
    );
    const shown = `${formatNumber(mean(ends.map(({ fid }) => fid)))} (2 of 2 seeds)`;
    expect(rows[1]![columns.indexOf(view.title("ddpm"))]).toBe(shown);
    expect(rows[1]![columns.indexOf(view.title("dcgan"))]).not.toBe(shown);
    expect(rows[1]![columns.indexOf(view.title("student"))]).toBe("no snapshot so early");
    expect(equalBudgets(viewOf(made.run, [])).rows).toEqual([]);
  });
});
