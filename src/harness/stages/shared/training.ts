/** Training of a configured model with one seed. */
import { rng } from "../../../core/rng.ts";
import type { Model, State } from "../../../models/index.ts";
import type { Dataset, Split } from "../../datasets/contract.ts";
import type { ModelConfig } from "../../suite/index.ts";
import type { CellContext } from "../contract.ts";
import { targetsOf } from "./judge.ts";
import { trainingSteps } from "./models.ts";
import { type Trained, type TrainingRun, train } from "./training-loop.ts";

export interface ModelTraining extends Pick<TrainingRun, "snapshots" | "saving" | "from"> {
  readonly context: Pick<CellContext, "engine" | "progress"> & Partial<Pick<CellContext, "config">>;
  readonly id: string;
  readonly model: Model;
  readonly configured: Pick<ModelConfig, "batch" | "images">;
  readonly seed: number;
  readonly dataset: Dataset;
  /** The training images; default: the dataset's. */
  readonly split?: Split;
  /** Sampling weights of the teacher. */
  readonly teacher?: State;
}

/**
 * Every model sees the images in one order; everything else is drawn from streams of the model's id. Snapshots and the
 * state of a finished training are settled: sampling weights can be taken of them.
 */
export async function trainModel(training: ModelTraining): Promise<Trained> {
  const { context, id, model, configured, seed, dataset, split = dataset.train, teacher } = training;
  const { snapshots, saving, from } = training;
  const steps = trainingSteps(configured);
  const stream = rng(seed).fold("train").fold(id);
  const noise = stream.fold("feed");
  const { labels } = targetsOf(dataset, split);
  const settled = async (state: State) => (await model.settled?.(context.engine, state, labels)) ?? state;
  const trained = await train({
    engine: context.engine,
    name: `train ${id}`,
    model,
    initial: model.initialState(stream.fold("init"), teacher),
    images: split.images,
    labels,
    batch: configured.batch,
    steps,
    order: rng(seed).fold("order"),
    flips: context.config?.dataset.flips ? rng(seed).fold("flips") : undefined,
    feed: (batch, step, memory) => model.feed(batch, noise, step, memory),
    onStep(step, scalars, seconds) {
      const loss = scalars[model.quantities[0]!]!;
      const imagesPerSecond = (step * configured.batch) / seconds;
      context.progress({ done: step, total: steps, loss, imagesPerSecond });
    },
    snapshots: snapshots && {
      at: snapshots.at,
      take: async (position) => snapshots.take({ ...position, state: await settled(position.state) }),
    },
    saving,
    from,
  });
  // a diverged training's state is kept as it was left
  return trained.outcome === "diverged" ? trained : { ...trained, state: await settled(trained.state) };
}

/** How a training ended, and what it took, as records have it. */
export function outcomeOf({ outcome, divergence, steps, seconds }: Trained, { batch }: { batch: number }) {
  return { outcome, divergence, imagesSeen: steps * batch, seconds };
}

/** Steps at which `count` snapshots are taken, at equal distances, the last step among them. */
export function snapshotSteps(steps: number, count: number): number[] {
  const at = Array.from({ length: count }, (_, i) => Math.round((steps * (i + 1)) / count));
  return [...new Set(at)].filter((step) => step > 0);
}

/** At most `most` of the steps 1..count, at equal distances, the first and the last among them. */
export function stepsAtEqualDistances(count: number, most: number): number[] {
  const points = Math.min(count, most);
  if (points === 1) return [count];
  return Array.from({ length: points }, (_, i) => 1 + Math.round((i * (count - 1)) / (points - 1)));
}
