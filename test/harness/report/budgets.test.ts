import { describe, expect, it } from "vitest";
import { formatNumber } from "../../../src/core/format.ts";
import { mean } from "../../../src/core/statistics/index.ts";
import type { Cell, CellRecord, StabilityRecord } from "../../../src/harness/record/index.ts";
import { tables } from "../../../src/harness/stages/readout/index.ts";
import { budgetPoints, equalBudgets, fidAt } from "../../../src/harness/stages/stability/budgets.ts";
import {
  budgetTo,
  qualityTimes,
  qualityTimeTable,
  worthTraining,
} from "../../../src/harness/stages/stability/quality-time.ts";
import { readingsOf, viewOf } from "../../../src/harness/tables/index.ts";
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

/** The fixture's run, its snapshots' FIDs as `fid` gives them of model, seed and place. */
function viewWith(fid: (model: string, seed: number, place: number) => number) {
  const cells = made.cells.map((cell) => {
    if (cell.state !== "done" || cell.record.kind !== "stability" || !cell.record.quality) return cell;
    const { model, seed, quality } = cell.record;
    const snapshots = quality.snapshots.map((snapshot, place) => ({
      ...snapshot,
      quality: {
        ...snapshot.quality,
        metrics: snapshot.quality.metrics.map((one) =>
          one.metric === "fid" ? { ...one, value: fid(model, seed, place) } : one,
        ),
      },
    }));
    const record: StabilityRecord = { ...cell.record, quality: { ...quality, snapshots } };
    return { ...cell, record };
  });
  return viewOf(made.run, cells);
}

describe("training to a quality", () => {
  const bound = made.cells.flatMap((cell) =>
    cell.state === "done" && cell.record.kind === "stability" ? (cell.record.bound ?? []) : [],
  )[0]!;
  const target = bound.floor + 0.1 * (bound.noise - bound.floor);

  it("takes what it took to fall to a tenth of the way from real images to noise", () => {
    // seed 1 passes the target half way between its first two snapshots, seed 2 never does
    const view = viewWith((_, seed, place) =>
      seed === 1 ? target + 1 - 2 * place : target + 5 - place / 10,
    );
    const times = qualityTimes(view);
    expect(times.length).toBeGreaterThan(4);
    for (const time of times) {
      const own = budgetPoints(view).filter(({ model, seed }) => model === time.model && seed === time.seed);
      expect(time).toMatchObject({ reached: time.seed === 1, atMost: false, target });
      for (const unit of ["seconds", "imagesSeen", "flops"] as const)
        if (time.seed === 1)
          expect(time[unit]! / Math.sqrt(own[0]![unit] * own[1]![unit])).toBeCloseTo(1, 12);
        else expect(time[unit]).toBeUndefined();
    }
    const { columns, rows } = qualityTimeTable(view);
    expect(rows[0]![columns.indexOf("reached")]).toBe("1 of 2 seeds");
    const keys = readingsOf(view, tables).readings.filter(({ metric }) => /_to_quality$/.test(metric));
    expect(new Set(keys.map(({ metric, class: of, unit }) => `${metric} ${of} ${unit}`))).toEqual(
      new Set(["seconds_to_quality timing seed 1", "images_to_quality quality seed 1"]),
    );
  });

  it("says no more than that where the first snapshot is there", () => {
    const view = viewWith(() => target / 2);
    expect(qualityTimes(view).every(({ atMost, reached }) => atMost && reached)).toBe(true);
    expect(qualityTimeTable(view).rows[0]!.at(-1)).toMatch(/^no longer than/);
    expect(readingsOf(view, tables).readings.filter(({ metric }) => /_to_quality$/.test(metric))).toEqual([]);
  });

  it("is undefined between snapshots that do not reach it", () => {
    const at = (seconds: number, fid: number) => ({
      ...budgetPoints(viewOf(made.run, made.cells))[0]!,
      seconds,
      fid,
    });
    expect(budgetTo([at(10, 8), at(100, 4)], "seconds", 3)).toBeUndefined();
    expect(budgetTo([at(10, 8), at(1000, 4)], "seconds", 6)).toBeCloseTo(100, 9);
    expect(budgetTo([at(10, 8), at(1000, 4)], "seconds", 8)).toBe(10);
  });

  it("pays as long as its last third takes a tenth off", () => {
    const falling = worthTraining(viewWith((_, __, place) => 10 / (place + 1)));
    expect(falling).toMatch(
      /DCGAN for longer than its .*: the last third still took \d+(\.\d)?% off its FID/,
    );
    const flat = worthTraining(viewWith((_, __, place) => (place === 0 ? 10 : 5)));
    expect(flat).toMatch(/DCGAN for 27\.8\ss of its 60\ss: the rest takes less than 10% off its FID of 5/);
    expect(worthTraining(viewOf(made.run, []))).toBe("");
  });
});
