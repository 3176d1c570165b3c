/**
 * Gives a worker that runs an end-to-end test a core of its own, with the commands that the test starts. The runtime's threads
 * wait by spinning: two such files at once, each with as many threads as there are cores, mostly wait for each other.
 */
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { expect } from "vitest";

const cores = availableParallelism();
const worker = Number(process.env.VITEST_POOL_ID);
if (process.platform === "linux" && expect.getState().testPath?.includes("/test/e2e/"))
  spawnSync("taskset", ["-cp", String((worker - 1) % cores), String(process.pid)]);
