/** The stages of control, data and distillation from end to end, on models of seconds. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { decode } from "fast-png";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Quality } from "../../../src/harness/record/index.ts";
import { chosenWeight } from "../../../src/harness/stages/control/choice.ts";
import { type Ran, runSuite } from "./in-process.ts";

const network = { base: 8, multipliers: [1, 2], blocks: 1, timesteps: 32, schedule: { name: "cosine" } };
const training = { batch: 16, images: 480 };
const student = { ...training, teacher: "ddpm" };

let ran: Ran;
beforeAll(async () => {
  ran = await runSuite({
    name: "claims",
    dataset: { source: "shapes", size: 8, train: 300, test: 300 },
    models: {
      ddpm: {
        type: "ddpm",
        ...training,
        options: { ...network, target: "v", conditional: true, learningRate: 2e-3, warmup: 5, ema: 0.9 },
        sampling: [
          { sampler: "ddim", steps: [1, 4] },
          { sampler: "ddim", steps: [4], options: { guidance: 1 } },
        ],
        scoring: { sampler: "ddim", steps: 4 },
      },
      halved: {
        type: "progressive",
        ...student,
        options: { from: 8, learningRate: 1e-3, ema: 0.9 },
        sampling: [{ sampler: "ddim", steps: [1, 2] }],
      },
      consistent: {
        type: "consistency",
        ...student,
        options: { levels: 8, learningRate: 1e-3, ema: 0.9 },
        sampling: [{ sampler: "consistency", steps: [1, 2] }],
      },
      alone: {
        type: "consistency-training",
        ...training,
        options: { ...network, learningRate: 1e-3, ema: 0.9, levelsLast: 20 },
        sampling: [{ sampler: "consistency", steps: [1] }],
      },
      dcgan: {
        type: "dcgan",
        ...training,
        options: { generatorWidth: 8, discriminatorWidth: 8, latent: 8, conditional: true },
      },
    },
    classifier: { batch: 32, images: 1600 },
    stages: {
      diversity: { n: 80, batch: 40, k: 3, grid: 10 },
      control: {
        guidance: [0, 1],
        n: 80,
        masks: ["centre"],
        images: 20,
        fills: 2,
        repeated: 4,
        cas: { n: 1000, images: 320 },
        inpainting: { ddpm: { steps: 4, resamples: 2, jumpLength: 2 }, dcgan: { steps: 3 } },
        models: ["ddpm", "halved", "dcgan"],
      },
      data: { sizes: [110, 150], images: 320, n: 100, checkpoints: 2, models: ["ddpm", "dcgan"] },
      distill: { teacher: "ddpm", floor: { value: 1e6 } },
    },
  });
}, 240_000);
afterAll(() => {
  if (ran) rmSync(ran.out, { recursive: true });
});

describe("diversity", () => {
  it("samples a conditional model guided where the suite asks for it, by that name and at its cost", () => {
    const { settings } = ran.record("diversity", "diversity/ddpm/seed-0");
    expect(
      settings.map(({ sampler, steps, networkEvaluations }) => [sampler, steps, networkEvaluations]),
    ).toEqual([
      ["ddim", 1, 1],
      ["ddim", 4, 4],
      ["ddim (guidance 1)", 4, 8],
    ]);
  });

  it("samples students at their own counts, and counts their evaluations", () => {
    const settings = (id: string) =>
      ran
        .record("diversity", `diversity/${id}/seed-0`)
        .settings.map(({ sampler, steps, networkEvaluations }) => [sampler, steps, networkEvaluations]);
    expect(settings("halved")).toEqual([
      ["ddim", 1, 1],
      ["ddim", 2, 2],
    ]);
    expect(settings("consistent")).toEqual([
      ["consistency", 1, 1],
      ["consistency", 2, 2],
    ]);
    expect(settings("alone")).toEqual([["consistency", 1, 1]]);
  });

  it.each(["ddpm", "halved", "consistent", "alone", "dcgan"])(
    "pictures how %s works and what it is near to",
    (id) => {
      const { illustration, neighbours } = ran.record("diversity", `diversity/${id}/seed-0`);
      expect(neighbours).toMatchObject({ rows: 2, columns: 10 });
      const { width, height } = decode(readFileSync(join(ran.out, illustration!.file.path)));
      const { rows, columns } = illustration!;
      expect([width, height]).toEqual([9 * columns - 1, 9 * rows - 1]); // 8 pixels an image and one between
    },
  );
});

describe("control", () => {
  it("asks for every label at every weight, and counts both halves of a guided step", () => {
    const { points } = ran.record("control", "control/ddpm/seed-0");
    expect(points.map(({ guidance, networkEvaluations }) => [guidance, networkEvaluations])).toEqual([
      [0, 4],
      [1, 8],
    ]);
    for (const { perLabel, accuracy, quality } of points) {
      expect(perLabel.reduce((sum, { asked }) => sum + asked, 0)).toBe(80);
      expect(perLabel.reduce((sum, { right }) => sum + right, 0)).toBe(Math.round(80 * accuracy.value));
      expect(quality.n).toBe(80);
    }
    const asked = points.map(({ perLabel }) => perLabel.map(({ asked }) => asked));
    expect(asked[0]).toEqual(asked[1]); // the same labels at every weight
  });

  it("chooses the weight on samples that are not reported, against images that are not reported on", () => {
    const { points, chosenGuidance } = ran.record("control", "control/ddpm/seed-0");
    for (const { quality, validation } of points) {
      expect(validation!.quality.n).toBe(40);
      const [reported, choosing] = [quality, validation!.quality].map(
        ({ metrics }) => metrics.find(({ metric }) => metric === "fid")!.value,
      );
      expect(choosing).not.toBe(reported);
    }
    expect(chosenGuidance).toBe(
      chosenWeight(
        points.map(({ guidance, validation }) => ({
          guidance: guidance!,
          accuracy: validation!.accuracy.value,
          coverage: validation!.quality.metrics.find(({ metric }) => metric === "coverage_k3")!.value,
        })),
      ),
    );
    const { points: only, ...gan } = ran.record("control", "control/dcgan/seed-0");
    expect(only[0]).not.toHaveProperty("validation");
    expect(gan).not.toHaveProperty("chosenGuidance");
  });

  it.each(["ddpm", "halved", "dcgan"])(
    "has a classifier learn from %s, at most as many images as there are real ones to learn from",
    (id) => {
      const { cas } = ran.record("control", `control/${id}/seed-0`);
      expect(cas).toMatchObject({ n: 300, imagesSeen: 320, tested: 80 });
      expect(cas!.real).toEqual(ran.record("control", "control/ddpm/seed-0").cas!.real);
    },
  );

  it.each(["halved", "dcgan"])("asks %s, which has no guidance, in its one way", (id) => {
    const { points } = ran.record("control", `control/${id}/seed-0`);
    expect(points).toHaveLength(1);
    expect(points[0]).not.toHaveProperty("guidance");
  });

  it.each([
    ["ddpm", 4 + 2],
    ["halved", 4],
  ])("fills holes with %s", (id, least) => {
    const [filled] = ran.record("control", `control/${id}/seed-0`).inpainting;
    expect(filled).toMatchObject({
      mask: "centre",
      images: 20,
      filled: { reference: 80, fills: 2, repeated: 4 },
    });
    expect(filled!.networkEvaluations).toBeGreaterThanOrEqual(least);
    expect(filled!.error.value).toBeGreaterThan(0);
  });
});

describe("holes", () => {
  it.each([
    ["ddpm", [true, false]], // like pairs with like: it can do without its label
    ["halved", [true]],
    ["dcgan", [true]],
  ])("are filled by %s with its label told, and without where it can", (id, ways) => {
    const { inpainting } = ran.record("control", `control/${id}/seed-0`);
    expect(inpainting.map(({ filled }) => filled!.told)).toEqual(ways);
    const real = inpainting.map(({ filled }) => filled!.real);
    for (const one of real) expect(one).toEqual(real[0]);
    if (id === "ddpm") expect(inpainting[0]!.error.value).not.toBe(inpainting[1]!.error.value);
  });
});

describe("data", () => {
  it("trains on each size for one budget, scores on the way, and looks for copies", () => {
    for (const size of [110, 150]) {
      const record = ran.record("data", `data/ddpm/images-${size}/seed-0`);
      expect(record).toMatchObject({ trainImages: size, imagesSeen: 320, outcome: "trained" });
      expect(record.snapshots.map(({ imagesSeen }) => imagesSeen)).toEqual([160, 320]);
      // the best is what validation images call so, and its samples are drawn afresh
      const [first, last] = record.validation!;
      expect([first!.step, last!.step]).toEqual([10, 20]);
      expect(record.best!.step).toBe(first!.fid <= last!.fid ? 10 : 20);
      const fid = ({ metrics }: Quality) => metrics.find(({ metric }) => metric === "fid")!.value;
      const chosen = record.snapshots.find(({ step }) => step === record.best!.step)!;
      expect(fid(record.best!.quality)).not.toBe(fid(chosen.quality));
      expect(fid(chosen.quality)).not.toBe(Math.min(first!.fid, last!.fid));
      const copying = (quality: typeof record.copying) => quality!.metrics.map(({ metric }) => metric).sort();
      const names = ["authpct", "fld", "fld_gap", "memorisation"];
      expect(copying(record.copying)).toEqual(names);
      expect(copying(record.freshCopying)).toEqual(names);
      expect(record.neighbours).toMatchObject({ rows: 2, columns: 10 });
    }
  });
});

describe("distill", () => {
  it("judges the teacher and its students, and counts the teacher's training into theirs", () => {
    const { arms, fewest, cost } = ran.record("distill", "distill/seed-0");
    expect(new Set(arms.map(({ model }) => model))).toEqual(new Set(["ddpm", "halved", "consistent"]));
    expect(fewest).toEqual(
      ["ddpm", "halved", "consistent"].map((model) => ({
        model,
        steps: 1,
        sampler: model === "consistent" ? "consistency" : "ddim",
      })),
    );
    const of = (id: string) => cost.find(({ model }) => model === id)!;
    expect(of("ddpm").withTeacherFlops).toBe(of("ddpm").flops);
    for (const id of ["halved", "consistent"]) {
      expect(of(id).withTeacherFlops).toBe(of(id).flops + of("ddpm").flops);
      expect(of(id).withTeacherSeconds).toBeCloseTo(of(id).seconds + of("ddpm").seconds, 9);
    }
    // progressive: twice the teacher forward besides the student there and back; consistency: Heun and itself besides
    expect(of("halved").flops / of("ddpm").flops).toBeCloseTo(5 / 3, 9);
    expect(of("consistent").flops / of("ddpm").flops).toBeCloseTo(6 / 3, 9);
  });
});
