import { clean } from "./clean.ts";
import type { Target } from "./contract.ts";
import { epsilon } from "./epsilon.ts";
import { velocity } from "./velocity.ts";

export type { Target } from "./contract.ts";

/** What the network's output estimates, by the names of suites. */
export const targets = { epsilon, x0: clean, v: velocity } satisfies Record<string, Target>;

export type TargetName = keyof typeof targets;
