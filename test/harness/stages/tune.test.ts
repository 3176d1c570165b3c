/** The search for settings: its plan, what goes on, what it reads, and what it leaves. */
import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rng } from "../../../src/core/rng.ts";
import { type Dataset, mostCompared } from "../../../src/harness/datasets/index.ts";
import type { TuneRecord } from "../../../src/harness/record/index.ts";
import { planCells } from "../../../src/harness/run/plan.ts";
import { stages } from "../../../src/harness/stages/index.ts";
import { tuningOf } from "../../../src/harness/stages/tune/tables.ts";
import { resolveSuite, tuneConfig } from "../../../src/harness/suite/index.ts";
import { nowhere } from "../../../src/harness/suite/places.ts";
import { type Ran, runSuite } from "./in-process.ts";

const gan = { type: "dcgan", batch: 8, options: { generatorWidth: 8, discriminatorWidth: 8, latent: 8 } };
const unet = { base: 8, multipliers: [1], blocks: 1, timesteps: 8, target: "v" };
const suite = {
  name: "search",
  dataset: { size: 8, train: 60, test: 90 },
  models: {
    teacher: {
      type: "ddpm",
      batch: 8,
      images: 100,
      options: unet,
      sampling: [{ sampler: "ddim", steps: [2] }],
    },
    student: {
      type: "progressive",
      teacher: "teacher",
      batch: 8,
      images: 60,
      options: { from: 2 },
      sampling: [{ sampler: "ddim", steps: [1] }],
    },
    gan: { ...gan, images: 1000 },
  },
  classifier: { batch: 8, images: 80 },
  stages: {},
};

const searched = (tune: object, models: object = suite.models) =>
  tuneConfig(resolveSuite({ ...suite, models, tune }, [], "test").config, nowhere("test"));
const planned = (tune: object) =>
  planCells(stages, searched(tune)).filter(({ kind }) => kind !== "classifier");

describe("the plan", () => {
  const cells = planned({ trials: 18, eta: 3, rungs: 3, seeds: 2, n: 30 });
  const of = (model: string, rung: number) =>
    cells.filter(({ id }) => id.startsWith(`tune/${model}/rung-${rung}/`));

  it("gives every model the same trials, and each rung eta times the images of the one before", () => {
    for (const model of ["teacher", "student", "gan"])
      expect([0, 1, 2].map((rung) => of(model, rung).length)).toEqual([18, 6, 2 * 2]);
    expect(new Set(cells.map(({ kind }) => kind))).toEqual(new Set(["tune"])); // no training that is reported
    expect([0, 1, 2].map((rung) => of("gan", rung)[0]!.settings.images)).toEqual([112, 334, 1000]);
  });

  it("lets a rung read the rung before, and a student the teacher's last one", () => {
    const ids = (model: string, rung: number) => of(model, rung).map(({ id }) => id);
    for (const { needs } of of("gan", 2)) expect(needs).toEqual(["classifier", ...ids("gan", 1)]);
    for (const { needs } of of("student", 0)) expect(needs).toEqual(["classifier", ...ids("teacher", 2)]);
  });

  it("draws each trial by its seed, the first being the suite's own", () => {
    const options = (tune: object) =>
      planned({ trials: 4, n: 30, ...tune })
        .filter(({ id }) => id.startsWith("tune/gan/rung-0/"))
        .map(({ settings }) => settings.options);
    const drawn = options({});
    expect(drawn[0]).toEqual({ learningRate: 2e-4, beta1: 0.5, ema: 0 });
    expect(new Set(drawn.map((one) => JSON.stringify(one))).size).toBe(4);
    expect(options({ models: ["gan"] })).toEqual(drawn);
    expect(options({ seed: 5000 }).slice(1)).not.toEqual(drawn.slice(1));
    expect(options({ trials: 16 }).slice(0, 4)).toEqual(drawn);
  });

  it("trains a teacher that it does not tune, with the search's seeds and nothing else", () => {
    const ids = planned({ trials: 4, models: ["student"], seeds: 2, n: 30 }).map(({ id }) => id);
    expect(ids.filter((id) => id.startsWith("train/"))).toEqual([
      "train/teacher/seed-1000",
      "train/teacher/seed-1001",
    ]);
    expect(ids.filter((id) => id.startsWith("tune/"))).toHaveLength(4 + 2);
  });
});

const recordsOf = ({ records }: Ran, model: string): TuneRecord[] =>
  [...records.values()].flatMap((record) =>
    record.kind === "tune" && record.model === model ? [record] : [],
  );
const rungOf = (records: readonly TuneRecord[], rung: number) =>
  records.filter((record) => record.rung === rung);
const fid = ({ quality }: TuneRecord) => quality?.metrics.find(({ metric }) => metric === "fid")?.value;

/** The dataset with noise in place of every test image that does not choose. */
function withoutReported(dataset: Dataset): Dataset {
  const { images } = dataset.test;
  const size = images.data.length / images.count;
  const draws = rng(1);
  const reported = 2 * mostCompared(images.count) * size;
  const data = images.data.map((value, i) => (i < reported ? draws.integer(256) : value));
  return { ...dataset, test: { ...dataset.test, images: { ...images, data } } };
}

describe("a search of seconds", () => {
  const tune = {
    trials: 4,
    eta: 2,
    n: 30,
    models: ["gan"],
    space: { gan: { learningRate: { log: [1e-4, 1e-2] }, beta1: [0, 0.5] } },
  };
  const models = { gan: { ...gan, images: 60, options: { ...gan.options, learningRate: 1e30 } } };
  let ran: Ran;
  beforeAll(async () => {
    ran = await runSuite(searched(tune, models));
  });
  afterAll(() => rmSync(ran.out, { recursive: true }));

  it("sends the best of a rung on, with their options; a trial that diverges is the last", () => {
    const records = recordsOf(ran, "gan");
    const [first, last] = [rungOf(records, 0), rungOf(records, 1)];
    expect(first[0]).toMatchObject({ trial: 0, outcome: "diverged", options: { learningRate: 1e30 } });
    expect(first[0]!.quality).toBeUndefined();
    const ranked = first.slice(1).toSorted((a, b) => fid(a)! - fid(b)!);
    expect(last.map(({ trial, options }) => ({ trial, options }))).toEqual(
      ranked.slice(0, 2).map(({ trial, options }) => ({ trial, options })),
    );
    for (const { imagesSeen, seed } of last) expect([imagesSeen, seed]).toEqual([64, 1000]);
    for (const { imagesSeen } of first.slice(1)) expect(imagesSeen).toBe(32);
  });

  it("comes to the best of the last rung, and tells every trial's value", () => {
    const records = recordsOf(ran, "gan");
    const tuning = tuningOf(records)!;
    const best = rungOf(records, 1).toSorted((a, b) => fid(a)! - fid(b)!)[0]!;
    expect(tuning.best).toMatchObject({ trial: best.trial, options: best.options });
    expect(tuning.best!.value).toBeCloseTo(fid(best)!, 4);
    expect(tuning.how).toBe("successive halving, eta 2: 4 trials at 30 images, the best 2 at 60 images");
    expect(tuning.rungs!.map(({ values }) => values.length)).toEqual([4, 2]);
    expect(tuning.rungs![0]!.values[0]).toMatchObject({
      why: expect.stringMatching(/^diverged at step \d+: /),
    });
    expect(tuningOf(records.slice(1))).toBeUndefined(); // a search that is not over chooses nothing
  });

  it("reads neither the reference nor the floor: what stands there changes no number", async () => {
    const blind = await runSuite(searched({ ...tune, trials: 2 }, models), undefined, withoutReported);
    rmSync(blind.out, { recursive: true });
    const bare = ({ seconds: _, search: __, ...record }: TuneRecord) => record;
    const firstTwo = rungOf(recordsOf(ran, "gan"), 0).slice(0, 2);
    expect(rungOf(recordsOf(blind, "gan"), 0).map(bare)).toEqual(firstTwo.map(bare));
  });
});

it("a student learns from the best teacher of its search", async () => {
  const space = { teacher: { learningRate: [1e-3] }, student: { learningRate: [1e-3] } };
  const { teacher, student } = suite.models;
  const options = { trials: 2, eta: 2, n: 30, space };
  const ran = await runSuite(searched(options, { teacher, student }));
  rmSync(ran.out, { recursive: true });
  const [first, last] = [0, 1].map((rung) => rungOf(recordsOf(ran, "teacher"), rung));
  expect(first!.map(({ checkpoint }) => checkpoint)).toEqual([undefined, undefined]);
  expect(last!.map(({ checkpoint }) => checkpoint?.path)).toEqual([
    "checkpoints/tune-teacher-rung-1-place-0-seed-1000.safetensors",
  ]);
  expect(recordsOf(ran, "student").map(({ outcome }) => outcome)).toEqual(Array(3).fill("trained"));
});
