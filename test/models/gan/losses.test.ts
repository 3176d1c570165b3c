import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine, Program } from "../../../src/engine/contract.ts";
import { createReferenceEngine } from "../../../src/engine/eager/reference.ts";
import { valueAndGradients } from "../../../src/engine/ops/index.ts";
import { type GanLoss, losses } from "../../../src/models/gan/losses/index.ts";
import { realTarget } from "../../../src/models/gan/regularisers/index.ts";
import { compiledEngine, evaluateOnce } from "../evaluate.ts";
import { expectClose, host } from "../golden.ts";
import { expectGradient } from "../gradients.ts";

const engines: Record<string, Engine> = {};
beforeAll(async () => {
  engines.reference = await createReferenceEngine();
  engines.compiled = await compiledEngine();
});
afterAll(() => engines.compiled!.dispose());

const all = Object.entries<GanLoss>(losses);
const REAL = [0.9, -1.7, 0.2, 2.4];
const FAKE = [-0.3, 1.6, -2.2, 0.4];
const SMOOTHED = 0.9;

/** Losses in float64, as their papers print them. */
const softplus = (x: number) => Math.log1p(Math.exp(-Math.abs(x))) + Math.max(0, x);
const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
const printed: Record<
  keyof typeof losses,
  { real(x: number, t: number): number; fake(x: number): number; generator(x: number): number }
> = {
  "non-saturating": {
    real: (x, t) => t * softplus(-x) + (1 - t) * softplus(x),
    fake: softplus,
    generator: (x) => softplus(-x),
  },
  hinge: { real: (x) => Math.max(0, 1 - x), fake: (x) => Math.max(0, 1 + x), generator: (x) => -x },
  "least-squares": {
    real: (x, t) => (x - t) ** 2 / 2,
    fake: (x) => x ** 2 / 2,
    generator: (x) => (x - 1) ** 2 / 2,
  },
  wasserstein: { real: (x) => -x, fake: (x) => x, generator: (x) => -x },
};

describe.each(all)("loss %s", (name, loss) => {
  const targets = loss.labelled ? [1, SMOOTHED] : [1];
  const program =
    (target: number): Program =>
    ({ scores }) => {
      const of = (of: "discriminator" | "generator") =>
        valueAndGradients(
          ({ real, fake }) =>
            of === "discriminator"
              ? loss.discriminator(real as tf.Tensor1D, fake as tf.Tensor1D, target)
              : tf.add(loss.generator(fake as tf.Tensor1D), tf.mul(tf.sum(real!), 0)),
          scores!,
          { real: [4], fake: [4] },
        );
      const [d, g] = [of("discriminator"), of("generator")];
      return { d: d.value, d_gradient: d.gradient, g: g.value, g_gradient: g.gradient };
    };
  const at = (engine: Engine, scores: ArrayLike<number>, target: number) =>
    evaluateOnce(engine, program(target), { scores: host(Array.from(scores)) });

  it.each(targets)("is what its paper prints, target %d", async (target) => {
    const { real, fake, generator } = printed[name as keyof typeof losses];
    const { d, g } = await at(engines.reference!, [...REAL, ...FAKE], target);
    expectClose(d!, [mean(REAL.map((x) => real(x, target))) + mean(FAKE.map(fake))], 1e-6);
    expectClose(g!, [mean(FAKE.map(generator))], 1e-6);
  });

  it.each(targets)("has the gradient of its values, on both engines, target %d", async (target) => {
    const scores = Float32Array.of(...REAL, ...FAKE);
    const [expected, compiled] = [
      await at(engines.reference!, scores, target),
      await at(engines.compiled!, scores, target),
    ];
    for (const key of ["d", "d_gradient", "g", "g_gradient"])
      expectClose(compiled[key]!, expected[key]!, 1e-5);
    for (const player of ["d", "g"] as const)
      await expectGradient(
        async (moved) => (await at(engines.reference!, moved, target))[player]![0]!,
        scores,
        expected[`${player}_gradient`]!,
        { distance: 2e-2, tolerance: 2e-3 },
      );
  });

  it("draws its line between scores that its discriminator would call real and generated", async () => {
    const { line } = await evaluateOnce(
      engines.reference!,
      ({ real, fake }) => {
        const line = loss.threshold(real as tf.Tensor1D, fake as tf.Tensor1D);
        return { line: typeof line === "number" ? tf.add(tf.mul(tf.sum(real!), 0), line) : line };
      },
      { real: host([3, 5]), fake: host([-1, -3]) },
    );
    expectClose(
      line!,
      [{ "non-saturating": 0, hinge: 0, "least-squares": 0.5, wasserstein: 1 }[name]!],
      1e-6,
    );
  });

  it(loss.labelled ? "can be smoothed" : "has no target to smooth", () => {
    expect(realTarget(loss, 0)).toBe(1);
    if (loss.labelled) expect(realTarget(loss, 0.1)).toBe(SMOOTHED);
    else
      expect(() => realTarget(loss, 0.1)).toThrow(
        expect.objectContaining({ code: "BAD_CONFIG", message: expect.stringMatching(/labelSmoothing/) }),
      );
  });
});

describe("an undecided discriminator", () => {
  it.each([
    ["non-saturating", 0, 2 * Math.LN2],
    ["hinge", 0, 2],
    ["least-squares", 0.5, 0.25],
    ["wasserstein", 0.7, 0],
  ] as const)("has the %s loss that is known of it", async (name, score, expected) => {
    const { d } = await evaluateOnce(
      engines.reference!,
      ({ x }) => ({ d: losses[name].discriminator(x as tf.Tensor1D, x as tf.Tensor1D) }),
      { x: host([score, score, score]) },
    );
    expect(d![0]).toBeCloseTo(expected, 6);
  });
});
