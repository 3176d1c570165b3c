/**
 * Progressive distillation: Salimans & Ho 2022 (arXiv:2202.00512), algorithm 2. A student learns to do in one DDIM step
 * what its teacher does in two, becomes the teacher of the next, and so on down to one step. The whole schedule is one
 * training: the state holds the present teacher, and the students kept so far.
 */
import * as tf from "@tensorflow/tfjs-core";
import * as z from "zod";
import { options, parseConfig } from "../../config.ts";
import type { Model } from "../../contract.ts";
import { scalar, trained } from "../../nn/index.ts";
import { batchInputs, batchSignature, mixture } from "../batch.ts";
import type { Denoiser } from "../denoiser.ts";
import { estimateOf } from "../evaluation.ts";
import { labelSignature } from "../guidance.ts";
import { forwardProcess } from "../posterior.ts";
import { trailingSpacing } from "../respacing.ts";
import { updatesOf } from "../sample.ts";
import { samplers } from "../samplers/index.ts";
import { denoisingModel } from "../sampling.ts";
import type { Method } from "../setting.ts";
import { packColumns, unpackColumns } from "./columns.ts";
import { follow, updateColumns, updateRow } from "./following.ts";
import { halvingStages, shareLeft, stageAt } from "./halving.ts";
import { labelsOf, studentSetting, teacherFor, teachersWeights, trainingOptions } from "./teacher.ts";

/** Step counts whose students are kept, where the schedule passes them. */
const KEPT = [8, 4, 2, 1];
const KIND = "progressive";

export const progressiveConfigSchema = options({
  ...trainingOptions,
  from: z
    .literal([2, 4, 8, 16, 32, 64, 128, 256, 512, 1024])
    .default(32)
    .describe("DDIM steps that the first teacher is taken at, a power of two"),
  // Salimans & Ho 2022, appendix C: annealed to zero over each stage
  decay: z
    .enum(["linear", "none"])
    .default("linear")
    .describe("how the step size falls over each student's share of the training: to zero, or not"),
});

const COLUMNS = [
  "signal",
  "spread",
  ...updateColumns(2),
  "clean_x",
  "clean_output",
  "wanted_start",
  "wanted_end",
  "weight",
] as const;

/** DDIM without noise; it has no options that depend on the model. */
const ddim = samplers.ddim.make(samplers.ddim.options.parse({}), { variance: "fixed-small", steps: 1 });

/** Numbers of one image's step, i of the student's `steps` counted from the image: its ends and its middle. */
function rowAt(denoiser: Denoiser, steps: number, i: number) {
  const { alphaBar, inputScale, target } = denoiser;
  const teachers = trailingSpacing(alphaBar.length, 2 * steps);
  const level = (k: number) => (k < 0 ? 1 : alphaBar[teachers[k]!]!);
  const [from, middle, to] = [level(2 * i + 1), level(2 * i), level(2 * i - 1)];
  const updates = updatesOf(denoiser, ddim, [
    { from, to: middle },
    { from: middle, to, before: from },
  ]);
  const start = forwardProcess(from);
  const end = forwardProcess(to);
  const ratio = end.spread / start.spread;
  const scale = 1 / (end.signal - ratio * start.signal);
  const clean = target.clean(from);
  return {
    signal: inputScale * start.signal,
    spread: start.spread,
    ...updateRow(updates),
    clean_x: clean.x,
    clean_output: clean.output,
    // the estimate that takes DDIM from x to the teacher's end in one step
    wanted_start: -ratio * scale,
    wanted_end: scale,
    weight: Math.max(from / (1 - from), 1), // truncated SNR, section 4
  };
}

/** DDIM in one of the `kept` step counts, each with the weights of its own student: rows of `weights` [kept, count]. */
function methodOf({ alphaBar, weightCount }: Denoiser, kept: readonly number[]): Method {
  return {
    plan: (setting) => ({
      ...studentSetting(KIND, setting, { sampler: "ddim", steps: kept }),
      sampler: ddim,
      retained: trailingSpacing(alphaBar.length, setting.steps),
      guidance: 0,
    }),
    usual: { sampler: "ddim", steps: kept[0]! },
    weights({ weights }, steps) {
      const from = kept.indexOf(steps) * weightCount;
      return { shape: [weightCount], data: weights!.data.slice(from, from + weightCount) };
    },
  };
}

/** The student of a trained model; BAD_CONFIG for a teacher that it cannot learn from. */
export function createProgressive(given: z.input<typeof progressiveConfigSchema>, definition?: Model): Model {
  const config = parseConfig(KIND, progressiveConfigSchema, given);
  const teacher = teacherFor(KIND, definition, ["v", "x0"]);
  const { denoiser, parameters, predict } = teacher.backbone;
  const schedule = halvingStages(
    Math.min(config.from, 2 ** Math.floor(Math.log2(denoiser.alphaBar.length))),
    config.trainingSteps,
  );
  const kept = KEPT.filter((steps) => schedule.some((stage) => stage.steps === steps));
  const weights = trained("student", parameters, config);
  const [count, rows] = [weights.count, kept.length];

  return {
    ...denoisingModel(denoiser, weights, teacher.flopsPerEvaluation, methodOf(denoiser, kept)),
    title: "Progressive distillation",
    description: `student of ${teacher.title}, halved from ${2 * schedule[0]!.steps} steps to 1`,
    flopsPerTrainingImage: 5 * teacher.flopsPerEvaluation, // the teacher twice forward, the student there and back

    state: { ...weights.state, teacher: { shape: [count] }, students: { shape: [rows, count] } },
    initialState(_stream, state) {
      const start = teachersWeights(state, denoiser);
      const students = new Float32Array(rows * count);
      for (let row = 0; row < rows; row++) students.set(start.data, row * count);
      return {
        ...weights.startingAt(start.data),
        teacher: start,
        students: { shape: [rows, count], data: students },
      };
    },

    trainStep(inputs) {
      const columns = unpackColumns(COLUMNS, inputs.columns!);
      const labels = inputs.labels as tf.Tensor1D | undefined;
      const begins = inputs.begins!;
      const goesOn = tf.sub(1, begins);
      const choose = (begun: tf.Tensor, before: tf.Tensor) =>
        tf.add(tf.mul(begun, begins), tf.mul(before, goesOn)) as tf.Tensor1D;
      const learned = (inputs.student_ema ?? inputs.student)!;
      const current = choose(learned, inputs.teacher!); // a stage begins with what the one before has learned
      const begun = {
        ...inputs,
        student: choose(learned, inputs.student!),
        student_moment1: tf.mul(inputs.student_moment1!, goesOn),
        student_moment2: tf.mul(inputs.student_moment2!, goesOn),
      };
      const x = mixture(inputs, columns.signal, columns.spread);
      const end = follow(x, { denoiser, weights: current, labels, columns, count: 2 });
      const wanted = tf.add(tf.mul(x, columns.wanted_start), tf.mul(end, columns.wanted_end));
      const t = tf.reshape(columns.update0_t!, [-1]) as tf.Tensor1D;
      const { state, loss, gradientNorm } = weights.step(begun, (values) => {
        const output = predict(values, x, t, labels);
        const estimate = estimateOf(denoiser, x, output, columns.clean_x, columns.clean_output);
        return tf.mean(tf.mul(tf.squaredDifference(estimate, wanted), columns.weight)) as tf.Scalar;
      });
      const row = inputs.row!;
      const average = tf.reshape((state.student_ema ?? state.student)!, [1, count]);
      const students = tf.add(tf.mul(inputs.students!, tf.sub(1, row)), tf.mul(average, row));
      return { ...state, teacher: current, students, loss, gradient_norm: gradientNorm };
    },

    feedSignature: (batch) => ({
      ...batchSignature(denoiser, batch),
      columns: { shape: [batch, COLUMNS.length] },
      begins: { shape: [] },
      row: { shape: [rows, 1] },
      ...labelSignature(denoiser, batch),
      ...weights.feedSignature,
    }),

    feed(batch, stream, step) {
      const stage = stageAt(schedule, step);
      const own = stream.fold(step);
      const at = own.fold("t");
      const levels = Array.from({ length: batch.images.count }, () =>
        rowAt(denoiser, stage.steps, at.integer(stage.steps)),
      );
      const row = Float32Array.from(kept, (steps) => (steps === stage.steps ? 1 : 0));
      return {
        ...batchInputs(KIND, batch.images, own),
        columns: packColumns(COLUMNS, levels),
        begins: scalar(step === stage.before + 1 ? 1 : 0),
        row: { shape: [rows, 1], data: row },
        ...labelsOf(denoiser, batch),
        ...weights.feed(step - stage.before, config.decay === "none" ? 1 : shareLeft(stage, step)),
      };
    },

    samplingWeights: ({ students }) => ({ weights: students! }),
    rawWeights: undefined, // of a student its stage's end is kept, averaged where it averages
    network: {
      program: (inputs) =>
        teacher.network.program({
          ...inputs,
          weights: tf.reshape(tf.slice(inputs.weights!, [rows - 1, 0]), [count]),
        }),
      signature: (batch) => ({ ...teacher.network.signature(batch), weights: { shape: [rows, count] } }),
    },
  };
}
