/** Energy of the processor packages, from the kernel's RAPL counters (Linux powercap). */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface EnergyMeter {
  /** Which counter, for the record. */
  readonly source: string;
  /** Joules since the meter was made. */
  joules(): number;
}

interface Counter {
  readonly file: string;
  readonly range: number;
  last: number;
}

/** undefined where there is no counter or the user may not read it. The counters measure the whole machine. */
export function raplMeter(root = "/sys/class/powercap"): EnergyMeter | undefined {
  let total = 0;
  const counters: Counter[] = [];
  try {
    // intel-rapl:0 is a package; intel-rapl:0:0 is a part of it and would be counted twice
    for (const zone of readdirSync(root).filter((name) => /^intel-rapl:\d+$/.test(name))) {
      if (!readFileSync(join(root, zone, "name"), "utf8").startsWith("package")) continue;
      const file = join(root, zone, "energy_uj");
      const range = microjoules(join(root, zone, "max_energy_range_uj"));
      counters.push({ file, range, last: microjoules(file) });
    }
  } catch {
    return undefined;
  }
  if (counters.length === 0) return undefined;
  return {
    source: "RAPL, all processor packages",
    joules() {
      for (const counter of counters) {
        const now = microjoules(counter.file);
        total += now - counter.last + (now < counter.last ? counter.range : 0); // it wraps around
        counter.last = now;
      }
      return total / 1e6;
    },
  };
}

const microjoules = (file: string): number => Number(readFileSync(file, "utf8"));
