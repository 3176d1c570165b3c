/** A model whose weights are not trained here is sampled, scored and timed beside one whose weights are. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { snapshotOf } from "../../../src/harness/compare/snapshot.ts";
import { type Run, recordSchema } from "../../../src/harness/record/index.ts";
import { decide, exportReport, writeReport } from "../../../src/harness/report/index.ts";
import { planCells } from "../../../src/harness/run/plan.ts";
import { stages } from "../../../src/harness/stages/index.ts";
import { latencyStage } from "../../../src/harness/stages/latency/run.ts";
import { resolveSuite } from "../../../src/harness/suite/index.ts";
import { compiledEngine } from "../../models/evaluate.ts";
import { fixture } from "../report/fixture.ts";
import { type Ran, runSuite } from "./in-process.ts";

vi.mock("../../../src/models/index.ts", async (original) => {
  const rest = await original<typeof import("../../../src/models/index.ts")>();
  const { picture } = await import("./picture.ts");
  return { ...rest, models: { ...rest.models, picture } };
});

const suite = {
  name: "sampled",
  dataset: { source: "shapes", size: 8, train: 200, test: 150 },
  models: {
    dcgan: {
      type: "dcgan",
      batch: 16,
      images: 160,
      options: { generatorWidth: 8, discriminatorWidth: 8, latent: 8, learningRate: 0.01, ema: 0.9 },
    },
    brought: { type: "picture", images: 1 },
  },
  judge: ["classifier", "classifier:perceptron", "pixels"],
  classifier: { batch: 32, images: 640 },
  stages: {
    diversity: { n: 50, batch: 32, k: 3, grid: 10 },
    control: { n: 50, images: 10, masks: ["half"] },
    latency: { batches: [1, 3], processes: 1, requests: 4, seconds: 0.05 },
  },
};

describe("the plan", () => {
  const all = {
    stability: {},
    sensitivity: {},
    data: { sizes: [50, 100] },
    cost: {},
    forward: {},
    likelihood: {},
  };
  const { config } = resolveSuite({ ...suite, stages: { ...suite.stages, ...all } }, [], "x");
  const cells = planCells(stages, config);

  it("has no training of a model that is not trained here, and no cell that reads or needs one", () => {
    const about = cells.filter(({ settings }) => settings.model === "brought").map(({ id }) => id);
    expect(about).toEqual(["diversity/brought/seed-0", "control/brought/seed-0"]);
    expect(cells.flatMap(({ needs }) => needs)).not.toContain("train/brought/seed-0");
    expect(cells.find(({ id }) => id === "cost")!.settings.networks).not.toHaveProperty("brought");
  });

  it("compares it with the same models in one latency cell", () => {
    expect(cells.find(({ id }) => id === "latency/process-0")).toMatchObject({
      needs: ["train/dcgan/seed-0"],
      settings: { models: { dcgan: [], brought: [] } },
    });
  });
});

it("is timed alone where the other model has no weights, with the reason", async () => {
  const { config } = resolveSuite(suite, [], "x");
  const engine = await compiledEngine();
  const [cell] = latencyStage.plan(config);
  const context = {
    cell: { ...cell!, configHash: "" },
    config,
    labels: 20,
    out: "",
    engine,
    dataset: () => Promise.reject(new Error("needs no data")),
    record: () => {
      throw new Error("has no record");
    },
    missing: (id: string) => `${id} failed`,
    note() {},
    progress() {},
  };
  expect(latencyStage.runsWithout!(config, ["train/dcgan/seed-0"])).toBe(true);
  const record = recordSchema.parse(await latencyStage.run(context));
  await engine.dispose();
  expect(record).toMatchObject({ without: [{ model: "dcgan", why: "train/dcgan/seed-0 failed" }] });
  if (record.kind !== "latency") throw new Error(record.kind);
  expect(record.series.map(({ model, batch }) => [model, batch])).toEqual([
    ["brought", 1],
    ["brought", 3],
  ]);
  const two = { ...suite, models: { one: suite.models.dcgan, other: suite.models.dcgan } };
  const trained = resolveSuite(two, [], "x").config;
  const needs = latencyStage.plan(trained)[0]!.needs;
  expect(latencyStage.runsWithout!(trained, [needs[0]!])).toBe(true);
  expect(latencyStage.runsWithout!(trained, needs)).toBe(false);
});

describe("the run", () => {
  let ran: Ran;
  beforeAll(async () => {
    ran = await runSuite(suite);
  });

  it("scores it in one pass like any other model, the noise as far from the data as the noise anchor", () => {
    const { settings, illustration, neighbours } = ran.record("diversity", "diversity/brought/seed-0");
    expect(settings).toMatchObject([{ sampler: "none", steps: 1, networkEvaluations: 1, n: 50 }]);
    const fid = ({ metrics }: (typeof settings)[number]) =>
      metrics.find(({ metric }) => metric === "fid")!.value;
    const { real, noise } = ran.record("anchors", "anchors");
    expect(fid(settings[0]!)).toBeGreaterThan(2 * fid(real));
    expect(Math.abs(fid(settings[0]!) / fid(noise) - 1)).toBeLessThan(0.2);
    expect(neighbours).toBeDefined();
    expect(illustration).toBeUndefined();
    expect(ran.record("diversity", "diversity/dcgan/seed-0").illustration).toBeDefined();
  });

  it("scores the averaged weights as the setting that was swept, and raw ones beside them; brought ones not at all", () => {
    const { settings, weights } = ran.record("diversity", "diversity/dcgan/seed-0");
    const [averaged, raw, ...others] = weights!;
    expect(others).toEqual([]);
    const { grid: _, ...swept } = settings[0]!;
    expect(averaged).toEqual({ weights: "averaged", quality: swept });
    expect(raw).toMatchObject({ weights: "raw", quality: { sampler: "none", steps: 1, n: 50 } });
    expect(raw!.quality.metrics).not.toEqual(swept.metrics);
    expect(ran.record("diversity", "diversity/brought/seed-0").weights).toBeUndefined();
  });

  it("is judged in every feature space of the suite, as are the anchors", () => {
    const { settings } = ran.record("diversity", "diversity/brought/seed-0");
    const { real, noise } = ran.record("anchors", "anchors");
    for (const { confirmed } of [settings[0]!, real, noise]) {
      expect(confirmed?.map(({ judge }) => judge)).toEqual(["classifier:perceptron", "pixels"]);
      for (const { metrics } of confirmed!)
        expect(metrics.map(({ metric }) => metric)).toEqual(["fid", "coverage_k3"]);
    }
    const fids = [real, settings[0]!].map(({ confirmed }) =>
      confirmed!.map(({ metrics }) => metrics[0]!.value),
    );
    for (const [i, value] of fids[0]!.entries()) expect(fids[1]![i]).toBeGreaterThan(2 * value);
  });

  it("fills no holes with it, as it has no inpainter", () => {
    expect(ran.record("control", "control/brought/seed-0")).toMatchObject({ points: [], inpainting: [] });
    expect(ran.record("control", "control/dcgan/seed-0").inpainting).toHaveLength(1);
  });

  it("times its requests at every batch", () => {
    const { series } = ran.record("latency", "latency/process-0");
    expect(series.map(({ model, batch }) => `${model} ${batch}`)).toEqual([
      "dcgan 1",
      "dcgan 3",
      "brought 1",
      "brought 3",
    ]);
    for (const { samplesMs } of series) {
      expect(samplesMs.length).toBeGreaterThanOrEqual(3);
      expect(samplesMs.length).toBeLessThanOrEqual(4);
    }
  });

  it("is in every part of the report: tables, page, Markdown, answer and comparison", async () => {
    const { out, models } = ran;
    const cells = [...ran.cells];
    expect(models.map(({ id, trained, imagesSeen }) => [id, trained, imagesSeen])).toEqual([
      ["dcgan", true, 160],
      ["brought", false, undefined],
    ]);
    const run: Run = {
      ...fixture().run,
      config: ran.config,
      dataset: ran.dataset,
      models: [...models],
      plan: cells.map(({ id, configHash }) => ({
        id,
        configHash,
        kind: ran.records.get(id)!.kind,
        needs: [],
      })),
    };
    await writeFile(join(out, "run.json"), JSON.stringify(run));
    await writeFile(join(out, "cells.jsonl"), cells.map((cell) => `${JSON.stringify(cell)}\n`).join(""));
    const { warnings } = await writeReport(out);
    expect(warnings).toEqual([]);
    await exportReport(out, { markdown: true });
    for (const [file, named] of [
      ["report.html", /Picture: not trained here/],
      ["report.md", /Picture: not trained here/],
      ["csv/latency.csv", /^brought,none,1,/m],
      ["csv/diversity.csv", /^brought,0,none,1,/m],
    ] as const)
      expect(await readFile(join(out, file), "utf8"), file).toMatch(named);
    const page = await readFile(join(out, "report.html"), "utf8");
    expect(page.replaceAll(/<script[\s\S]*?<\/script>/g, "")).not.toMatch(/NaN|undefined [a-z]/);
    expect(page).toContain("Picture, not trained here");
    const { answer, scope } = decide(run, cells);
    expect(scope).toContain("Picture: not trained here");
    expect(answer.verdict).toContain("of the 2 settings");
    const keys = snapshotOf({ run, cells }).rows.map(({ key }) => key);
    expect(keys).toContain("latency/brought/one-pass/batch-1/request_ms");
    expect(keys).toContain("diversity/brought/one-pass/fid");
    expect(keys).toContain("diversity/dcgan/weights/raw/fid");
    expect(keys).not.toContain("diversity/dcgan/weights/averaged/fid"); // a setting's already
  });
});
