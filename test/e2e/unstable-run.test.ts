/** Failure is a result: a training that explodes is stopped, recorded with step, tensor and reason, and shown. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CellRecord, type RunRecords, readRun } from "../../src/harness/record/index.ts";
import { bench } from "./entries.ts";
import { type Ended, node } from "./process.ts";

const cwd = mkdtempSync(join(tmpdir(), "bench-unstable-"));
afterAll(() => rmSync(cwd, { recursive: true }));
const folder = join(cwd, "run");

let ended: Ended;
let records: RunRecords;
beforeAll(async () => {
  const suite = resolve("test/e2e/unstable.yaml");
  ended = await node([bench, "run", "--suite", suite, "--out", folder, "--device", "cpu", "--json"], {
    cwd,
  });
  records = await readRun(folder);
});

function recordOf<Kind extends CellRecord["kind"]>(kind: Kind, id: string) {
  const cell = records.cells.find((cell) => cell.id === id);
  if (cell?.state !== "done" || cell.record.kind !== kind) throw new Error(`${id} is ${cell?.state}`);
  return cell.record as Extract<CellRecord, { kind: Kind }>;
}

describe("a run with a model that explodes", () => {
  it("ends well: divergence is an outcome, not a failure", () => {
    expect(ended.code, ended.stderr).toBe(0);
    expect(JSON.parse(ended.stdout).cells).toMatchObject({ failed: 0, skipped: 0 });
  });

  it("says where the numbers were lost, and what happened next", () => {
    const { outcome, divergence, steps, curves } = recordOf("train", "train/exploding/seed-0");
    expect(outcome).toBe("diverged");
    expect(steps).toBe(divergence!.step);
    expect(steps).toBeLessThan(10);
    expect(divergence!.reason).toMatch(/became (NaN|Infinity|-Infinity)$/);
    expect(divergence!.tensor).toMatch(/^(generator|discriminator|statistics)/);
    expect(divergence!.next!.map(({ step }) => step - steps)).toEqual([1, 2, 3]);
    expect(divergence!.next!.at(-1)!.share).toBeGreaterThanOrEqual(divergence!.share!);
    for (const { values } of curves) expect(values.length).toBeLessThanOrEqual(steps);
  });

  it("passes the divergence on to what describes its training, without a quality", () => {
    const { divergence } = recordOf("train", "train/exploding/seed-0");
    const record = recordOf("stability", "stability/exploding/seed-0");
    expect(record).toMatchObject({ outcome: "diverged", divergence });
    expect(record.quality).toBeUndefined();
    expect(record.collapse).toBeUndefined();
    expect(record.bound).toBeUndefined();
    expect(readFileSync(join(folder, "csv/trainings.csv"), "utf8")).toMatch(
      /^exploding,0,diverged,.*,1,diverged,/m,
    );
  });

  it("shows it", () => {
    const page = readFileSync(join(folder, "report.html"), "utf8");
    expect(page).toMatch(/diverged at step \d/);
    expect(readFileSync(join(folder, "csv/training.csv"), "utf8")).toContain("exploding");
  });
});

describe("the model beside it", () => {
  it("is followed over training: chosen against some images, best and final estimated afresh", () => {
    const { outcome, quality, collapse, bound, statistics, saturation } = recordOf(
      "stability",
      "stability/steady/seed-0",
    );
    expect(outcome).toBe("trained");
    expect(quality!.snapshots.map(({ step }) => step)).toEqual([150, 300]);
    expect(quality!.final.step).toBe(300);
    expect([150, 300]).toContain(quality!.best.step);
    const fid = (metrics: { metric: string; value: number }[]) =>
      metrics.find(({ metric }) => metric === "fid")!.value;
    expect(quality!.finalOverBest).toBeCloseTo(
      fid(quality!.final.quality.metrics) / fid(quality!.best.quality.metrics),
      12,
    );
    const chosen = quality!.snapshots.map(({ quality }) => fid(quality.metrics));
    expect(quality!.best.step).toBe(chosen[0]! < chosen[1]! ? 150 : 300);
    const names = quality!.final.quality.metrics.map(({ metric }) => metric);
    expect(names).toEqual(["fid", "recall_k5", "coverage_k5", "vendi", "mode_count"]);
    expect(collapse!.realModes).toBeGreaterThan(10);
    expect(bound!.value).toBe(fid(quality!.final.quality.metrics));
    expect(bound!.worst).toBeGreaterThan(bound!.floor);
    expect(bound!.worst).toBeLessThan(bound!.noise);
    expect(saturation!.share).toBeLessThanOrEqual(1);
    const norms = statistics.filter(({ quantity }) => quantity.endsWith("gradient_norm"));
    expect(norms.map(({ count }) => count)).toEqual([300, 300]);
    for (const norm of norms) expect(norm.coefficientOfVariation).toBeGreaterThan(0);
  });

  it("is trained at multiples of its learning rate, each scored", () => {
    const fids = [0.25, 1].map((factor) => {
      const record = recordOf("sensitivity", `sensitivity/steady/rate-x${factor}/seed-0`);
      expect(record).toMatchObject({ outcome: "trained", factor, imagesSeen: 640 });
      return record.quality!.metrics.find(({ metric }) => metric === "fid")!.value;
    });
    expect(fids[0]).not.toBe(fids[1]);
    const rows = readFileSync(join(folder, "csv/sensitivity.csv"), "utf8").trim().split("\n");
    expect(rows.length).toBeGreaterThan(2);
  });
});
