/** Where a run measured: what must be equal for its timings to compare with another run's. Never the host's name. */
import type { Run } from "./run.ts";

/**
 * The place as text by field, in the order in which differences are reported. `driver` is its major version and is absent
 * on a CPU; `cores` says how many of them were used where that was limited; `runtime` names each library with its version;
 * `node` is the major version. Histories hold these names and values: they must not change.
 */
export function placeOf({ engine, environment }: Run) {
  const { device } = engine;
  return {
    engine: engine.name,
    provider: engine.provider,
    precision: precisionOf(engine),
    device: device.software ? `${device.model} (software)` : device.model,
    ...(device.driver !== undefined && { driver: device.driver.match(/\d+/)?.[0] ?? device.driver }),
    cores:
      device.threads === undefined ? `${environment.cores}` : `${device.threads} of ${environment.cores}`,
    runtime: Object.entries(engine.runtime)
      .map(([name, version]) => `${name} ${version}`)
      .sort()
      .join(", "),
    node: environment.node.split(".")[0]!,
  };
}

/**
 * What the factors of a matrix product are rounded to, and what the run sampled in where that is not float32. NVIDIA's
 * libraries round float32 factors to TF32 by default.
 */
function precisionOf({ name, provider, precision }: Run["engine"]): string {
  const products =
    provider === "cuda" || (name === "tensorflow" && provider.includes("gpu")) ? "tf32" : "float32";
  return precision === "float16" ? `${products}, sampling in float16` : products;
}
