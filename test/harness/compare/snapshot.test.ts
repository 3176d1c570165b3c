import { describe, expect, it } from "vitest";
import { median } from "../../../src/core/statistics/index.ts";
import { type Snapshot, snapshotOf, snapshotSchema } from "../../../src/harness/compare/snapshot.ts";
import type { CellRecord, Run } from "../../../src/harness/record/index.ts";
import { tables } from "../../../src/harness/stages/readout/index.ts";
import { readingsOf, viewOf } from "../../../src/harness/tables/index.ts";
import { fidOf, fixture, STEPS } from "../report/fixture.ts";

const made = fixture({ seeds: [1, 2, 3] });
const taken = snapshotOf(made, "abc");
const row = (snapshot: Snapshot, key: string) => snapshot.rows.find((row) => row.key === key);
const withRun = (change: (run: Run) => void): Snapshot => {
  const run = structuredClone(made.run) as Run;
  change(run);
  return snapshotOf({ run, cells: made.cells });
};

describe("a run's snapshot", () => {
  it("holds a value a seed of every metric at every setting, with its protocol and judge", () => {
    for (const steps of STEPS) {
      const fid = row(taken, `diversity/ddpm/ddim-${steps}/fid`)!;
      expect(fid).toMatchObject({
        class: "quality",
        direction: "lower",
        protocol: "n 1000",
        unitKind: "seed",
      });
      expect(fid.classifier).toMatch(/^[0-9a-f]{16}$/);
      expect(fid.values.map(([, unit]) => unit)).toEqual(["seed 1", "seed 2", "seed 3"]);
      for (const [cell, unit, value] of fid.values) {
        expect(taken.cells[cell]!.id).toBe(`diversity-ddpm-${unit.slice(5)}`);
        expect(Math.abs(value / fidOf("ddpm", "ddim", steps) - 1)).toBeLessThan(0.1);
      }
    }
  });

  it("holds the median of each process for every timed setting", () => {
    const found = row(taken, "latency/ddpm/ddim-50/batch-16/request_ms")!;
    expect(found).toMatchObject({ class: "timing", direction: "lower", unitKind: "process" });
    const expected = made.cells.flatMap((cell) =>
      cell.state === "done" && cell.record.kind === "latency"
        ? cell.record.series
            .filter(
              ({ model, sampler, steps, batch }) =>
                `${model} ${sampler} ${steps} ${batch}` === "ddpm ddim 50 16",
            )
            .map(({ samplesMs }) => median(samplesMs))
        : [],
    );
    expect(found.values.map(([, , value]) => value)).toEqual(expected);
    expect(expected).toHaveLength(3);
  });

  it("is plain data that its schema reads back as it is", () => {
    expect(snapshotSchema.parse(JSON.parse(JSON.stringify(taken)))).toEqual(taken);
    expect(new Set(taken.rows.map(({ key }) => key)).size).toBe(taken.rows.length);
    expect(taken.commit).toBe("abc");
  });

  it("tells what failed, what is unfinished, and what has no value", () => {
    const { run, cells } = fixture({ failed: true, partial: true, awkward: true });
    const snapshot = snapshotOf({ run, cells });
    const state = (id: string) => snapshot.cells.find((cell) => cell.id === id)!;
    expect(state("latency-0")).toMatchObject({
      state: "failed",
      why: "ENGINE_FAILED: out of memory at batch 16",
    });
    expect(state("diversity-dcgan-1").state).toBe("unfinished");
    expect(snapshot.missing).toContainEqual({
      key: "diversity/ddpm/ddim-2/density_k5",
      unit: "seed 1",
      why: "all generated images are equal",
    });
  });

  it("has settings that seeds, names and repetitions do not change, and anything else does", () => {
    const { settings } = withRun(() => {});
    const changed = (change: (config: Record<string, unknown>) => void) =>
      withRun(({ config }) => change(config)).settings;
    for (const [key, value] of [
      ["seed", 7],
      ["seeds", 9],
      ["name", "x"],
      ["description", "y"],
    ] as const)
      expect(changed((config) => Object.assign(config, { [key]: value }))).toBe(settings);
    expect(changed((config) => Object.assign(config, { steps: [3] }))).not.toBe(settings);
    const stages = (processes: number, requests: number) =>
      changed((config) => Object.assign(config, { stages: { latency: { processes, requests } } }));
    expect(stages(3, 20)).toBe(stages(9, 20));
    expect(stages(3, 20)).not.toBe(stages(3, 40));
    expect(withRun(({ dataset }) => Object.assign(dataset, { hash: "0".repeat(64) })).settings).not.toBe(
      settings,
    );
  });

  it("names the machine by what decides times: majors of driver and Node, threads of cores, never the host", () => {
    const { machine, precision } = withRun(({ engine, environment }) => {
      Object.assign(engine, { provider: "cuda" });
      Object.assign(engine.device, { kind: "gpu", model: "Example GPU", driver: "550.54.14", threads: 1 });
      environment.node = "22.3.1";
    });
    expect(machine).toEqual({
      engine: "onnx",
      provider: "cuda",
      device: "Example GPU",
      driver: "550",
      cores: "1 of 2",
      runtime: "onnxruntime-node 1.30.0",
      node: "22",
    });
    expect(precision).toBe("tf32");
    expect(taken.precision).toBe("float32");
  });

  it("tells float16 samples from others, and float32 ones from nothing", () => {
    const precisionIn = (precision?: "float32" | "float16") =>
      withRun(({ engine }) => Object.assign(engine, precision && { precision })).precision;
    expect(precisionIn("float16")).toBe("float32, sampling in float16");
    expect(precisionIn("float32")).toBe(precisionIn());
  });
});

it.each<[CellRecord, string[]]>([
  [
    {
      kind: "stability",
      model: "m",
      seed: 3,
      outcome: "trained",
      statistics: [],
      collapse: { modes: 4, realModes: 10, threshold: 0.5, collapsed: true },
    },
    ["stability/m/collapsed lower 1 seed 3"],
  ],
  [
    { kind: "sensitivity", model: "m", seed: 0, factor: 4, outcome: "diverged", imagesSeen: 10, seconds: 1 },
    ["sensitivity/m/rate-x4/diverged lower 1 seed 0"],
  ],
  [
    {
      kind: "likelihood",
      model: "m",
      seed: 2,
      images: 64,
      bitsPerDimension: { value: 3.5, low: 3, high: 4, confidence: 0.95 },
      prior: 0,
      decoder: 1,
      between: 2.5,
      profile: { steps: [1], bits: [1] },
    },
    ["likelihood/m/bits_per_dimension lower 3.5 seed 2"],
  ],
  [
    {
      kind: "cost",
      points: [
        {
          model: "m",
          side: "gan",
          variant: "base 32, 16 px",
          batch: 4,
          parameters: 1,
          flopsPerEvaluation: 1,
          milliseconds: 2.5,
          low: 2,
          high: 3,
          samples: 9,
          heldOut: false,
        },
      ],
    },
    ["cost/m/base-32,-16-px/batch-4/evaluation_ms lower 2.5 run"],
  ],
  [
    {
      kind: "distill",
      seed: 0,
      teacher: "t",
      floor: { metric: "fid", direction: "lower", value: 9, rule: "" },
      arms: [{ model: "s", sampler: "ddim", steps: 4, networkEvaluations: 4, value: 7, meets: true }],
      fewest: [],
      cost: [],
    },
    ["distill/s/ddim-4/fid lower 7 seed 0"],
  ],
])("a record of kind $kind gives its readings", (record, expected) => {
  const cell = {
    ...made.cells[0]!,
    id: "one",
    state: "done",
    record,
  } as (typeof made.cells)[number];
  const { readings } = readingsOf(viewOf(made.run, [cell]), tables);
  expect(readings.map(({ key, direction, value, unit }) => `${key} ${direction} ${value} ${unit}`)).toEqual(
    expected,
  );
});
