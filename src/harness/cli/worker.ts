/** `bench worker`: takes cells from a queue that `bench run --queue` fills, one after the other. */
import { usageError } from "../../core/errors.ts";
import { work } from "../run/queue/worker.ts";
import { command, interruptible } from "./command.ts";
import { duration, required, text, toggle, value } from "./flags.ts";
import { printLine } from "./output.ts";

export default command({
  flags: {
    queue: required(value("URL", "Redis server, e.g. redis://127.0.0.1:6379", text)),
    lease: value(
      "TIME",
      "after this time of silence a worker counts as dead and another takes its cell; 30s by default, the same for all workers",
      duration,
    ),
    idle: value("TIME", "end when no cell has come for this time; never by default", duration),
    quiet: toggle("no log on stderr"),
  },
  notes:
    "All workers share the storage of the run folder, at the same path. The run itself measures latency. " +
    "The Redis server must be trusted: whoever can write to it starts cells of any run folder and returns any result. " +
    "Ctrl-C gives the cell in flight back to the queue.",
  async run({ queue: url, lease: leaseSeconds = 30, idle: idleSeconds, quiet }, io) {
    if (leaseSeconds < 1) throw usageError("--lease must be at least 1s");
    const note = (message: string) => quiet || io.stderr.write(`${message}\n`);
    const { cells, returned } = await interruptible((signal) =>
      work({ url, entry: io.entry, leaseSeconds, idleSeconds, signal, note }),
    );
    printLine(io, `${cells} ${cells === 1 ? "cell" : "cells"}${returned ? `; gave ${returned} back` : ""}`);
    return returned === undefined ? 0 : 130;
  },
});
