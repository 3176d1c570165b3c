import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatCount, formatMs, formatNumber } from "../../../src/core/format.ts";
import type { Cell } from "../../../src/harness/record/index.ts";
import { caveats } from "../../../src/harness/report/analysis/decision.ts";
import { decide, engineWords, marksOf, stagesOf } from "../../../src/harness/report/analysis/index.ts";
import { qualityPoints, readingNamed } from "../../../src/harness/stages/diversity/tables.ts";
import { paretoFront } from "../../../src/harness/stages/latency/front.ts";
import { latencyRows, sharedBatches, throughput } from "../../../src/harness/stages/latency/tables.ts";
import { binned, trainingPanels } from "../../../src/harness/stages/train/section.ts";
import { viewOf } from "../../../src/harness/tables/index.ts";
import { fixture, MODES, STEPS } from "./fixture.ts";

const option = (ms: number, quality: number) => ({ ms, quality });

describe("the Pareto front", () => {
  it("keeps what no other option beats, fastest first", () => {
    const all = [option(10, 20), option(1, 50), option(5, 60), option(5, 30), option(20, 20), option(40, 9)];
    expect(paretoFront(all)).toEqual([option(1, 50), option(5, 30), option(10, 20), option(40, 9)]);
  });

  it("keeps one of complete equals and is empty for nothing", () => {
    expect(paretoFront([option(1, 2), option(1, 2)])).toEqual([option(1, 2)]);
    expect(paretoFront([])).toEqual([]);
  });

  it("dominates every option that it leaves out, in any order", () => {
    const small = fc.integer({ min: 0, max: 8 });
    fc.assert(
      fc.property(fc.array(fc.tuple(small, small), { maxLength: 20 }), (pairs) => {
        const all = pairs.map(([ms, quality]) => option(ms, quality));
        const front = paretoFront(all);
        for (const one of all)
          expect(front.some(({ ms, quality }) => ms <= one.ms && quality <= one.quality)).toBe(true);
        for (const a of front)
          for (const b of front) expect(a === b || a.ms > b.ms || a.quality > b.quality).toBe(true);
        expect(paretoFront(all.toReversed())).toEqual(front);
      }),
    );
  });
});

describe("latency", () => {
  const { run } = fixture();
  const models = ["b", "a"].map((id) => ({ ...run.models[0]!, id }));
  const viewed = (cells: Cell[]) => viewOf({ ...run, models }, cells);
  const cell = (process: number, samplesMs: number[], batch = 4, model = "a"): Cell => ({
    id: `latency-${process}-${batch}-${model}`,
    configHash: "0".repeat(64),
    startedAt: "",
    seconds: 1,
    state: "done",
    record: {
      kind: "latency",
      process,
      peakRssMiB: 100 + process,
      series: [
        {
          model,
          seed: 1,
          sampler: "none",
          steps: 1,
          batch,
          networkEvaluations: 1,
          compileMs: 10 * (process + 1),
          firstMs: 7,
          samplesMs,
        },
      ],
    },
  });

  it("is requests times batch over total time", () => {
    expect(throughput(10, 16, 2000)).toBe(80);
  });

  it("pools processes: hand-computed", () => {
    const [row] = latencyRows(viewed([cell(0, [10, 20, 30]), cell(1, [40, 50])]));
    expect(row).toMatchObject({
      processes: 2,
      n: 5,
      meanMs: 30,
      msPerImage: 7.5,
      compileMs: 15,
      peakRssMiB: 101,
    });
    expect(row!.imagesPerSecond).toBeCloseTo((5 * 4) / 0.15, 10);
    expect(row!.percentiles.p50.value).toBeCloseTo(30, 12); // of 20 and 45, geometric
    expect(row!.processP50).toEqual({ low: 20, high: 45 });
    expect(row!.byProcess.map(({ secondsPerImage }) => secondsPerImage)).toEqual([0.005, 0.01125]);
    const gone = ([level]: [string, unknown]) => [level, row!.percentiles[level as "p5"]];
    expect(Object.fromEntries(Object.entries({ p5: 0, p90: 0, p95: 0, p99: 0 }).map(gone))).toEqual({
      p5: { defined: false, why: "p5 needs 59 requests, not 5" },
      p90: { defined: false, why: "p90 needs 29 requests, not 5" },
      p95: { defined: false, why: "p95 needs 59 requests, not 5" },
      p99: { defined: false, why: "p99 needs 299 requests, not 5" },
    });
  });

  it("gives a percentile where its requests carry one, in each process too", () => {
    const of = (...sizes: number[]) => {
      const cells = sizes.map((size, process) =>
        cell(
          process,
          Array.from({ length: size }, (_, i) => 10 + i),
        ),
      );
      return latencyRows(viewed(cells))[0]!.percentiles.p95;
    };
    expect(of(59)).toMatchObject({ defined: true, interval: { defined: false } });
    expect(of(58)).toMatchObject({ defined: false, why: "p95 needs 59 requests, not 58" });
    expect(of(20, 20, 20)).toMatchObject({ defined: true, interval: { defined: true } });
    expect(of(12, 12, 12, 12, 12)).toMatchObject({ why: "p95 needs 65 requests, not 60" });
    expect(of(80, 3)).toMatchObject({ why: "p95 needs 13 requests in each process, not 3" });
  });

  it("is a mean rate: throughput times mean request time is the batch", () => {
    for (const row of latencyRows(viewOf(run, fixture().cells)))
      expect((row.imagesPerSecond * row.meanMs) / 1000).toBeCloseTo(row.batch, 9);
  });

  it("has one order whatever the order of the cells, models as in the run", () => {
    const cells = [cell(0, [1], 4, "a"), cell(1, [2], 1, "a"), cell(2, [3], 1, "b")];
    const keys = (all: Cell[]) => latencyRows(viewed(all)).map(({ model, batch }) => `${model}${batch}`);
    expect(keys(cells)).toEqual(["b1", "a1", "a4"]);
    expect(keys(cells.toReversed())).toEqual(keys(cells));
  });

  it("compares at batch sizes that every model has", () => {
    const cells = [cell(0, [1], 1, "a"), cell(0, [1], 4, "a"), cell(0, [1], 4, "b")];
    expect(sharedBatches(viewed(cells))).toEqual([4]);
    expect(sharedBatches(viewed([]))).toEqual([]);
  });
});

describe("quality", () => {
  it("is the mean over seeds with their range", () => {
    const { run, cells } = fixture({ seeds: [1, 2, 3] });
    const point = qualityPoints(viewOf(run, cells)).find(({ model }) => model === "dcgan")!;
    const reading = readingNamed(point, "fid")!;
    const values = reading.bySeed.map(({ value }) => value);
    expect(values).toHaveLength(3);
    expect(reading.value).toBeCloseTo((values[0]! + values[1]! + values[2]!) / 3, 12);
    expect(reading.interval).toEqual({ low: Math.min(...values), high: Math.max(...values), of: "seeds" });
  });

  it("finds a metric whatever its k, and lists settings by sampler and steps", () => {
    const { run, cells } = fixture();
    const points = qualityPoints(viewOf(run, cells));
    expect(readingNamed(points[0], "coverage")?.metric).toBe("coverage_k5");
    expect(points.map(({ sampler, steps }) => `${sampler} ${steps}`)).toEqual([
      ...STEPS.map((steps) => `ddim ${steps}`),
      ...STEPS.map((steps) => `ddpm ${steps}`),
      "none 1",
    ]);
    expect(points[0]!.modeCounts).toHaveLength(MODES.length);
  });
});

describe("training curves", () => {
  it("are binned to mean, lowest and highest: hand-computed", () => {
    const curve = { steps: [1, 2, 3, 4, 5], values: [4, 2, 0, 8, 6] };
    expect(binned(curve, false, 2)).toEqual([
      { step: 2, mean: 3, low: 2, high: 4 },
      { step: 5, mean: 14 / 3, low: 0, high: 8 },
    ]);
    expect(binned(curve, true, 2)).toEqual([
      { step: 2, mean: 3, low: 2, high: 4 },
      { step: 5, mean: 7, low: 6, high: 8 },
    ]);
  });

  it("count what a logarithmic axis hides", () => {
    const { run, cells } = fixture({ awkward: true });
    const gan = trainingPanels(viewOf(run, cells)).find(
      ({ model, group }) => model === "dcgan" && group === "loss",
    )!;
    expect(gan).toMatchObject({ scale: "log", hidden: 1 });
    expect(gan.points.every(({ low }) => low > 0)).toBe(true);
  });
});

describe("the decision", () => {
  const { run, cells } = fixture();
  const decision = decide(run, cells);
  const textOf = (claim: string, of = decision) => of.findings.find((one) => one.claim === claim)?.text;

  it("states each family's best quality on a scale from real images to noise, and the training budget", () => {
    expect(textOf("Quality")).toBe(
      "The best FID of each family (lower is better): DCGAN 31.6 (1 of 1 seed); " +
        "DDPM U-Net, ddim, 100 steps 14.5 (1 of 1 seed). " +
        "At the same n of 1,000, real images score 1.4 and noise 320.",
    );
    expect(textOf("Coverage")).toMatch(/^The coverage of the same settings \(higher is better\): DCGAN /);
    expect(textOf("Training budget")).toMatch(/^The training times are about equal: .* images\.$/);
  });

  it("says what each time budget buys, at the smallest and the largest batch size", () => {
    expect(decision.budgets.map(({ batch }) => batch)).toEqual([1, 16]);
    for (const { ranges } of decision.budgets) {
      expect(ranges[0]).toEqual({ fromMs: 0, toMs: ranges[1]!.fromMs });
      const bought = ranges.slice(1);
      expect(bought[0]!.setting).toBe("DCGAN");
      expect(bought.at(-1)).toMatchObject({ setting: "DDPM U-Net, ddim, 100 steps", toMs: undefined });
      for (const [i, { value, fromMs }] of bought.entries())
        if (i > 0) {
          expect(value).toBeLessThan(bought[i - 1]!.value!);
          expect(fromMs).toBe(bought[i - 1]!.toMs);
        }
    }
  });

  it("says of one seed that it is inconclusive, and of absent stages that they were not measured", () => {
    expect(decision.answer.certainty.level).toBe("inconclusive");
    expect(stagesOf(viewOf(run, cells)).map(({ stage, state }) => [stage, state])).toEqual([
      ["stability", "measured"],
      ["latency", "measured"],
      ["diversity", "measured"],
      ["control", "not measured"],
      ["data", "not measured"],
      ["distill", "not measured"],
      ["tune", "not measured"],
    ]);
  });

  it("gives no answer where time or quality was not measured", () => {
    const untimed = cells.filter(({ id }) => !id.startsWith("latency"));
    expect(decide(run, untimed)).toMatchObject({
      answer: { verdict: "No answer: no setting was timed at batch size 1.", changes: [] },
      budgets: [],
    });
    const trained = fixture({ trainingOnly: true });
    expect(decide(trained.run, trained.cells).findings.map(({ claim }) => claim)).toEqual([
      "Training budget",
    ]);
  });

  it("does not call unequal training times equal", () => {
    const slower = cells.map((cell) =>
      cell.state === "done" && cell.record.kind === "train" && cell.record.model === "ddpm"
        ? { ...cell, record: { ...cell.record, seconds: 120 } }
        : cell,
    );
    expect(textOf("Training budget", decide(run, slower))).toMatch(
      /not equal: the longest is 2 times the shortest/,
    );
  });
});

describe("marks", () => {
  it("name what merged shards differ in", () => {
    const { run, cells } = fixture();
    const mismatches = ["b against a: engine tensorflow/node, not onnx/cpu"];
    expect(marksOf(viewOf({ ...run, merged: { shards: [], mismatches } }, cells, []))).toEqual([
      {
        label: "Mismatched shards",
        detail: `Merged although they differ, so numbers of different shards do not compare: ${mismatches[0]}.`,
      },
    ]);
    expect(marksOf(viewOf({ ...run, merged: { shards: [], mismatches: [] } }, cells, []))).toEqual([]);
  });

  it("are absent from a complete run and name what is missing, failed and emulated", () => {
    const whole = fixture();
    expect(marksOf(viewOf(whole.run, whole.cells, []))).toEqual([]);
    const { run, cells } = fixture({ partial: true, failed: true, software: true });
    const marks = marksOf(viewOf(run, cells, ["a line was cut off"]));
    expect(marks.map(({ label }) => label)).toEqual(["Partial run", "Failed cell", "Software GPU", "Notice"]);
    expect(marks[0]!.detail).toContain("Without a result: diversity-dcgan-1.");
    expect(marks[1]!.detail).toBe("latency-0: ENGINE_FAILED out of memory at batch 16");
  });

  it("say that float16 was emulated, where it was", () => {
    const { run, cells } = fixture();
    const labels = (change: Partial<typeof run.engine>) =>
      marksOf(viewOf({ ...run, engine: { ...run.engine, ...change } }, cells, [])).map(({ label }) => label);
    expect(labels({ precision: "float16" })).toEqual(["Emulated float16"]);
    expect(labels({ precision: "float32" })).toEqual([]);
    expect(labels({ precision: "float16", provider: "webgpu" })).toEqual([]);
    expect(engineWords({ ...run.engine, precision: "float16" })).toBe("onnx/cpu, sampling in float16");
    expect(engineWords(run.engine)).toBe("onnx/cpu");
  });
});

describe("numbers on the page", () => {
  it.each([
    [0, "0"],
    [0.01234, "0.0123"],
    [12.34, "12.3"],
    [1234.5, "1,235"],
    [-3.456, "-3.46"],
    [0.000012345, "1.2e-5"],
  ])("%d is %s", (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  it("carry the unit that reads best", () => {
    const plain = (text: string) => text.replaceAll("\u00a0", " ");
    expect([0.458, 13.8, 1500, 180_000, 9_000_000].map((ms) => plain(formatMs(ms)))).toEqual([
      "458 µs",
      "13.8 ms",
      "1.5 s",
      "3 min",
      "2.5 h",
    ]);
    expect([16_000, 21.4e6, 3.2e9].map((count) => plain(formatCount(count)))).toEqual([
      "16,000",
      "21.4 M",
      "3.2 G",
    ]);
  });
});

describe("networks of unlike size", () => {
  const caveatsOf = (factor: number) => {
    const { run, cells } = fixture();
    const [first, ...others] = run.models;
    const models = [{ ...first!, parameters: others[0]!.parameters! * factor }, ...others];
    return caveats(viewOf({ ...run, models }, cells)).filter((text) => text.includes("unlike size"));
  };

  it("are named where one has more than three times the other's parameters", () => {
    expect(caveatsOf(3)).toEqual([]);
    const [found] = caveatsOf(10);
    expect(found).toMatch(/^The networks are of unlike size: .* has .* parameters, .* has .* parameters;/);
  });
});
