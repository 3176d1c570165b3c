/** Flags that choose an engine, and the engine they choose. */
import type { EngineRequest } from "../../engine/choice/index.ts";
import type { Engine } from "../../engine/contract.ts";
import type { Rooms } from "../run/rooms.ts";
import type { Io } from "./command.ts";
import { choice, type FlagValues, toggle, upTo, value } from "./flags.ts";

export const engineFlags = {
  device: choice(["auto", "cpu", "gpu"], "where it runs"),
  engine: choice(["auto", "onnx", "tensorflow", "reference"], "what computes it (`bench doctor`)"),
  "allow-software-gpu": toggle("take a GPU that is emulated on the processor"),
  threads: value("N", "processor threads; all cores by default", upTo(1024)),
  precision: choice(["float32", "float16"], "number format of sampling; float32 by default"),
};

export type EngineFlags = FlagValues<Omit<typeof engineFlags, "precision">> & {
  readonly precision?: FlagValues<typeof engineFlags>["precision"];
};

/** What the flags ask for; `auto` where they leave a choice open. */
export function engineRequest(flags: EngineFlags): EngineRequest {
  const { device = "auto", engine = "auto", threads, precision } = flags;
  return { device, engine, allowSoftwareGpu: flags["allow-software-gpu"], threads, precision };
}

/** Result of `use`, which may open the engine that the flags choose; it is disposed of afterwards. */
export async function withEngine<T>(
  flags: EngineFlags,
  io: Io,
  rooms: Rooms,
  use: (open: () => Promise<Engine>) => Promise<T>,
): Promise<T> {
  let engine: Promise<Engine> | undefined;
  const open = async () => {
    const { threads, precision } = flags;
    const { name, provider, device } = await rooms.chooseEngine(engineRequest(flags), io.entry);
    return rooms.openEngine({ engine: name, provider }, { device, threads, precision });
  };
  try {
    return await use(() => (engine ??= open()));
  } finally {
    const opened = await engine?.catch(() => undefined); // a failure to open is for `use` to throw
    await opened?.dispose();
  }
}
