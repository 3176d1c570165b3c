/** The command as an entry that is bundled: `bin/bench.js` without its choice between sources and package. */
import { runProcess } from "../../src/harness/cli/main.ts";

await runProcess();
