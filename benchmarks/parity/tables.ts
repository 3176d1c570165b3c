/** What a case found, as Markdown. */
import type { Arm, CaseResult } from "./results.ts";

const titles: Readonly<Record<Arm, string>> = {
  ours: "ours",
  torch: "PyTorch",
  torch64: "PyTorch in float64",
  nudged: "PyTorch, nudged",
};

/** In blocks, which docs/parity.md quotes. */
export function blocks(result: CaseResult): string[] {
  const { bar, met, scores, told } = result;
  const heading = `Within ${bar.tolerance} over ${bar.steps} steps: ${met ? "met" : "missed"}.`;
  if (!told) return [heading, lossTable(result)];
  const tests = (["ours", "nudged"] as const).map((arm) => {
    const { difference, half, spread, apart } = told[arm];
    return (
      `${titles[arm]} less ${titles.torch}: ${signed(difference)} ± ${number(half)}; spread over seeds ` +
      `${spread.map(number).join(" and ")}: ${apart ? "told apart" : "not told apart"}.`
    );
  });
  return [heading, lossTable(result), scoreTable(scores), ...tests];
}

/** A page with every case's blocks between its marks, `<!-- CASE -->` and `<!-- end -->`. @throws where a case has none */
export function filled(page: string, results: Readonly<Record<string, CaseResult>>): string {
  return Object.entries(results).reduce((text, [name, result]) => {
    const marks = new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(<!-- end -->)`);
    if (!marks.test(text)) throw new Error(`the page has no marks of ${name}`);
    return text.replace(marks, (_, start, end) => `${start}\n${blocks(result).join("\n\n")}\n\n${end}`);
  }, page);
}

function lossTable({ compared }: CaseResult): string {
  const steps = [...new Set(compared.flatMap(({ within }) => within.map((entry) => entry.steps)))];
  const sorted = steps.sort((a, b) => a - b);
  return markdown([
    ["loss", "seed", "between", ...sorted.map((count) => `up to step ${count}`), "leaves the tolerance at"],
    ...compared.map(({ quantity, seed, arms: [a, b], within, leaves }) => [
      quantity,
      String(seed),
      `${titles[a]} and ${titles[b]}`,
      ...sorted.map(
        (count) =>
          within
            .find((entry) => entry.steps === count)
            ?.largest.toExponential(1)
            .replace(/^0.*/, "0") ?? "",
      ),
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
