/** A suite as a search for settings has it, and the suite that the search writes. */
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { hashCells, planCells } from "../../../src/harness/run/plan.ts";
import { stages } from "../../../src/harness/stages/index.ts";
import {
  parseOverride,
  resolveSuite,
  runConfig,
  type Tuned,
  tuneConfig,
  withTuning,
} from "../../../src/harness/suite/index.ts";

const text = `# a suite of ours
name: mine
dataset: { source: shapes, size: 8 }
seed: 3
seeds: 2
models:
  # ours
  ddpm: &ddpm
    type: ddpm
    images: 640
    options: &unet
      base: 8
      learningRate: 0.002 # as published
      ema: 0.9
    sampling:
      - { sampler: ddim, steps: [1, 4] }
  labels:
    <<: *ddpm
    options: { <<: *unet, conditional: true }
  dcgan:
    type: dcgan
    images: 6400
    tuning: { trials: 1, how: the first tried }
stages:
  sensitivity: { seeds: 5 }
`;

const resolved = (...changes: string[]) =>
  resolveSuite(parse(text, { merge: true }), changes.map(parseOverride), "mine");
const tuned = (...changes: string[]) => {
  const { config, origin } = resolved(...changes);
  return tuneConfig(config, origin);
};
const stageOf = (...changes: string[]) => tuned(...changes).stages.tune!;

describe("a search", () => {
  it("has one stage, every default filled in, and training seeds behind the suite's", () => {
    const config = tuned();
    expect(Object.keys(config.stages)).toEqual(["tune"]);
    expect(config).toMatchObject({ seed: 1003, seeds: 1 });
    expect(config).not.toHaveProperty("tune");
    expect(config.stages.tune).toMatchObject({
      ...{ trials: 16, eta: 4, rungs: 2, seed: 1003, seeds: 1, metric: "fid", n: 1000 },
      models: ["ddpm", "labels", "dcgan"],
    });
    expect(Object.keys(config.stages.tune!.space.dcgan!)).toEqual(["learningRate", "beta1", "ema"]);
    expect(tuneConfig(config, resolved().origin)).toEqual(config); // as a resumed search has it
  });

  it("takes a suite's own space in place of the kind's", () => {
    const { space, models } = stageOf(
      "tune.space.ddpm={ base: [8, 16], dropout: { uniform: [0, 0.3] } }",
      "tune.models=[ddpm, dcgan]",
    );
    expect(models).toEqual(["ddpm", "dcgan"]);
    expect(space.ddpm).toEqual({ base: [8, 16], dropout: { uniform: [0, 0.3] } });
    expect(space.dcgan).toEqual(stageOf().space.dcgan);
  });

  it.each([
    ["tune.trails=3", 'unknown option "trails" in tune; known: trials, eta'],
    ["tune.trials=3", "tune.trials: 2 rungs that keep 1/4 need 4 trials at least, not 3"],
    ["tune.seed=7", "tune.seed: seed 7 would choose the settings, and the suite reports seeds 3 to 7"],
    ["tune={ seed: 2, seeds: 2 }", "tune.seed: seeds 2 to 3 would choose"],
    [
      "tune.models=[dgcan]",
      'tune.models: no model "dgcan" that is trained here; known: ddpm, labels, dcgan. Did you mean dcgan?',
    ],
    [
      "tune.space.dcgna={ ema: [0] }",
      'tune.space: no model "dcgna" that is trained here; known: ddpm, labels, dcgan. Did you mean dcgan?',
    ],
    ["tune.space.ddpm={ learningrate: [1] }", 'ddpm has no option "learningrate"; known: '],
    ["tune.space.ddpm={ size: [8] }", 'ddpm has no option "size"'],
    ["tune.space.ddpm={ ema: [0, 1] }", "tune.space.ddpm.ema: the option cannot be 1"],
    ["tune.space.ddpm={ base: { uniform: [8, 16.5] } }", "tune.space.ddpm.base: the option cannot be 16.5"],
    [
      "tune.space.ddpm={ ema: { log: [0, 1] } }",
      "tune.space.ddpm.ema.log: bounds of a logarithm must be above 0",
    ],
    [
      "tune.space.ddpm={ ema: { uniform: [1, 0] } }",
      "tune.space.ddpm.ema.uniform: the first bound must be below the second",
    ],
    ["tune.space.ddpm={ ema: [] }", "tune.space.ddpm.ema: a list needs a value"],
    [
      "tune.space.ddpm={ ema: 0.9 }",
      "tune.space.ddpm.ema: takes { log: [low, high] }, { uniform: [low, high] } or a list of values",
    ],
  ])("%s is refused: %s", (change, message) => {
    expect(() => tuned(change)).toThrow(message);
  });

  it("is no part of a run, and has no stage of its own in a suite's file", () => {
    const { config, origin } = resolved("tune.trials=8");
    expect(runConfig(config, origin)).toEqual(resolved().config);
    expect(() => runConfig(tuned(), origin)).toThrow(/start and resume a search with bench tune/);
  });

  it("refuses a metric without a better side, and more images than choose", () => {
    const stage = stages.find(({ kind }) => kind === "tune")!;
    const facts = {
      name: "shapes",
      hash: "0",
      size: 8,
      channels: 1,
      classes: ["a"],
      modes: ["a", "b"],
      train: 90,
    };
    const check =
      (test: number, ...changes: string[]) =>
      () =>
        stage.check!(tuned("tune.trials=4", ...changes), { ...facts, test });
    expect(check(300, "tune.n=100")).not.toThrow();
    expect(check(299, "tune.n=100")).toThrow("Set tune.n to at most 99.");
    expect(check(300, "tune={ n: 100, metric: rbf_mmd }")).not.toThrow(); // by its recorded name, as everywhere
    expect(check(300, "tune={ n: 100, metric: fdi }")).toThrow(/no metric "fdi".*Did you mean fid\?/);
  });
});

const search = (options: Tuned["options"], value: number): Tuned => ({
  options,
  tuning: {
    trials: 2,
    how: "successive halving, eta 2: 2 trials at 8 images",
    metric: { name: "fid", direction: "lower", n: 100, protocol: "whole sets" },
    seed: 1003,
    space: { learningRate: { log: [1e-4, 1e-2] }, ema: [0, 0.9] },
    best: { trial: 1, value, options },
    rungs: [
      {
        images: 8,
        seeds: 1,
        values: [
          {
            trial: 0,
            why: "diverged at step 3: loss became NaN",
            options: { learningRate: 0.002, ema: 0.9 },
          },
          { trial: 1, value, options },
        ],
      },
    ],
  },
});

describe("the suite that a search writes", () => {
  const found = {
    ddpm: search({ learningRate: 5e-4, ema: 0 }, 1.25),
    dcgan: search({ learningRate: 3e-3, ema: 0.9 }, 2.5),
  };
  const written = withTuning(text, found);

  it("holds the chosen options and the record, keeps comments, and changes nothing else", () => {
    const before = parse(text, { merge: true });
    const { ddpm, dcgan } = before.models;
    expect(parse(written, { merge: true })).toEqual({
      ...before,
      models: {
        ...before.models,
        ddpm: { ...ddpm, options: { ...ddpm.options, ...found.ddpm.options }, tuning: found.ddpm.tuning },
        dcgan: { ...dcgan, options: found.dcgan.options, tuning: found.dcgan.tuning },
      },
    });
    for (const line of [
      "# a suite of ours",
      "  # ours",
      "learningRate: 0.0005 # as published",
      "steps: [1, 4] }",
    ])
      expect(written).toContain(line);
    expect(written).toContain("- { trial: 1, value: 2.5, options: { learningRate: 0.003, ema: 0.9 } }");
  });

  it("has the same hash whenever it is read, and trains what its options say, whatever the record", () => {
    const of = (suite: string, ...changes: string[]) =>
      resolveSuite(parse(suite, { merge: true }), changes.map(parseOverride), "written");
    expect(of(written).configHash).toBe(of(withTuning(text, found)).configHash);
    const trainings = ({ config }: ReturnType<typeof of>) =>
      hashCells(planCells(stages, config), { dataset: { hash: "0" } }).filter(({ kind }) => kind === "train");
    const changes = ["models.ddpm.options.learningRate=5e-4", "models.ddpm.options.ema=0"];
    const same = of(text, ...changes, "models.dcgan.options={ learningRate: 3e-3, ema: 0.9 }");
    expect(trainings(of(written))).toEqual(trainings(same));
  });

  it("takes its turn in a second search, from where the first one ended", () => {
    const again = withTuning(written, { dcgan: search({ learningRate: 1e-3, ema: 0 }, 2) });
    const { models } = parse(again, { merge: true });
    expect(models.dcgan.options).toEqual({ learningRate: 1e-3, ema: 0 });
    expect(models.ddpm).toEqual(parse(written, { merge: true }).models.ddpm);
  });

  it("gives a model of an alias options of its own", () => {
    const shared =
      "name: a\nmodels:\n  a: &a { type: dcgan, images: 8, options: &o { latent: 8 } }\n  b: *a\n  c: { type: dcgan, images: 8, options: *o }\nstages: {}\n";
    const { models } = parse(withTuning(shared, { b: search({ ema: 0.9 }, 1), c: search({ ema: 0 }, 1) }));
    expect(models.a).toEqual({ type: "dcgan", images: 8, options: { latent: 8 } });
    expect(models.b.options).toEqual({ latent: 8, ema: 0.9 });
    expect(models.c.options).toEqual({ latent: 8, ema: 0 });
  });
});
