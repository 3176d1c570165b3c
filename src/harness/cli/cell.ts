/** `__cell`: one cell of a run in a child process, which reports to its parent over IPC. No user types it. */
import { assert } from "../../core/errors.ts";
import { runCellHere } from "../run/child.ts";
import { SAVE_VARIABLE, THREADS_VARIABLE } from "../run/isolate.ts";
import { command, STOPPING } from "./command.ts";
import { word } from "./flags.ts";

export default command({
  flags: {},
  positionals: { folder: word("run folder"), id: word("id of the cell") },
  async run({ folder, id }, { env }, rooms) {
    assert(process.send && process.connected, "__cell is started by a run, which listens to it");
    const send = process.send.bind(process);
    for (const signal of STOPPING) process.on(signal, () => {}); // they reach the whole group; the parent decides
    process.on("disconnect", () => process.exit(1)); // the parent is gone: nobody would store the result
    const tell = (message: unknown) =>
      new Promise<void>((resolve, reject) =>
        send(message, undefined, undefined, (error) => (error ? reject(error) : resolve())),
      );
    const given = (name: string) => (env[name] === undefined ? undefined : Number(env[name]));
    await runCellHere(folder, id, rooms, tell, {
      saveEverySeconds: given(SAVE_VARIABLE),
      threads: given(THREADS_VARIABLE),
    });
    return 0;
  },
});
