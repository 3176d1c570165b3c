import { availableParallelism, cpus } from "node:os";

/** Model of the processor as the operating system names it. */
export function processorModel(): string {
  return cpus()[0]?.model.trim() || process.arch;
}

/** Logical cores this process may use. */
export function availableCores(): number {
  return availableParallelism();
}
