import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../../src/engine/contract.ts";
import { createReferenceEngine } from "../../../src/engine/eager/reference.ts";
import {
  decoderNll,
  logNormalCdf,
  logNormalInterval,
  normalKl,
} from "../../../src/models/diffusion/variational.ts";
import { compiledEngine, evaluateOnce } from "../evaluate.ts";
import { expectClose, goldenCase, host } from "../golden.ts";

const engines: Engine[] = [];
beforeAll(async () => {
  engines.push(await createReferenceEngine(), await compiledEngine());
});
afterAll(() => Promise.all(engines.map((engine) => engine.dispose())));

const all = async (check: (engine: Engine) => Promise<void>) => {
  expect(engines.length).toBe(2);
  for (const engine of engines) await check(engine);
};

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);

describe("the decoder's negative log-likelihood", () => {
  it("is the published one, with its gradients", async () => {
    const { inputs, expected } = goldenCase<
      Record<"x" | "means" | "log_scales", number[]>,
      Record<"log_probs_nats" | "grad_sum_wrt_means" | "grad_sum_wrt_log_scales", number[]>
    >("losses", "discretized_gaussian_log_likelihood");
    await all(async (engine) => {
      const { nll, ofMeans, ofScales } = await evaluateOnce(
        engine,
        ({ x, means, scales }) => {
          const { value, grads } = tf.valueAndGrads((means, scales) =>
            tf.sum(decoderNll(x!, tf.sub(x!, means!), scales!)),
          )([means!, scales!]);
          return {
            nll: decoderNll(x!, tf.sub(x!, means!), scales!),
            ofMeans: grads[0]!,
            ofScales: grads[1]!,
            total: value,
          };
        },
        { x: host(inputs.x), means: host(inputs.means), scales: host(inputs.log_scales) },
      );
      expectClose(
        nll!,
        expected.log_probs_nats.map((p) => -p),
        1e-5,
      );
      expectClose(
        ofMeans!,
        expected.grad_sum_wrt_means.map((g) => -g),
        1e-4,
      );
      expectClose(
        ofScales!,
        expected.grad_sum_wrt_log_scales.map((g) => -g),
        1e-4,
      );
    });
  });

  it.each([0.02, 0.3])(
    "gives all 256 grey levels a probability of 1 together, deviation %d",
    async (deviation) => {
      const mean = 0.21;
      const levels = Float32Array.from({ length: 256 }, (_, i) => i / 127.5 - 1);
      await all(async (engine) => {
        const { nll } = await evaluateOnce(
          engine,
          ({ x }) => ({ nll: decoderNll(x!, tf.sub(x!, mean), tf.scalar(Math.log(deviation))) }),
          { x: { shape: [256], data: levels } },
        );
        expect(sum(nll!.map((value) => Math.exp(-value)))).toBeCloseTo(1, 4);
      });
    },
  );
});

it("the KL of two normals is the published one", async () => {
  const { inputs, expected } = goldenCase<
    Record<"mean1" | "logvar1" | "mean2" | "logvar2", number[]>,
    { kl_nats: number[] }
  >("losses", "normal_kl");
  await all(async (engine) => {
    const { kl } = await evaluateOnce(
      engine,
      ({ mean1, logvar1, mean2, logvar2 }) => ({
        kl: normalKl(tf.sub(mean1!, mean2!), logvar1!, logvar2!),
      }),
      Object.fromEntries(Object.entries(inputs).map(([name, values]) => [name, host(values)])),
    );
    expectClose(kl!, expected.kl_nats, 1e-6);
  });
});

it("the normal distribution is the published approximation, its tails kept", async () => {
  const { inputs, expected } = goldenCase<{ x: number[] }, { cdf: number[] }>(
    "losses",
    "approx_standard_normal_cdf",
  );
  const page = (x: number) => {
    const u = Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3);
    return 1 / (1 + Math.exp(-2 * u));
  };
  await all(async (engine) => {
    const { cdf, tail, interval } = await evaluateOnce(
      engine,
      ({ x, far, centre, half }) => ({
        cdf: tf.exp(logNormalCdf(x!)),
        tail: logNormalCdf(far!),
        interval: logNormalInterval(centre!, half!),
      }),
      {
        x: host(inputs.x),
        far: host([-5]),
        centre: host([0, 0.3, -4.5, -4.5]),
        half: host([1.5, 1e-3, 1e-3, 1]),
      },
    );
    expectClose(cdf!, expected.cdf, 1e-6);
    expect(tail![0]).toBeCloseTo(Math.log(page(-5)), 4);
    const between = (low: number, high: number) => Math.log(page(high) - page(low));
    expectClose(
      interval!,
      [between(-1.5, 1.5), between(0.299, 0.301), between(-4.501, -4.499), between(-5.5, -3.5)],
      1e-5,
    );
  });
});
