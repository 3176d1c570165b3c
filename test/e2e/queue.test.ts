/** Runs by way of a queue: Debian's redis-server on loopback, workers as processes of their own, one of them killed. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cell, readRun } from "../../src/harness/record/index.ts";
import { parseQueueUrl } from "../../src/harness/run/queue/connection.ts";
import { temporaryFolders } from "../harness/datasets/fixtures.ts";
import { fakeBench } from "./entries.ts";
import { node, type Options } from "./process.ts";

type Watch = Pick<Options, "onStart" | "onStderr">;

const present = spawnSync("redis-server", ["--version"]).status === 0;
if (!present)
  console.warn(
    "redis-server is not here (apt-get install redis-server): runs by way of a queue were not tested",
  );

describe("the address of a queue", () => {
  it("is Redis's, with what it needs", () => {
    expect(parseQueueUrl("redis://localhost")).toEqual({ host: "localhost", port: 6379 });
    expect(parseQueueUrl("rediss://me:s%40y@there:1/2")).toEqual({
      host: "there",
      port: 1,
      username: "me",
      password: "s@y",
      db: 2,
      tls: {},
    });
    for (const wrong of ["localhost:6379", "http://x", "redis://", "redis://x/one"])
      expect(() => parseQueueUrl(wrong)).toThrow("--queue takes the address of a Redis server");
  });

  it("is refused where nothing answers", async () => {
    const cwd = temporary();
    const { code, stderr } = await node([fakeBench, "worker", "--queue", "redis://127.0.0.1:1"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error QUEUE_UNAVAILABLE: no Redis server answers at 127\.0\.0\.1:1/m);
    const missing = await node([fakeBench, "worker"], { cwd });
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining("worker needs --queue; see") });
  });
});

const temporary = temporaryFolders();

describe.runIf(present)("a run by way of a queue", () => {
  let server: ChildProcess;
  let url: string;
  beforeAll(async () => {
    const free = createServer().listen(0, "127.0.0.1");
    await once(free, "listening");
    const { port } = free.address() as { port: number };
    free.close();
    url = `redis://127.0.0.1:${port}`;
    server = spawn(
      "redis-server",
      ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", resolve("/tmp")],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    for await (const chunk of server.stdout!) if (String(chunk).includes("Ready to accept")) break;
    server.stdout!.resume();
  });
  afterAll(async () => {
    server.kill("SIGKILL");
    await once(server, "close");
  });

  const untimed = (cells: readonly Cell[]) => cells.map((cell) => ({ ...cell, startedAt: "", seconds: 0 }));

  it("is the run without one, also where a worker is killed in a cell's midst", async () => {
    const cwd = temporary();
    const model = "dcgan: { type: dcgan, images: 8, options: { generatorWidth: 8, discriminatorWidth: 8 } }";
    const dataset = "dataset: { size: 8, train: 8, test: 8 }";
    writeFileSync(join(cwd, "fake.yaml"), `name: fake\n${dataset}\nmodels: { ${model} }\nstages: {}\n`);
    const fake = (words: readonly string[], fates: object = {}, watch: Watch = {}) =>
      node([fakeBench, ...words], {
        cwd,
        env: { FAKE: JSON.stringify(fates), FAKE_CHAINS: "2" },
        ...watch,
      });
    const plain = fake(["run", "--suite", "fake.yaml", "--quiet", "--out", "plain"]);
    const worker = ["worker", "--queue", url, "--lease", "2s"];
    // the first worker hangs in the first chain's second cell, and is killed there
    const onStderr: Options["onStderr"] = (text, child) => {
      if (text.includes("taking stability/0b")) child.kill("SIGKILL");
    };
    const doomed = fake(worker, { "0b": "hang" }, { onStderr });
    const run = fake(["run", "--suite", "fake.yaml", "--queue", url, "--out", "queued", "--json"]);
    expect((await doomed).code).toBeNull();
    let rescuer: ChildProcess | undefined;
    const rescue = fake(worker, {}, { onStart: (child) => (rescuer = child) });
    const ended = await run;
    rescuer!.kill("SIGTERM");
    expect(ended.code, ended.stderr).toBe(0);
    expect(JSON.parse(ended.stdout)).toMatchObject({ state: "complete", cells: { planned: 5, done: 5 } });
    const rescued = await rescue;
    expect(rescued).toMatchObject({ code: 0, stderr: expect.stringContaining("taking stability/0b") });

    expect((await plain).code).toBe(0);
    const [expected, found] = await Promise.all(["plain", "queued"].map((out) => readRun(join(cwd, out))));
    expect(untimed(found!.cells)).toEqual(untimed(expected!.cells));
  });

  it("gives a cell back where its worker is asked to stop, and a worker ends by itself where none comes", async () => {
    const cwd = temporary();
    const suite = "name: fake\ndataset: { size: 8, train: 8, test: 8 }\nmodels: {}\nstages: {}\n";
    writeFileSync(join(cwd, "fake.yaml"), suite);
    const fake = (words: readonly string[], fates: object = {}, watch: Watch = {}) =>
      node([fakeBench, ...words], { cwd, env: { FAKE: JSON.stringify(fates) }, ...watch });
    const run = fake(["run", "--suite", "fake.yaml", "--queue", url, "--out", "out", "--quiet"]);
    const onStderr: Options["onStderr"] = (text, child) => {
      if (text.includes("taking")) child.kill("SIGTERM");
    };
    const stopped = await fake(["worker", "--queue", url], { a: "hang", c: "hang" }, { onStderr });
    expect(stopped).toMatchObject({
      code: 130,
      stdout: expect.stringMatching(/^0 cells; gave stability\/. back$/m),
    });
    let taker: ChildProcess | undefined;
    const second = fake(["worker", "--queue", url], {}, { onStart: (child) => (taker = child) });
    expect(await run).toMatchObject({ code: 0 });
    taker!.kill("SIGTERM");
    expect(await second).toMatchObject({ code: 0, stdout: "3 cells\n" });
    expect((await readRun(join(cwd, "out"))).cells.map(({ state }) => state)).toEqual([
      "done",
      "done",
      "done",
    ]);
    expect(await fake(["worker", "--queue", url, "--idle", "1s"])).toMatchObject({
      code: 0,
      stdout: "0 cells\n",
    });
  });
});
