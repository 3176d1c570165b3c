/** Flags that choose an engine, and the engine they choose. */
import type { Engine } from "../../engine/contract.ts";
import type { Parts } from "../run/parts.ts";
import { type Flags, type FlagValues, oneOf, positiveNumber } from "./arguments.ts";
import type { Io } from "./io.ts";

export const engineFlags = {
  device: {
    kind: "value",
    value: "auto|cpu|gpu",
    describe: "where it runs",
    parse: oneOf(["auto", "cpu", "gpu"]),
  },
  engine: {
    kind: "value",
    value: "NAME",
    describe: "auto, onnx, tensorflow or reference (`bench doctor`)",
    parse: oneOf(["auto", "onnx", "tensorflow", "reference"]),
  },
  "allow-software-gpu": { kind: "switch", describe: "take a GPU that is emulated on the processor" },
  threads: {
    kind: "value",
    value: "N",
    describe: "processor threads; all cores by default",
    parse: positiveNumber,
  },
} as const satisfies Flags;

/** What `use` gives with the engine that the flags choose, which is disposed of after it. */
export async function withEngine<T>(
  flags: FlagValues<typeof engineFlags>,
  io: Io,
  parts: Parts,
  use: (engine: Engine) => Promise<T>,
): Promise<T> {
  const { device, engine: name, threads } = flags;
  const limit = threads === undefined ? {} : { threads };
  const request = {
    device: device ?? "auto",
    engine: name ?? "auto",
    allowSoftwareGpu: flags["allow-software-gpu"],
    ...limit,
  };
  const chosen = await parts.chooseEngine(request, io.entry);
  const engine = await parts.openEngine(
    { engine: chosen.name, provider: chosen.provider },
    { device: chosen.device, ...limit },
  );
  try {
    return await use(engine);
  } finally {
    await engine.dispose();
  }
}
