/** One case of the check: our trainings and PyTorch's on the same numbers, their losses side by side, and their FIDs. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../src/engine/contract.ts";
import { encodeSafetensors } from "../../src/harness/checkpoints/safetensors.ts";
import type { Dataset } from "../../src/harness/datasets/contract.ts";
import type { SuiteConfig } from "../../src/harness/suite/index.ts";
import type { State } from "../../src/models/index.ts";
import { type Agreement, agreement, toldApart } from "./agreement.ts";
import { type Case, recordedCase } from "./cases.ts";
import type { openFid, Score } from "./judge.ts";
import { joined } from "./layout.ts";
import { type PeerOptions, trainInPyTorch } from "./peer.ts";
import { recordTraining } from "./record.ts";

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
  readonly fid?: Awaited<ReturnType<typeof openFid>>;
  note(text: string): void;
}

/** Who trained: our engine; PyTorch in float32, in float64, and in float32 from weights moved in their last place. */
export type Arm = "ours" | "torch" | "torch64" | "nudged";

interface Compared extends Agreement {
  readonly seed: number;
  readonly arms: readonly [Arm, Arm];
  readonly quantity: string;
}

interface Scores {
  readonly seed: number;
  readonly ours: Score;
  readonly torch: Score;
  readonly nudged: Score;
  /** Distance of the final sampling weights of ours and PyTorch's, over PyTorch's distance from the start. */
  readonly apart: number;
}

type Curves = Readonly<Record<string, readonly number[]>>;

const NUDGE_SEED = 1;
/** Steps up to which the largest difference is given, besides those of the bar and of the whole training. */
const MILESTONES = [1, 10, 50, 100, 200, 300, 400, 1000];

const pairs = [
  ["ours", "torch"],
  ["ours", "torch64"],
  ["torch", "torch64"],
  ["nudged", "torch"],
] as const satisfies (readonly [Arm, Arm])[];

export async function compareCase(wanted: Case, request: CaseRequest) {
  const { engine, python, suite, dataset, threads, note, fid } = request;
  const recorded = recordedCase(wanted, suite);
  const { batch, images } = suite.models[wanted.id]!;
  const whole = wanted.whole && request.steps === undefined;
  const steps = request.steps ?? (whole ? Math.ceil(images / batch) : wanted.steps);
  const seeds = wanted.whole ? request.seeds : request.seeds.slice(0, 1);
  const compared: Compared[] = [];
  const scores: Scores[] = [];
  const versions = new Set<string>();

  for (const seed of seeds) {
    const started = performance.now();
    const say = (arm: string) =>
      note(`${wanted.title}, seed ${seed}, ${arm}: ${((performance.now() - started) / 1000).toFixed(0)} s`);
    const { file, trained } = await recordTraining({
      engine,
      recorded,
      batch,
      images: steps * batch,
      seed,
      dataset,
    });
    if (trained.outcome !== "trained") throw new Error(`our ${wanted.title} diverged with seed ${seed}`);
    say("ours");
    const path = join(request.folder, `${wanted.id}-${seed}.safetensors`);
    await writeFile(path, encodeSafetensors(file));
    const peer = async (arm: Arm, options: PeerOptions) => {
      const recording = { path, layout: recorded.layout };
      const [result] = await trainInPyTorch(python, [recording], { threads, ...options });
      versions.add(result!.torch);
      say(arm);
      return result!;
    };
    const limit = Math.min(steps, wanted.horizon);
    const torch = await peer("torch", {});
    const nudged = whole || seed === seeds[0] ? await peer("nudged", { nudge: NUDGE_SEED }) : undefined;
    const torch64 = seed === seeds[0] ? await peer("torch64", { dtype: "float64", steps: limit }) : undefined;
    const curves: Partial<Record<Arm, Curves>> = {
      ours: Object.fromEntries(trained.curves.map(({ quantity, values }) => [quantity, values])),
      torch: torch.losses,
      nudged: nudged?.losses,
      torch64: torch64?.losses,
    };
    compared.push(...comparePairs(wanted, seed, curves));
    if (!fid || !whole || !nudged) continue;
    const score = async (state: State) => fid.score(recorded.model, state, seed);
    scores.push({
      seed,
      ours: await score(trained.state),
      torch: await score(torch.state),
      nudged: await score(nudged.state),
      apart: apart(
        recorded.model.samplingWeights(trained.state).weights!.data,
        recorded.model.samplingWeights(torch.state).weights!.data,
        joined(startOf(file.tensors), recorded.layout)[recorded.type === "ddpm" ? "denoiser" : "generator"]!
          .data,
      ),
    });
    say("images scored");
  }
  return {
    title: wanted.title,
    options: recorded.options,
    batch,
    steps,
    bar: { steps: wanted.steps, tolerance: wanted.tolerance, losses: wanted.losses },
    met: compared
      .filter(({ arms: [a, b] }) => a === "ours" && b === "torch")
      .every(({ leaves = Number.POSITIVE_INFINITY }) => leaves > wanted.steps),
    torch: [...versions].join(", "),
    compared,
    scores,
    told: scores.length > 1 ? toldOf(scores) : undefined,
  };
}

export type CaseResult = Awaited<ReturnType<typeof compareCase>>;

function comparePairs(
  { losses, steps, tolerance }: Case,
  seed: number,
  curves: Partial<Record<Arm, Curves>>,
): Compared[] {
  return pairs.flatMap((arms) => {
    const [a, b] = [curves[arms[0]], curves[arms[1]]];
    if (!a || !b) return [];
    return losses.map((quantity): Compared => {
      const length = Math.min(a[quantity]!.length, b[quantity]!.length);
      const at = [...new Set([...MILESTONES, steps, length])].sort((x, y) => x - y);
      const of = (curve: Curves) => curve[quantity]!.slice(0, length);
      return { seed, arms, quantity, ...agreement(of(a), of(b), at, tolerance) };
    });
  });
}

/** Ours against PyTorch, and beside it PyTorch against itself from weights moved in their last place. */
function toldOf(scores: readonly Scores[]) {
  const fids = (arm: "ours" | "torch" | "nudged") => scores.map((row) => row[arm].fid);
  return {
    ours: toldApart(fids("ours"), fids("torch")),
    nudged: toldApart(fids("nudged"), fids("torch")),
  };
}

/** The tensors below `initial/`, without it. */
const startOf = (tensors: Parameters<typeof joined>[0]) =>
  Object.fromEntries(
    Object.entries(tensors)
      .filter(([name]) => name.startsWith("initial/"))
      .map(([name, tensor]) => [name.slice("initial/".length), tensor]),
  );

function apart(a: ArrayLike<number>, b: ArrayLike<number>, start: ArrayLike<number>): number {
  const distance = (x: ArrayLike<number>, y: ArrayLike<number>) =>
    Math.sqrt(Array.from(x).reduce((sum, value, i) => sum + (value - y[i]!) ** 2, 0));
  return distance(a, b) / distance(b, start);
}
