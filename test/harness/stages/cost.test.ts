import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../../src/engine/contract.ts";
import { recordSchema } from "../../../src/harness/record/index.ts";
import { costStage, variantsOf } from "../../../src/harness/stages/cost/run.ts";
import { freshModels } from "../../../src/harness/stages/shared/plan.ts";
import { resolveSuite } from "../../../src/harness/suite/index.ts";
import { compiledEngine } from "../../models/evaluate.ts";

const unet = { base: 16, multipliers: [1, 1], blocks: 1, attention: [4], timesteps: 20 };
const { config } = resolveSuite(
  {
    name: "x",
    dataset: { source: "shapes", size: 8, train: 40, test: 20 },
    models: {
      ddpm: { type: "ddpm", images: 100, options: { ...unet, conditional: true } },
      student: {
        type: "progressive",
        images: 100,
        teacher: "ddpm",
        sampling: [{ sampler: "ddim", steps: [1] }],
      },
      gan: { type: "dcgan", images: 100, options: { generatorWidth: 8, discriminatorWidth: 8 } },
    },
    stages: { cost: { batches: [1, 2], seconds: 0.001 } },
  },
  [],
  "x",
);

describe("the ladder", () => {
  it("leaves students out: their network is the teacher's", () => {
    expect(freshModels(config)).toEqual(["ddpm", "gan"]);
  });

  it("names what it changes, each size once, and holds out what lies between and beyond", () => {
    const variants = variantsOf(config, "ddpm", 5);
    expect(variants.map(({ variant, heldOut }) => [variant, heldOut])).toEqual([
      ["base 8, 8 px", false],
      ["base 16, 8 px", false],
      ["base 24, 8 px", false],
      ["base 8, 16 px", false],
      ["base 32, 8 px", true],
      ["base 16, 16 px", true],
    ]);
    // half, and three quarters of 8 are rounded to whole groups, and no further sizes
    expect(variantsOf(config, "gan", 5).map(({ variant }) => variant)).toEqual([
      "generatorWidth 8, 8 px",
      "generatorWidth 16, 8 px",
      "generatorWidth 8, 16 px",
    ]);
  });

  it("has the arithmetic of the sizes it names: four times the pixels, about four times the width's", () => {
    const flops = Object.fromEntries(
      variantsOf(config, "gan", 5).map(({ variant, model }) => [variant, model.flopsPerEvaluation]),
    );
    expect(flops["generatorWidth 8, 16 px"]).toBe(4 * flops["generatorWidth 8, 8 px"]!);
    const ratio = flops["generatorWidth 16, 8 px"]! / flops["generatorWidth 8, 8 px"]!;
    expect(ratio).toBeGreaterThan(2);
    expect(ratio).toBeLessThan(4);
  });
});

describe("the stage", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await compiledEngine();
  });
  afterAll(() => engine.dispose());

  it("plans one cell that needs nothing, and none where the suite does not ask", () => {
    expect(costStage.plan(config)).toMatchObject([{ id: "cost", kind: "cost", needs: [] }]);
    expect(costStage.plan({ ...config, stages: {} })).toEqual([]);
  });

  it("times every size at every batch, in the ladder's order", async () => {
    const [cell] = costStage.plan(config);
    const record = await costStage.run({
      cell: { ...cell!, configHash: "" },
      config,
      labels: 5,
      out: "",
      engine,
      dataset: () => Promise.reject(new Error("needs no data")),
      record: () => {
        throw new Error("needs no record");
      },
      progress: () => {},
      note: () => {},
      missing: () => undefined,
    });
    const parsed = recordSchema.parse(record);
    if (parsed.kind !== "cost") throw new Error(parsed.kind);
    expect(parsed.points.map(({ model, variant, batch }) => `${model} ${variant} ${batch}`)).toEqual(
      ["ddpm", "gan"].flatMap((id) =>
        variantsOf(config, id, 5).flatMap(({ variant }) =>
          [1, 2].map((batch) => `${id} ${variant} ${batch}`),
        ),
      ),
    );
    for (const { low, milliseconds, high, samples } of parsed.points) {
      expect(low).toBeGreaterThan(0);
      expect(milliseconds).toBeGreaterThanOrEqual(low);
      expect(high).toBeGreaterThanOrEqual(milliseconds);
      expect(samples).toBeGreaterThanOrEqual(3);
    }
  });
});
