/** What the harness runs in processes of its own, by re-running its entry. Hidden: no user types these. */
import { assert } from "../../../core/errors.ts";
import { command } from "../command.ts";

/** One cell of a run, reported to the parent over IPC. */
export const cell = command({
  describe: undefined,
  flags: {},
  positionals: { usage: "FOLDER ID", describe: "", least: 2, most: 2 },
  async run({ positionals: [folder, id] }, { env }, parts) {
    assert(process.send && process.connected, "__cell is started by a run, which listens to it");
    const send = process.send.bind(process);
    for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {}); // they reach the whole group; the parent decides
    process.on("disconnect", () => process.exit(1)); // the parent is gone: nobody would store the result
    const { runCellHere } = await import("../../run/child.ts");
    const { SAVE_VARIABLE } = await import("../../run/isolate.ts");
    const tell = (message: unknown) =>
      new Promise<void>((resolve, reject) =>
        send(message, undefined, undefined, (error) => (error ? reject(error) : resolve())),
      );
    const seconds = env[SAVE_VARIABLE];
    await runCellHere(folder!, id!, parts, tell, seconds === undefined ? undefined : Number(seconds));
    return 0;
  },
});

/** One rung of the engine ladder, reported to the parent on stdout. */
export const probe = command({
  describe: undefined,
  flags: {},
  positionals: { usage: "ENGINE PROVIDER PRECISION [THREADS]", describe: "", least: 3, most: 4 },
  async run({ positionals: [engine, provider, precision, threads] }, io) {
    const { formatProbe, probeHere } = await import("../../../engine/choice/index.ts");
    const [rung, options] = [
      { engine, provider },
      { precision, threads: threads === undefined ? undefined : Number(threads) },
    ] as Parameters<typeof probeHere>;
    io.stdout.write(formatProbe(await probeHere(rung, options)));
    return 0;
  },
});
