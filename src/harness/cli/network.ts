/** `__network`: serves the passes of a stranger's network to the parent over IPC, until that is gone. No user types it. */
import { assert } from "../../core/errors.ts";
import { serveNetwork } from "../../engine/onnx/network.ts";
import { command } from "./command.ts";

export default command({
  flags: {},
  async run() {
    assert(process.send && process.connected, "__network is started by a command, which listens to it");
    serveNetwork(process);
    process.on("disconnect", () => process.exit(1));
    return new Promise(() => {}); // the parent ends it
  },
});
