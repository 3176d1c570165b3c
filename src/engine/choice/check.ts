/** A small forward and backward pass with known results: what an engine must get right before a run trusts it. */
import * as tf from "@tensorflow/tfjs-core";
import { BenchError } from "../../core/errors.ts";
import type { CompileOptions, Engine, HostTensor, Program } from "../contract.ts";
import { conv2d, groupNorm, silu, valueAndGradients } from "../ops/index.ts";

const shapes = { filter: [4, 1, 3, 3], bias: [4], scale: [4], offset: [4], down: [2, 4, 3, 3] };
const PARAMETERS = 120;

const wave = (shape: number[], frequency: number): HostTensor => ({
  shape,
  data: Float32Array.from(
    { length: shape.reduce((a, b) => a * b, 1) },
    (_, i) => 0.5 * Math.sin(frequency * (i + 1)),
  ),
});

export const checkInputs = { parameters: wave([PARAMETERS], 1.7), x: wave([2, 1, 6, 6], 0.9) };

export const checkProgram: Program<"parameters" | "x", "loss" | "gradient"> = ({ parameters, x }) => {
  const { value, gradient } = valueAndGradients(
    ({ filter, bias, scale, offset, down }) => {
      const h = conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, bias as tf.Tensor1D, {
        stride: 1,
        padding: 1,
      });
      const normal = groupNorm(h, scale as tf.Tensor1D, offset as tf.Tensor1D, 2);
      const y = conv2d(silu(normal), down as tf.Tensor4D, undefined, { stride: 2, padding: 1 });
      return tf.mean(tf.square(tf.sub(y, 0.25)));
    },
    parameters,
    shapes,
  );
  return { loss: value, gradient };
};

/** From the reference engine; a test holds it to them. */
export const expected = { loss: 0.6264952, gradientNorm: 2.384525 };

export async function runCheck(engine: Engine) {
  const compiled = await engine.compile("check", checkProgram, {
    parameters: { shape: checkInputs.parameters.shape },
    x: { shape: checkInputs.x.shape },
  });
  const { loss, gradient } = await compiled.run(checkInputs);
  const result = {
    loss: (await loss.read())[0]!,
    gradientNorm: Math.hypot(...(await gradient.read())),
  };
  compiled.dispose();
  return result;
}

/** A network of the kind that samples: weights [in x out] are its constants. */
const samplingProgram: Program<"weights" | "x", "y"> = ({ weights, x }) => ({
  y: silu(tf.matMul(x as tf.Tensor2D, tf.reshape(weights, [8, 8]))),
});
const samplingInputs = { weights: wave([64], 1.3), x: wave([4, 8], 0.7) };

/**
 * Throws ENGINE_FAILED when a program that samples is off by more than 1 % of its largest value, which float16 is not.
 * The bound is against float32 on the same engine, which `checkEngine` holds to known numbers.
 */
export async function checkSampling(engine: Engine): Promise<void> {
  const signature = { weights: { shape: [64] }, x: { shape: samplingInputs.x.shape } };
  const evaluate = async (options: CompileOptions<"weights" | "x">) => {
    const constants = { weights: samplingInputs.weights };
    const compiled = await engine.compile("check-sampling", samplingProgram, signature, {
      constants,
      ...options,
    });
    const { y } = await compiled.run({ x: samplingInputs.x });
    const data = await y.read();
    compiled.dispose();
    return data;
  };
  const sampled = await evaluate({ sampling: true });
  const known = await evaluate({ precision: "float32" });
  const largest = Math.max(...Array.from(known, Math.abs));
  const off = Math.max(...Array.from(known, (value, i) => Math.abs(value - sampled[i]!)));
  if (!(off <= 1e-2 * largest))
    throw new BenchError(
      "ENGINE_FAILED",
      `wrong numbers: a program that samples is off by ${off} of ${largest}`,
    );
}

/** Throws ENGINE_FAILED when an engine's numbers are off by more than 1e-3 of the known ones. */
export async function checkEngine(engine: Engine): Promise<void> {
  const result = await runCheck(engine);
  for (const key of ["loss", "gradientNorm"] as const)
    if (!(Math.abs(result[key] - expected[key]) <= 1e-3 * expected[key]))
      throw new BenchError(
        "ENGINE_FAILED",
        `wrong numbers: the check's ${key} is ${result[key]}, not ${expected[key]}`,
      );
}
