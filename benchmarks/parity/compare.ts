/** One case of the check: our trainings and PyTorch's on the same numbers, their losses side by side, and their FIDs. */
import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { processorModel } from "../../src/engine/choice/hardware.ts";
import type { Engine } from "../../src/engine/contract.ts";
import { encodeSafetensors } from "../../src/harness/checkpoints/safetensors.ts";
import type { Dataset } from "../../src/harness/datasets/contract.ts";
import type { SuiteConfig } from "../../src/harness/suite/index.ts";
import type { State } from "../../src/models/index.ts";
import { agreement, toldApart } from "./agreement.ts";
import { type Case, recordedCase } from "./cases.ts";
import type { Fid } from "./judge.ts";
import { type PeerOptions, trainInPyTorch } from "./peer.ts";
import { type Recorded, recordTraining, startOf } from "./record.ts";
import type { Arm, CaseResult, Compared, Scores } from "./results.ts";

export interface CaseRequest {
  readonly engine: Engine;
  readonly python: string;
  readonly suite: SuiteConfig;
  readonly dataset: Dataset;
  readonly seeds: readonly number[];
  /** Steps in place of the suite's budget. */
  readonly steps?: number;
  readonly threads: number;
  /** For recordings while they are in use. */
  readonly folder: string;
  /** Absent: no images are scored. */
  readonly fid?: Fid;
  note(text: string): void;
}

type Curves = Readonly<Record<string, readonly number[]>>;

/** What a training has left: losses of each step, and the state at its end as far as the layout names it. */
interface Ended {
  readonly curves: Curves;
  readonly state: State;
}

/** The trainings of one seed; those of `nudged` and `torch64` where they are asked for. */
interface Trainings {
  readonly start: State;
  readonly ours: Ended;
  readonly torch: Ended;
  readonly nudged?: Ended;
  readonly torch64?: Ended;
}

const NUDGE_SEED = 1;
/** Steps up to which the largest difference is given, besides those of the bar and of the whole training. */
const MILESTONES = [1, 10, 50, 100, 200, 300, 400, 1000];

const pairs: readonly Compared["arms"][] = [
  ["ours", "torch"],
  ["ours", "torch64"],
  ["torch", "torch64"],
  ["nudged", "torch"],
];

/** The first seed is trained by every arm; the others by those whose images are scored. */
export async function compareCase(wanted: Case, request: CaseRequest): Promise<CaseResult> {
  const { suite, threads, engine, fid } = request;
  const recorded = recordedCase(wanted, suite);
  const { batch, images } = suite.models[wanted.id]!;
  const whole = wanted.whole && request.steps === undefined;
  const steps = request.steps ?? (whole ? Math.ceil(images / batch) : Math.max(wanted.steps, wanted.horizon));
  const barSteps = Math.min(steps, wanted.steps);
  const compared: Compared[] = [];
  const scores: Scores[] = [];
  const versions = new Set<string>();
  for (const [i, seed] of request.seeds.slice(0, wanted.repeated ? undefined : 1).entries()) {
    const task = { recorded, batch, steps, seed, exact: i === 0 ? Math.min(steps, wanted.horizon) : 0 };
    const trained = await trainings({ ...task, nudged: whole || i === 0 }, wanted.title, request, versions);
    compared.push(...comparePairs(wanted, seed, trained));
    if (!fid || !whole) continue;
    scores.push(await scoresOf(recorded, seed, trained, fid));
    request.note(`${wanted.title}, seed ${seed}: images scored`);
  }
  return {
    made: {
      processor: processorModel(),
      cores: availableParallelism(),
      threads,
      node: process.version,
      runtime: { ...engine.runtime },
      torch: [...versions].join(", "),
    },
    title: wanted.title,
    options: recorded.options,
    batch,
    steps,
    bar: { steps: barSteps, tolerance: wanted.tolerance, losses: [...wanted.losses] },
    met: compared
      .filter(({ arms: [a, b] }) => a === "ours" && b === "torch")
      .every(({ leaves = Number.POSITIVE_INFINITY }) => leaves > barSteps),
    compared,
    judged: scores.length > 0 && fid ? { images: fid.n, accuracy: fid.accuracy } : undefined,
    scores,
    told: scores.length > 1 ? toldOf(scores) : undefined,
  };
}

interface Task {
  readonly recorded: Recorded;
  readonly batch: number;
  readonly steps: number;
  readonly seed: number;
  readonly nudged: boolean;
  /** Steps of PyTorch in float64; 0 for none. */
  readonly exact: number;
}

async function trainings(
  { recorded, batch, steps, seed, nudged, exact }: Task,
  title: string,
  { engine, python, dataset, threads, folder, note }: CaseRequest,
  versions: Set<string>,
): Promise<Trainings> {
  let begun = performance.now();
  const done = (arm: Arm) => {
    note(`${title}, seed ${seed}, ${arm}: ${((performance.now() - begun) / 1000).toFixed(0)} s`);
    begun = performance.now();
  };
  const images = steps * batch;
  const { file, trained } = await recordTraining({ engine, recorded, batch, images, seed, dataset });
  if (trained.outcome !== "trained") throw new Error(`our ${title} diverged with seed ${seed}`);
  done("ours");
  const { layout } = recorded;
  const path = join(folder, `${recorded.type}-${seed}.safetensors`);
  await writeFile(path, encodeSafetensors(file));
  const peer = async (arm: Arm, options: PeerOptions): Promise<Ended> => {
    const [result] = await trainInPyTorch(python, [{ path, layout }], { threads, ...options });
    const { torch, losses, state } = result!;
    versions.add(torch);
    done(arm);
    return { curves: losses, state };
  };
  const ours = Object.fromEntries(trained.curves.map(({ quantity, values }) => [quantity, values]));
  return {
    start: startOf(file, layout),
    ours: { curves: ours, state: trained.state },
    torch: await peer("torch", {}),
    nudged: nudged ? await peer("nudged", { nudge: NUDGE_SEED }) : undefined,
    torch64: exact > 0 ? await peer("torch64", { dtype: "float64", steps: exact }) : undefined,
  };
}

function comparePairs({ losses, steps, tolerance }: Case, seed: number, trained: Trainings): Compared[] {
  return pairs.flatMap((arms) => {
    const [a, b] = [trained[arms[0]]?.curves, trained[arms[1]]?.curves];
    if (!a || !b) return [];
    return losses.map((quantity): Compared => {
      const length = Math.min(a[quantity]!.length, b[quantity]!.length);
      const at = [...new Set([...MILESTONES, steps, length])].sort((x, y) => x - y);
      const of = (curves: Curves) => curves[quantity]!.slice(0, length);
      return { seed, arms, quantity, ...agreement(of(a), of(b), at, tolerance) };
    });
  });
}

async function scoresOf(
  { model }: Recorded,
  seed: number,
  { start, ours, torch, nudged }: Trainings,
  { score }: Fid,
): Promise<Scores> {
  if (!nudged) throw new Error("images are scored of all three whole trainings");
  const weights = (state: State) => model.samplingWeights(state).weights!.data;
  return {
    seed,
    ours: await score(model, ours.state, seed),
    torch: await score(model, torch.state, seed),
    nudged: await score(model, nudged.state, seed),
    apart:
      distance(weights(ours.state), weights(torch.state)) / distance(weights(torch.state), weights(start)),
  };
}

const distance = (x: ArrayLike<number>, y: ArrayLike<number>) =>
  Math.sqrt(Array.from(x).reduce((sum, value, i) => sum + (value - y[i]!) ** 2, 0));

/** Ours against PyTorch, and beside it PyTorch against itself from weights moved in their last place. */
function toldOf(scores: readonly Scores[]) {
  const fids = (arm: "ours" | "torch" | "nudged") => scores.map((row) => row[arm].fid);
  return {
    ours: toldApart(fids("ours"), fids("torch")),
    nudged: toldApart(fids("nudged"), fids("torch")),
  };
}
