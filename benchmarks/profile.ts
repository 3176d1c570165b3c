/** ONNX Runtime's profile of a session: where the time of one call goes, by operator and by operation of the program. */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { median } from "../src/core/statistics/index.ts";

export interface Share {
  readonly name: string;
  /** Milliseconds of one call. */
  readonly ms: number;
  readonly nodes: number;
}

export interface Profile {
  readonly calls: number;
  /** Milliseconds of one call, the time between nodes included. */
  readonly callMs: number;
  readonly byOperator: readonly Share[];
  readonly byOrigin: readonly Share[];
  /** Operators by the execution provider that ran them, each with its number of nodes. */
  readonly providers: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

interface Event {
  readonly cat: string;
  readonly name: string;
  readonly dur: number;
  readonly args?: { readonly op_name?: string; readonly provider?: string };
}

/** Calls that only warm up. */
const WARM_UP = 2;

/**
 * The events of one profile file, each call's nodes before its `model_run`. A node counts with the median of its calls,
 * so that a slow spell of the machine does not fall on whichever node it met.
 */
export function summarise(events: readonly Event[]): Profile {
  const ends = events.flatMap(({ name }, i) => (name === "model_run" ? [i] : []));
  const first = ends[Math.min(WARM_UP, ends.length - 1) - 1] ?? -1;
  const timed = events.slice(first + 1);
  const runs = timed.filter(({ name }) => name === "model_run");
  const kernels = timed.filter(({ cat, name }) => cat === "Node" && name.endsWith("_kernel_time"));
  const nodes = [...grouped(kernels, ({ name }) => name).values()].map((calls) => ({
    name: originOf(calls[0]!.name),
    operator: calls[0]!.args?.op_name ?? "unknown",
    provider: calls[0]!.args?.provider ?? "unknown",
    ms: milliseconds(calls),
  }));
  const shares = (key: (node: (typeof nodes)[number]) => string): Share[] =>
    [...grouped(nodes, key)]
      .map(([name, group]) => ({ name, ms: group.reduce((sum, { ms }) => sum + ms, 0), nodes: group.length }))
      .sort((a, b) => b.ms - a.ms);
  return {
    calls: runs.length,
    callMs: milliseconds(runs),
    byOperator: shares(({ operator }) => operator),
    byOrigin: shares(({ name }) => name),
    providers: Object.fromEntries(
      [...grouped(nodes, ({ provider }) => provider)].map(([name, group]) => [
        name,
        Object.fromEntries(
          [...grouped(group, ({ operator }) => operator)].map(([op, all]) => [op, all.length]),
        ),
      ]),
    ),
  };
}

const milliseconds = (calls: readonly Event[]) => median(calls.map(({ dur }) => dur)) / 1000;

function grouped<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

/** Nodes are named `operation/value`; what ONNX Runtime fuses or inserts has names of its own. */
function originOf(name: string): string {
  const [origin, rest] = name.split("/");
  return rest === undefined ? "(made by ONNX Runtime)" : origin || "(program's edge)";
}

/** Reads and removes the profile that a session wrote under this prefix: the one of the most nodes. */
export function takeProfile(prefix: string): Profile {
  const folder = dirname(prefix);
  const files = readdirSync(folder).filter(
    (name) => name.startsWith(`${basename(prefix)}_`) && name.endsWith(".json"),
  );
  const profiles = files.map((name) => {
    const path = join(folder, name);
    const events = JSON.parse(readFileSync(path, "utf8")) as Event[];
    rmSync(path);
    return summarise(events);
  });
  const nodes = ({ byOperator }: Profile) => byOperator.reduce((sum, share) => sum + share.nodes, 0);
  const largest = profiles.sort((a, b) => nodes(b) - nodes(a))[0];
  if (!largest) throw new Error(`no profile was written under ${prefix}`);
  return largest;
}

/** Both tables, the shares below 1 % left out. */
export function formatProfile({ calls, callMs, byOperator, byOrigin, providers }: Profile): string {
  const table = (title: string, shares: readonly Share[]) => [
    title,
    ...shares
      .filter(({ ms }) => ms >= 0.01 * callMs)
      .map(
        ({ name, ms, nodes }) =>
          `  ${name.padEnd(44)} ${ms.toFixed(2).padStart(9)} ms ${((100 * ms) / callMs).toFixed(1).padStart(5)} %  ${nodes} nodes`,
      ),
  ];
  return [
    `one call: ${callMs.toFixed(2)} ms, median of ${calls}; nodes on ${Object.entries(providers)
      .map(([name, operators]) => `${name}: ${Object.values(operators).reduce((sum, n) => sum + n, 0)}`)
      .join(", ")}`,
    ...table("by operator", byOperator),
    ...table("by operation of the program", byOrigin),
  ].join("\n");
}
