/**
 * A network in training: its parameters, Adam's moments and the averaged parameters as flat vectors of a model's state,
 * and the step that moves them. State and inputs carry the network's name, so one program can train several.
 */
import type { Scalar, Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import { InternalError } from "../../core/errors.ts";
import type { Rng } from "../../core/rng.ts";
import { type HostTensor, sizeOf } from "../../engine/contract.ts";
import { type Tree, unflatten, valueAndGradients } from "../../engine/ops/index.ts";
import { adam, adamStep, averagingShare, clipByNorm, globalNorm, movingAverage } from "./optimiser.ts";
import { countOf, initialise, type ParameterSpecs, shapesOf } from "./parameters.ts";

export interface TrainingOptions {
  /** Adam's step size. */
  readonly learningRate: number;
  /** Steps over which the step size grows linearly to `learningRate`; default 0. */
  readonly warmup?: number;
  /** Adam's decay of the first moment; default 0.9. */
  readonly beta1?: number;
  /** Adam's decay of the second moment; default 0.999. */
  readonly beta2?: number;
  /** Largest norm of the whole gradient; default 0, no limit. */
  readonly clip?: number;
  /** Decay of the averaged parameters; default 0, none kept. */
  readonly ema?: number;
}

/** As in Kingma & Ba 2015. */
const EPSILON = 1e-8;

export function trained(name: string, specs: ParameterSpecs, options: TrainingOptions) {
  const { learningRate, warmup = 0, beta1 = 0.9, beta2 = 0.999, clip = 0, ema = 0 } = options;
  const shapes = shapesOf(specs);
  const count = countOf(specs);
  const flat = { shape: [count] };
  const names = {
    moment1: `${name}_moment1`,
    moment2: `${name}_moment2`,
    average: `${name}_ema`,
    stepSize: `${name}_step_size`,
    epsilon: `${name}_epsilon`,
    share: `${name}_ema_share`,
  };
  const whereAveraged = <T>(entries: () => Record<string, T>): Record<string, T> =>
    ema > 0 ? entries() : {};

  const startingAt = (data: HostTensor["data"]): Record<string, HostTensor> => ({
    [name]: { ...flat, data },
    [names.moment1]: { ...flat, data: new Float32Array(count) },
    [names.moment2]: { ...flat, data: new Float32Array(count) },
    ...whereAveraged(() => ({ [names.average]: { ...flat, data: data.slice() } })),
  });

  return {
    /** Values of all parameters. */
    count,
    state: {
      [name]: flat,
      [names.moment1]: flat,
      [names.moment2]: flat,
      ...whereAveraged(() => ({ [names.average]: flat })),
    },
    initialState: (stream: Rng) => startingAt(initialise(specs, stream)),
    /** The state of training that starts from these parameters, [count]. */
    startingAt,
    /** Inputs that change per step, besides data: scalars. */
    feedSignature: {
      [names.stepSize]: { shape: [] },
      [names.epsilon]: { shape: [] },
      ...whereAveraged(() => ({ [names.share]: { shape: [] } })),
    },
    /** Their values at `step`, counted from 1; `share` of the rate is used, which a schedule of the model's may lower. */
    feed(step: number, share = 1) {
      const rate = share * learningRate * Math.min(1, step / Math.max(1, warmup));
      const { stepSize, epsilon } = adamStep({ rate, beta1, beta2, epsilon: EPSILON }, step);
      return {
        [names.stepSize]: scalar(stepSize),
        [names.epsilon]: scalar(epsilon),
        ...whereAveraged(() => ({ [names.share]: scalar(averagingShare(ema, step)) })),
      };
    },
    /** A flat vector as one tensor per parameter. */
    unflatten: (vector: Tensor): Tree => unflatten(vector, shapes),
    /** One descent on `loss`: the new state, the loss before it, and the norm of the gradient before clipping. */
    step(inputs: Tree, loss: (parameters: Tree) => Scalar) {
      const vector = (key: string) => inputs[key] as Tensor1D;
      const { value, gradient } = valueAndGradients(loss, vector(name), shapes);
      const gradientNorm = globalNorm(gradient);
      const moved = adam(
        { parameters: vector(name), moment1: vector(names.moment1), moment2: vector(names.moment2) },
        clip > 0 ? clipByNorm(gradient, gradientNorm, clip) : gradient,
        { stepSize: inputs[names.stepSize]!, epsilon: inputs[names.epsilon]! },
        { beta1, beta2 },
      );
      const state = {
        [name]: moved.parameters,
        [names.moment1]: moved.moment1,
        [names.moment2]: moved.moment2,
        ...whereAveraged(() => ({
          [names.average]: movingAverage(vector(names.average), moved.parameters, inputs[names.share]!),
        })),
      };
      return { state, loss: value, gradientNorm };
    },
    /** Name of the parameter that value `index` of one of the state's vectors belongs to; undefined for another's. */
    parameterAt(tensor: string, index: number): string | undefined {
      if (![name, names.moment1, names.moment2, names.average].includes(tensor)) return undefined;
      let end = 0;
      for (const [parameter, { shape }] of Object.entries(specs)) {
        end += sizeOf(shape);
        if (index < end) return `${tensor}.${parameter}`;
      }
      throw new InternalError(`${tensor} has ${count} values, not ${index + 1}`);
    },
    /** Whether an average is kept. */
    averaged: ema > 0,
    /** The last step's own parameters. */
    raw: (state: Readonly<Record<string, HostTensor>>): HostTensor => state[name]!,
    /** What to sample with: the averaged parameters where they are kept. */
    forSampling: (state: Readonly<Record<string, HostTensor>>): HostTensor =>
      state[names.average] ?? state[name]!,
  };
}

export type TrainedNetwork = ReturnType<typeof trained>;

/** A number as an input of a program. */
export function scalar(value: number): HostTensor {
  return { shape: [], data: Float32Array.of(value) };
}
