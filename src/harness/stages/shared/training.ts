/** A configured model trained with one seed: what the stages that train have in common. */
import { rng } from "../../../core/rng.ts";
import type { Model, State } from "../../../models/index.ts";
import type { Dataset, Split } from "../../datasets/contract.ts";
import type { ModelConfig } from "../../suite/index.ts";
import { targetsOf } from "../classifier/run.ts";
import type { CellContext } from "../contract.ts";
import { trainingSteps } from "./models.ts";
import { type Position, type Trained, type TrainingRun, train } from "./training-loop.ts";

export interface ModelTraining {
  readonly context: Pick<CellContext, "engine" | "progress">;
  readonly id: string;
  readonly model: Model;
  readonly configured: Pick<ModelConfig, "batch" | "images">;
  readonly seed: number;
  readonly dataset: Dataset;
  /** The training images; default: the dataset's. */
  readonly split?: Split;
  /** Sampling weights of the teacher. */
  readonly teacher?: State;
  readonly snapshots?: TrainingRun["snapshots"];
  readonly saving?: TrainingRun["saving"];
  readonly from?: Position;
}

/** Both families see the images in one order; everything else is drawn from streams of the model's id. */
export function trainModel(training: ModelTraining): Promise<Trained> {
  const { context, id, model, configured, seed, dataset, teacher, snapshots, saving, from } = training;
  const split = training.split ?? dataset.train;
  const steps = trainingSteps(configured);
  const stream = rng(seed).fold("train").fold(id);
  const noise = stream.fold("feed");
  return train({
    engine: context.engine,
    name: `train ${id}`,
    model,
    initial: model.initialState(stream.fold("init"), teacher),
    images: split.images,
    labels: targetsOf(dataset, split).labels,
    batch: configured.batch,
    steps,
    order: rng(seed).fold("order"),
    feed: (batch, step, memory) => model.feed(batch, noise, step, memory),
    onStep(step, scalars, seconds) {
      const loss = scalars[model.quantities[0]!]!;
      const imagesPerSecond = (step * configured.batch) / seconds;
      context.progress({ done: step, total: steps, loss, imagesPerSecond });
    },
    snapshots,
    saving,
    from,
  });
}

/** Steps at which `count` snapshots are taken, at equal distances, the last step among them. */
export function snapshotSteps(steps: number, count: number): number[] {
  const at = Array.from({ length: count }, (_, i) => Math.round((steps * (i + 1)) / count));
  return [...new Set(at)].filter((step) => step > 0);
}
