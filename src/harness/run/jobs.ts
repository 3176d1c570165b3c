/** How many cells run at once, and how many ran beside each. */
import { availableCores } from "../../engine/choice/hardware.ts";

/** Threads of a cell that may have others beside it; the cores go to cells, which share less than threads do. */
export const THREADS_BESIDE = 1;

/** Memory that a cell is given credit for: the process of a training at 64 pixels takes about as much. */
const BYTES_PER_CELL = 2 ** 30;

/** As many as there are cores and GiB of free memory, at least one. */
export function jobsFor(cores = availableCores(), freeBytes = process.availableMemory()): number {
  return Math.max(1, Math.min(cores, Math.floor(freeBytes / BYTES_PER_CELL)));
}

/**
 * Measures company: `during` gives, with the result of `work`, the mean number of other works that ran while it did.
 * `now` gives milliseconds.
 */
export function companyOf(now: () => number = () => performance.now()) {
  let running = 0;
  let area = 0; // of the number running, over time
  let at = now();
  const pass = () => {
    const time = now();
    area += running * (time - at);
    at = time;
  };
  return {
    async during<T>(work: () => Promise<T>): Promise<{ result: T; beside: number }> {
      pass();
      const [from, before] = [at, area];
      running++;
      try {
        const result = await work();
        pass();
        const mean = at > from ? (area - before) / (at - from) : 1;
        return { result, beside: Math.round(100 * (mean - 1)) / 100 };
      } finally {
        pass();
        running--;
      }
    },
  };
}
