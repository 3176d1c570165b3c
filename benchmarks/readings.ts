/** What the arms of the benchmark printed, put side by side. */
import { median } from "../src/core/statistics/index.ts";

/** A line of an arm or a peer: peers/README.md. */
export interface Line {
  readonly what: string;
  readonly batch: number;
  readonly median_ms: number;
  readonly cpu_ms: number;
  readonly peak_rss_mib: number;
  readonly version?: string;
  /** Millions of floating-point operations of the timed call, 2 per multiply-add. */
  readonly mflop?: number;
  /** Of the `overhead` arm: shares of a generation, the harness's own and that of drawing the sampler's noise. */
  readonly overhead?: number;
  readonly noise?: number;
  /** Of the `limit` arm: rate of a large matrix product. */
  readonly gflops?: number;
}

export interface Reading extends Line {
  readonly setting: string;
  readonly arm: string;
}

interface Cell {
  /** Milliseconds for one image, by the clock and of processor time: the median call of the fastest process. */
  readonly ms: number;
  readonly cpuMs: number;
  readonly peakRssMiB: number;
  readonly gflops?: number;
  readonly overhead?: number;
  readonly noise?: number;
}

export interface Row {
  readonly setting: string;
  readonly what: string;
  readonly batch: number;
  readonly arms: Readonly<Record<string, Cell>>;
}

export interface Summary {
  /** Rate of a large matrix product on these threads: the machine's limit. */
  readonly limitGflops: number;
  readonly rows: readonly Row[];
}

export function summarise(readings: readonly Reading[], limits: readonly number[]): Summary {
  const rows = new Map<string, { row: Omit<Row, "arms">; arms: Record<string, Reading[]> }>();
  for (const reading of readings) {
    const { setting, what, batch } = reading;
    const training = what.endsWith(".train");
    const key = `${setting} ${what} ${training ? "" : batch}`;
    const found = rows.get(key) ?? { row: { setting, what, batch }, arms: {} };
    rows.set(key, found);
    found.arms[reading.arm] = [...(found.arms[reading.arm] ?? []), reading];
  }
  const cell = (lines: readonly Reading[]): Cell => {
    const perImage = (value: (line: Reading) => number) =>
      Math.min(...lines.map((line) => value(line) / line.batch));
    const ms = perImage((line) => line.median_ms);
    const fastest = lines.reduce((a, b) => (b.median_ms < a.median_ms ? b : a));
    const { mflop, batch, overhead } = fastest;
    return {
      ms,
      cpuMs: perImage((line) => line.cpu_ms),
      peakRssMiB: median(lines.map((line) => line.peak_rss_mib)),
      gflops: mflop === undefined ? undefined : mflop / batch / ms,
      ...(overhead === undefined ? {} : { overhead, noise: fastest.noise! }),
    };
  };
  return {
    limitGflops: Math.max(...limits),
    rows: [...rows.values()].map(({ row, arms }) => ({
      ...row,
      arms: Object.fromEntries(Object.entries(arms).map(([name, lines]) => [name, cell(lines)])),
    })),
  };
}

export function table({ limitGflops, rows }: Summary, mine: string): string {
  const columns = ["images/s", "cpu ms/image", "ratio", "ratio (cpu)", "peak MiB", "GFLOP/s", "of limit"];
  const line = (name: string, cells: readonly string[]) =>
    name.padEnd(36) + cells.map((cell, i) => cell.padStart(columns[i]!.length + 2)).join("");
  const lines = [
    `a large matrix product: ${limitGflops.toFixed(0)} GFLOP/s; ratio = theirs / ours in time, above 1 is ours\n`,
    line("", columns),
  ];
  for (const { setting, what, batch, arms } of rows) {
    lines.push(`${setting} ${what.split(".")[1]}, batch ${batch}`);
    const own = arms[mine]!;
    if (own.overhead !== undefined) {
      const [harness, noise] = [own.overhead, own.noise!].map((share) => `${(100 * share).toFixed(2)} %`);
      lines.push(`  of a generation: the harness's own ${harness}, drawing the sampler's noise ${noise}`);
      continue;
    }
    for (const [name, { ms, cpuMs, peakRssMiB, gflops }] of Object.entries(arms)) {
      const theirs = name === mine ? ["", ""] : [ms / own.ms, cpuMs / own.cpuMs].map((r) => r.toFixed(2));
      const rate = gflops === undefined ? ["", ""] : [gflops.toFixed(1), percent(gflops / limitGflops)];
      lines.push(
        line(`  ${name}`, [
          (1000 / ms).toPrecision(4),
          cpuMs.toPrecision(3),
          ...theirs,
          peakRssMiB.toFixed(0),
          ...rate,
        ]),
      );
    }
  }
  return lines.join("\n");
}

const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
