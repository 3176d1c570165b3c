import { BenchError } from "../../../core/errors.ts";
import { duration, text } from "../arguments.ts";
import { command } from "../command.ts";
import { interruptible } from "../interruptible.ts";
import { printLine } from "../io.ts";

export const worker = command({
  describe: "take cells from a queue that `bench run --queue` fills, one after the other",
  flags: {
    queue: {
      kind: "value",
      value: "URL",
      describe: "Redis server, e.g. redis://127.0.0.1:6379",
      parse: text,
    },
    lease: {
      kind: "value",
      value: "TIME",
      describe:
        "a worker silent for so long is dead and its cell another's; 30s by default, the same for all",
      parse: duration,
    },
    idle: {
      kind: "value",
      value: "TIME",
      describe: "end where no cell has come for so long; never by default",
      parse: duration,
    },
    quiet: { kind: "switch", describe: "no log on stderr" },
  },
  notes:
    "The run folder lies on storage that all workers share, at the same path. Latency is measured\n" +
    "by the run itself. Ctrl-C gives the cell in flight back to the queue.",
  async run({ flags }, io) {
    if (flags.queue === undefined) throw new BenchError("USAGE", "worker needs --queue URL");
    const leaseSeconds = flags.lease ?? 30;
    if (leaseSeconds < 1) throw new BenchError("USAGE", "--lease is at least 1s");
    const { work } = await import("../../run/queue/worker.ts");
    const url = flags.queue;
    const { cells, returned } = await interruptible((signal) =>
      work({
        url,
        entry: io.entry,
        leaseSeconds,
        idleSeconds: flags.idle,
        signal,
        note: (message) => flags.quiet || io.stderr.write(`${message}\n`),
      }),
    );
    printLine(io, `${cells} ${cells === 1 ? "cell" : "cells"}${returned ? `; gave ${returned} back` : ""}`);
    return returned === undefined ? 0 : 130;
  },
});
