/** What a case found, as Markdown. */
import type { Arm, CaseResult } from "./compare.ts";

const titles: Readonly<Record<Arm, string>> = {
  ours: "ours",
  torch: "PyTorch float32",
  torch64: "PyTorch float64",
  nudged: "PyTorch float32, nudged",
};

export function tables(result: CaseResult): string {
  const { title, bar, met, scores, told } = result;
  const heading = `${title}: within ${bar.tolerance} over ${bar.steps} steps: ${met ? "met" : "missed"}`;
  const parts = [heading, lossTable(result)];
  if (told) {
    parts.push(scoreTable(scores));
    for (const [arm, test] of Object.entries(told))
      parts.push(
        `${titles[arm === "ours" ? "ours" : "nudged"]} less PyTorch: ${signed(test.difference)} ± ${number(test.half)}, ` +
          `spread over seeds ${test.spread.map(number).join(" and ")}; ${test.apart ? "told apart" : "not told apart"}`,
      );
  }
  return parts.join("\n\n");
}

function lossTable({ compared }: CaseResult): string {
  const steps = [...new Set(compared.flatMap(({ within }) => within.map((entry) => entry.steps)))];
  const sorted = steps.sort((a, b) => a - b);
  return markdown([
    ["loss", "seed", "between", ...sorted.map((count) => `up to step ${count}`), "leaves the tolerance at"],
    ...compared.map(({ quantity, seed, arms: [a, b], within, leaves }) => [
      quantity,
      String(seed),
      `${titles[a]}, ${titles[b]}`,
      ...sorted.map((count) => within.find((entry) => entry.steps === count)?.largest.toExponential(1) ?? ""),
      leaves === undefined ? "never" : `step ${leaves}`,
    ]),
  ]);
}

function scoreTable(scores: CaseResult["scores"]): string {
  const arms = ["ours", "torch", "nudged"] as const;
  return markdown([
    ["seed", ...arms.map((arm) => `FID, ${titles[arm]}`), "ours less PyTorch", "weights apart"],
    ...scores.map((row) => [
      String(row.seed),
      ...arms.map((arm) => `${number(row[arm].fid)} (${number(row[arm].low)} to ${number(row[arm].high)})`),
      signed(row.ours.fid - row.torch.fid),
      row.apart.toExponential(1),
    ]),
  ]);
}

const number = (value: number) => value.toPrecision(3);
const signed = (value: number) => `${value < 0 ? "" : "+"}${number(value)}`;

function markdown([head, ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head!), line(head!.map(() => "---")), ...rows.map(line)].join("\n");
}
