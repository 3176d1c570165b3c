/** Samples asked for by label: whether they have it, at one way to ask. */
import { rng } from "../../../core/rng.ts";
import type { Sample } from "../../../metrics/contract.ts";
import { metricsFor } from "../../../metrics/index.ts";
import type { SamplerSetting } from "../../../models/index.ts";
import type { ControlPoint } from "../../record/index.ts";
import type { CellContext } from "../contract.ts";
import type { Judge } from "../shared/judge.ts";
import type { OpenModel } from "../shared/open.ts";
import { sampledLabels, sampleImages } from "../shared/sampling.ts";
import type { Scoring } from "../shared/scoring.ts";
import { shareMatching } from "./shares.ts";

export interface Asking {
  readonly setting: SamplerSetting;
  readonly n: number;
}

/**
 * Images asked for by labels as frequent as among the training images, the same ones of the same seeds at every setting;
 * another `purpose` is another stream.
 */
export async function askedImages(
  context: Pick<CellContext, "engine" | "dataset">,
  opened: OpenModel,
  purpose: "control" | "control validation" | "cas",
  { setting, n }: Asking,
) {
  const stream = rng(opened.seed).fold(purpose);
  const labelOf = sampledLabels(opened.model, await context.dataset(), stream)!;
  return { ...(await sampleImages(context, opened, { setting, stream, n })), labelOf };
}

/** The samples that are reported. */
export async function askForLabels(
  context: CellContext,
  opened: OpenModel,
  judges: { readonly scoring: Scoring; readonly labelling: Judge; readonly second: Judge },
  asking: Asking,
): Promise<Omit<ControlPoint, "guidance">> {
  const { images, made, milliseconds, labelOf } = await askedImages(context, opened, "control", asking);
  const { assignments } = await judges.labelling.judge(images);
  const second = await judges.second.judge(images);
  const perLabel = Array.from({ length: opened.model.classes }, () => ({ asked: 0, right: 0 }));
  for (const [i, assigned] of assignments.entries()) {
    const entry = perLabel[labelOf(i)]!;
    entry.asked++;
    if (assigned === labelOf(i)) entry.right++;
  }
  return {
    accuracy: shareMatching(assignments, labelOf),
    secondAccuracy: shareMatching(second.assignments, labelOf),
    perLabel,
    millisecondsPerImage: milliseconds / asking.n,
    networkEvaluations: made.networkEvaluations,
    quality: await judges.scoring.quality(await judges.scoring.judge(images), made),
  };
}

/** Other samples, which choose the setting: against validation images. */
export async function askToChoose(
  context: CellContext,
  opened: OpenModel,
  { scoring, labelling }: { readonly scoring: Scoring; readonly labelling: Judge },
  against: Sample,
  asking: Asking,
): Promise<NonNullable<ControlPoint["validation"]>> {
  const { images, made, labelOf } = await askedImages(context, opened, "control validation", asking);
  const { assignments } = await labelling.judge(images);
  return {
    accuracy: shareMatching(assignments, labelOf),
    quality: await scoring.quality(await scoring.judge(images), made, {
      against,
      metrics: metricsFor("snapshot"),
    }),
  };
}
