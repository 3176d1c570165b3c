/** The table behind the decision, from records in which trainings fail, judges disagree and floors are stated. */
import { describe, expect, it } from "vitest";
import type { Cell, CellRecord, Run } from "../../../src/harness/record/index.ts";
import { decisionData, marksOf } from "../../../src/harness/report/analysis/index.ts";
import {
  answered,
  candidateTable,
  choose,
  defaultRequirements,
  readRequirements,
  withPreset,
} from "../../../src/harness/report/decide/index.ts";
import { qualityTable } from "../../../src/harness/stages/diversity/quality.ts";
import { diversity } from "../../../src/harness/stages/diversity/tables.ts";
import { type View, viewOf } from "../../../src/harness/tables/index.ts";
import { deploymentRun, GAN, STUDENT } from "./deployments.ts";

type Variant = Parameters<typeof deploymentRun>[0];

/** A run whose records are changed, each by its cell's id; `undefined` takes the cell away. */
function changed(
  variant: Variant,
  change: (record: CellRecord, id: string) => CellRecord | undefined,
  more: Partial<Run> = {},
): View {
  const { run, cells } = deploymentRun(variant);
  return viewOf(
    { ...run, ...more },
    cells.flatMap((cell): Cell[] => {
      if (cell.state !== "done") return [cell];
      const record = change(cell.record, cell.id);
      return record ? [{ ...cell, record }] : [];
    }),
  );
}

const optionOf = (view: View, name: string) =>
  decisionData(view).options.find((option) => option.name === name)!;

const SEEDS = [1, 2, 3, 4];

/** A run of four seeds in which the GAN's trainings with the `failed` ones diverge, after half the time. */
function withFailures(failed: readonly number[]): View {
  const { run, cells } = deploymentRun({ seeds: SEEDS });
  const training = cells.find(({ id }) => id === "train-dcgan");
  if (training?.state !== "done" || training.record.kind !== "train") throw new Error("no training");
  const { record } = training;
  const trainings = SEEDS.map((seed): Cell => {
    const diverged = failed.includes(seed);
    const outcome = diverged ? "diverged" : "trained";
    return {
      ...training,
      id: `train-dcgan-${seed}`,
      record: { ...record, seed, outcome, seconds: diverged ? 50 : 100 },
    };
  });
  const kept = cells.filter(
    ({ id }) => id !== "train-dcgan" && !failed.some((seed) => id === `diversity-dcgan-${seed}`),
  );
  return viewOf({ ...run, config: { ...run.config, seed: 1, seeds: 4 } }, [...trainings, ...kept]);
}

describe("seeds that failed", () => {
  it("are counted beside the mean of the others, and paid for", () => {
    const view = withFailures([2]);
    const option = optionOf(view, GAN);
    expect(option.quality.fid).toMatchObject({ value: 30, of: 4 });
    expect(option.quality.fid!.bySeed.map(({ seed }) => seed)).toEqual([1, 3, 4]);
    expect(option.trainings).toEqual({ usable: 3, of: 4 });
    expect(option.trainSeconds).toBeCloseTo((3 * 100 + 50) / 3, 9); // all that was spent, a usable model
    const { verdict, reason, certainty, notes } = answered(
      decisionData(view),
      defaultRequirements(decisionData(view)),
    );
    expect(verdict).toContain("mean of 3 of 4 seeds");
    expect(reason).toContain("(1 of 4 trainings failed and are paid for)");
    expect(certainty.level).not.toBe("supported");
    expect(notes).toContain("Means of survivors, since not every seed has a value: DCGAN (3 of 4 seeds).");
  });

  it("stand in every table: 3 of 4, and a row without a value that says why", () => {
    const view = withFailures([2]);
    const data = decisionData(view);
    const decided = candidateTable(data, defaultRequirements(data));
    const own = decided.rows.find(({ cells }) => cells[0]!.text === GAN)!;
    expect(own.cells[decided.columns.indexOf("seeds")]!.text).toBe("only 3 of 4");
    const table = qualityTable(view);
    const rows = new Map(table.rows.map((row) => [row[0], row[table.columns.indexOf("seeds")]]));
    expect([rows.get(GAN), rows.get(STUDENT), rows.get("noise")]).toEqual(["3 of 4", "4 of 4", ""]);
    expect(diversity.rows(view).filter(({ value }) => value === undefined)).toMatchObject([
      { model: "dcgan", seed: 2, metric: "fid", why: "training diverged" },
    ]);
  });

  it("that are most of a model's keep it from being chosen", () => {
    const data = decisionData(withFailures([2, 3, 4]));
    const { chosen, candidates } = choose(data, defaultRequirements(data));
    expect(chosen?.option.name).toBe(STUDENT);
    expect(candidates.find(({ option }) => option.name === GAN)?.trains).toBe(false);
  });

  it("that are all of them take the model out of the answer, by name", () => {
    const data = decisionData(withFailures(SEEDS));
    expect(data.missing).toEqual([{ title: GAN, why: "4 trainings, none of them usable" }]);
    expect(answered(data, defaultRequirements(data)).notes[0]).toBe(
      "DCGAN is not in this answer: 4 trainings, none of them usable.",
    );
  });
});

describe("a metric that is undefined at a seed", () => {
  it("does not leave the mean unsaid", () => {
    const view = changed({ seeds: SEEDS }, (record, id) => {
      if (record.kind !== "diversity" || id !== "diversity-student-3") return record;
      const settings = record.settings.map((quality) => ({
        ...quality,
        metrics: quality.metrics.filter(({ metric }) => metric !== "coverage_k5"),
        undefinedMetrics: [{ metric: "coverage_k5", why: "made so" }],
      }));
      return { ...record, settings };
    });
    expect(optionOf(view, STUDENT).quality.coverage).toMatchObject({
      value: 0.6,
      of: 4,
      bySeed: { length: 3 },
    });
    const { columns, rows } = qualityTable(view);
    const row = rows.find(([name]) => name === STUDENT)!;
    expect(row[columns.indexOf("seeds")]).toBe("4 of 4");
    expect(row[columns.indexOf("Coverage")]).toBe("0.6 (3 of 4 seeds)");
  });
});

describe("the default floor", () => {
  const distill = (floor: object) => {
    const { config } = deploymentRun().run;
    return { config: { ...config, stages: { distill: { teacher: "ddpm", metric: "fid", floor } } } };
  };
  const floorOf = (view: View) => decisionData(view).metrics.find(({ name }) => name === "fid");
  /** A distill record of one seed, as the audit found the decision to take the first of. */
  const record = (seed: number, value: number): CellRecord => ({
    kind: "distill",
    seed,
    teacher: "ddpm",
    floor: { metric: "fid", direction: "lower", value, rule: "the best of ddpm times 1.25" },
    arms: [],
    fewest: [],
    cost: [],
  });

  it("is a tenth of the way from real images to noise, whatever the teacher of a student scored", () => {
    const { run, cells } = deploymentRun();
    const records = [record(0, 15), record(1, 40)].map(
      (one, i): Cell => ({ ...cells[0]!, id: `distill-${i}`, state: "done", record: one }),
    );
    const view = viewOf({ ...run, ...distill({ ofTeachersBest: 1.25 }) }, [...cells, ...records]);
    for (const one of [view, viewOf(view.run, view.cells.toReversed())])
      expect(floorOf(one)).toMatchObject({
        floor: 32,
        floorRule: "a tenth of the way from real images to noise",
      });
  });

  it("is the suite's own where it states one", () => {
    const { run, cells } = deploymentRun();
    const view = viewOf({ ...run, ...distill({ value: 17.5 }) }, cells);
    expect(floorOf(view)).toMatchObject({ floor: 17.5, floorRule: "set by the suite" });
    const data = decisionData(view);
    expect(answered(data, defaultRequirements(data)).asked).toContain("FID at most 17.5 (set by the suite)");
  });

  it("is one for all seeds, each taken alone", () => {
    const view = changed({ seeds: SEEDS }, (record) => {
      if (record.kind !== "diversity" || record.model !== "dcgan") return record;
      const fid = record.seed === 3 ? 33 : 30;
      const settings = record.settings.map((quality) => ({
        ...quality,
        metrics: quality.metrics.map((one) => (one.metric === "fid" ? { ...one, value: fid } : one)),
      }));
      return { ...record, settings };
    });
    const data = decisionData(view);
    expect(answered(data, defaultRequirements(data)).certainty.text).toMatch(
      /^3 of 4 seeds, each taken alone, /,
    );
  });
});

describe("labels", () => {
  it("are asked of no model by default, unless every model is told them", () => {
    const { run, cells } = deploymentRun();
    const every = { ...run, models: run.models.map((model) => ({ ...model, classes: 10 })) };
    expect(defaultRequirements(decisionData(viewOf(run, cells))).labels).toBe("none");
    expect(defaultRequirements(decisionData(viewOf(every, cells))).labels).toBe("any");
  });

  it("stand as a column of the decision, of what was measured and of diversity.csv", () => {
    const { run, cells } = deploymentRun();
    const view = viewOf(run, cells);
    const data = decisionData(view);
    const { columns, rows } = candidateTable(data, defaultRequirements(data));
    const told = columns.indexOf("told labels");
    expect(rows.map(({ cells }) => [cells[0]!.text, cells[told]!.text, cells[1]!.text])).toEqual([
      ["DCGAN", "no", "chosen"],
      [STUDENT, "no", "qualifies"],
      ["DDPM U-Net, ddim, 10 steps", "yes", "told labels"],
      ["DDPM U-Net, ddim, 50 steps", "yes", "told labels"],
    ]);
    const of = (model: string) => diversity.rows(view).find((row) => row.model === model)?.toldLabels;
    expect([of("real"), of("dcgan"), of("ddpm")]).toEqual([undefined, "no", "yes"]);
    expect(qualityTable(view).columns).toContain("told labels");
  });

  it("of an older link are understood", () => {
    const data = decisionData(viewOf(deploymentRun().run, deploymentRun().cells));
    expect(readRequirements(data, "#decide?steer=yes")?.labels).toBe("given");
    expect(readRequirements(data, "#decide?steer=no")?.labels).toBe("none");
  });

  it("with guidance are settings like any other", () => {
    const guided = "ddim (guidance 1)";
    const relabel = <T extends { readonly sampler: string; readonly steps: number }>(
      all: readonly T[],
    ): T[] =>
      all.map((one) => (one.sampler === "ddim" && one.steps === 10 ? { ...one, sampler: guided } : one));
    const view = changed({}, (record) => {
      if (record.kind === "diversity") return { ...record, settings: relabel(record.settings) };
      return record.kind === "latency" ? { ...record, series: relabel(record.series) } : record;
    });
    const data = decisionData(view);
    const { chosen } = choose(data, { ...defaultRequirements(data), labels: "given" });
    expect(chosen?.option.name).toBe("DDPM U-Net, ddim (guidance 1), 10 steps");
  });
});

describe("judges that confirm", () => {
  it("are read from the records, by judge and seed", () => {
    const view = changed({ seeds: SEEDS }, (record) => {
      if (record.kind !== "diversity") return record;
      const settings = record.settings.map((quality) => ({
        ...quality,
        confirmed: [
          {
            judge: "pixels",
            metrics: quality.metrics
              .filter(({ metric }) => metric === "fid")
              .map((one) => ({ ...one, value: record.model === "dcgan" ? 1 : 5 + record.seed })),
            undefinedMetrics: [],
          },
        ],
      }));
      return { ...record, settings };
    });
    const data = decisionData(view);
    expect(optionOf(view, STUDENT).quality).toMatchObject({
      fid: {
        confirmed: [
          { judge: "pixels", value: 7.5, bySeed: SEEDS.map((seed) => ({ seed, value: 5 + seed })) },
        ],
      },
      coverage: { confirmed: undefined },
    });
    // the student is the best by the first judge; pixels put the GAN before it, whatever the seed
    const best = { ...defaultRequirements(data), prefer: "best" } as const;
    expect(choose(data, best).chosen?.option.name).toBe(STUDENT);
    expect(answered(data, best).certainty).toMatchObject({
      level: "inconclusive",
      text: expect.stringContaining("The judges disagree: pixels ranks DCGAN before it"),
    });
  });
});

describe("percentiles that requests cannot carry", () => {
  const few = (requests: number, model?: string) =>
    changed({}, (record) => {
      if (record.kind !== "latency") return record;
      const series = record.series.map((one) =>
        model === undefined || one.model === model
          ? { ...one, samplesMs: one.samplesMs.slice(0, requests) }
          : one,
      );
      return { ...record, series };
    });

  it("are not asked for by default: the median is, and the preset says so", () => {
    const data = decisionData(few(3));
    const asked = defaultRequirements(data);
    expect(asked).toMatchObject({ percentile: "p50", budgetMs: 100 });
    expect(withPreset(data, "frame-rate", asked).percentile).toBe("p50");
    expect(answered(data, asked).verdict).toContain("(p50, ");
  });

  it("keep a setting from qualifying, and the answer from being certain", () => {
    const data = decisionData(few(3, "dcgan"));
    const asked = defaultRequirements(data);
    expect(asked.percentile).toBe("p95");
    const { chosen, candidates } = choose(data, asked);
    expect(chosen?.option.name).toBe(STUDENT);
    const own = candidates.find(({ option }) => option.name === GAN)!;
    expect(own).toMatchObject({
      ms: undefined,
      meetsBudget: false,
      unjudged: "p95 needs 65 requests, not 15",
    });
    expect(answered(data, asked).certainty.text).toContain(
      "DCGAN would be chosen if it were within the budget, but p95 needs 65 requests, not 15.",
    );
    const { columns, rows } = candidateTable(data, asked);
    const row = rows.find(({ cells }) => cells[0]!.text === GAN)!;
    expect(row.cells[columns.indexOf("time per request, p95")]!.text).toBe("needs 65 requests, not 15");
  });

  it("do not matter where the median alone is too slow, nor without a budget", () => {
    const data = decisionData(few(3, "dcgan"));
    const of = (budgetMs?: number) =>
      choose(data, { ...defaultRequirements(data), budgetMs }).candidates.find(
        ({ option }) => option.name === GAN,
      );
    expect(of(1)).toMatchObject({ unjudged: undefined, meetsBudget: false });
    expect(of(undefined)).toMatchObject({ unjudged: undefined, meetsBudget: true });
  });
});

describe("a metric of no weight", () => {
  it("is not offered", () => {
    const { run, cells } = deploymentRun();
    const metrics = run.metrics.map((one) => (one.name === "coverage" ? { ...one, weight: undefined } : one));
    expect(decisionData(viewOf({ ...run, metrics }, cells)).metrics.map(({ name }) => name)).toEqual(["fid"]);
  });
});

describe("real images no better than noise", () => {
  it("are marked at the top, and nothing is ranked", () => {
    const view = changed({}, (record) =>
      record.kind === "anchors" ? { ...record, noise: record.real } : record,
    );
    expect(marksOf(view).map(({ label }) => label)).toContain("No scale");
    const data = decisionData(view);
    expect(answered(data, defaultRequirements(data)).verdict).toBe(
      "No answer: by FID real images score 2, no better than noise with 2.",
    );
  });
});
