import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readRun } from "../../../src/harness/record/index.ts";
import { writeFixture } from "./fixture.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "bench-read-"));
});
afterEach(async () => {
  await rm(dir, { recursive: true });
});

const linesOf = async () => (await readFile(join(dir, "cells.jsonl"), "utf8")).trimEnd().split("\n");
const writeLines = async (lines: string[], end = "\n") =>
  await writeFile(join(dir, "cells.jsonl"), lines.join("\n") + end);
const edit = async (change: (run: Record<string, unknown>) => void) => {
  const run = JSON.parse(await readFile(join(dir, "run.json"), "utf8"));
  change(run);
  await writeFile(join(dir, "run.json"), JSON.stringify(run));
};

describe("readRun", () => {
  it("gives back what was written", async () => {
    const { run, cells } = await writeFixture(dir);
    expect(await readRun(dir)).toEqual({ run, cells, notices: [] });
  });

  it("reads a folder of version 2 as one of today", async () => {
    const { run, cells } = await writeFixture(dir);
    const named = ({ side, ...rest }: { side?: string }) =>
      side === undefined ? rest : { ...rest, family: side };
    await edit((old) => {
      old.schemaVersion = 2;
      delete old.metrics;
      old.models = run.models.map(({ onePass: _, trained: __, ...model }) => named(model));
    });
    await writeLines(
      cells.map((cell) => {
        if (cell.state !== "done" || cell.record.kind !== "cost") return JSON.stringify(cell);
        const record = { ...cell.record, points: cell.record.points.map(named) };
        return JSON.stringify({ ...cell, record });
      }),
    );
    expect(await readFile(join(dir, "run.json"), "utf8")).not.toContain('"side"');
    const read = await readRun(dir);
    expect(read.cells).toEqual(cells);
    expect(read.run).toEqual({ ...run, metrics: read.run.metrics });
    expect(read.run.metrics).toContainEqual({
      name: "coverage",
      title: "Coverage",
      meaning: "share of real neighbourhoods with a generated image",
      direction: "higher",
      domain: [0, 1],
      change: { scale: "difference", floor: 0.02, detect: 0.05 },
    });
    // as the harness of commit 348a2c3 wrote it: the run of reports/example
    const { schemaVersion, ...facts } = JSON.parse(await readFile("test/golden/run-version-2.json", "utf8"));
    await edit((old) => Object.assign(old, facts, { schemaVersion }));
    await writeLines([], "");
    const real = await readRun(dir);
    expect(real.run.plan).toHaveLength(138);
    expect(real.run.models.map(({ id, side, onePass }) => [id, side, onePass])).toEqual([
      ["ddpm", "diffusion", false],
      ["ddpm-labels", "diffusion", false],
      ["progressive", "diffusion", false],
      ["dcgan", "gan", true],
      ["dcgan-labels", "gan", true],
      ["strong", "gan", true],
    ]);
  });

  it("gives the plan's order whatever the order of finishing", async () => {
    const { cells } = await writeFixture(dir);
    await writeLines((await linesOf()).reverse());
    expect((await readRun(dir)).cells).toEqual(cells);
  });

  it("takes the later line of a cell", async () => {
    const { cells } = await writeFixture(dir);
    const again = { ...cells[1]!, seconds: 77 };
    await writeLines([...(await linesOf()), JSON.stringify(again)]);
    const read = await readRun(dir);
    expect(read.cells).toHaveLength(cells.length);
    expect(read.cells[1]).toEqual(again);
  });

  it("leaves a torn last line out, with a notice, at any place of the tear", async () => {
    const { cells } = await writeFixture(dir);
    const lines = await linesOf();
    const last = lines.pop()!;
    for (const share of [0.01, 0.5, 0.99]) {
      await writeLines([...lines, last.slice(0, Math.ceil(last.length * share))], "");
      const read = await readRun(dir);
      expect(read.cells).toEqual(cells.slice(0, -1));
      expect(read.notices).toEqual([
        `cells.jsonl line ${cells.length} was cut off while it was written; its cell is left out.`,
      ]);
    }
    await writeLines([...lines, last], ""); // whole, only its newline is missing
    const whole = await readRun(dir);
    expect(whole.cells).toEqual(cells);
    expect(whole.notices).toEqual([]);
  });

  it("reads a run that has finished no cell yet", async () => {
    await writeFixture(dir, { partial: true });
    await rm(join(dir, "cells.jsonl"));
    expect((await readRun(dir)).cells).toEqual([]);
  });

  const refusal = async () => {
    const error = await readRun(dir).then(
      () => expect.unreachable("the folder was read"),
      (error: unknown) => error,
    );
    expect(error).toMatchObject({ code: "BAD_RUN_FOLDER" });
    return (error as Error).message;
  };

  it("refuses a folder without run.json or, complete, without cells.jsonl, and says what to give", async () => {
    expect(await refusal()).toMatch(/has no run\.json\. Give the folder that `bench run --out` wrote/);
    await writeFixture(dir);
    await rm(join(dir, "cells.jsonl"));
    expect(await refusal()).toMatch(/has no cells\.jsonl/);
  });

  it("refuses another schema version before looking at its fields", async () => {
    await writeFixture(dir);
    await edit((run) => {
      run.schemaVersion = 1;
      delete run.plan;
    });
    expect(await refusal()).toBe(
      "run.json: schemaVersion is 1, this harness reads 2 and 3. Read the folder with the harness version that wrote it, or run again.",
    );
  });

  it("names file, line and field of a wrong value, and the way out", async () => {
    await writeFixture(dir);
    const lines = await linesOf();
    lines[1] = lines[1]!.replace('"seconds":61.2', '"seconds":"61.2"');
    await writeLines(lines);
    expect(await refusal()).toMatch(
      /^cells\.jsonl line 2: record\.seconds: .*number.*restore it, or continue with bench run --resume, which sets it aside and runs its cell again\.$/,
    );
  });

  it("names an unknown field, and text that is not JSON in the middle", async () => {
    await writeFixture(dir);
    await edit((run) => {
      run.hostname = "secret";
    });
    expect(await refusal()).toMatch(/^run\.json: .*hostname/);
    await writeFixture(dir);
    const lines = await linesOf();
    lines[2] = lines[2]!.slice(0, 40);
    await writeLines(lines);
    expect(await refusal()).toMatch(/^cells\.jsonl line 3 is not JSON/);
  });

  it("refuses a cell of another run", async () => {
    await writeFixture(dir);
    const lines = await linesOf();
    await writeLines([...lines, lines[0]!.replace('"id":"classifier"', '"id":"foreign"')]);
    expect(await refusal()).toMatch(
      /^cells\.jsonl line \d+: id is "foreign", a cell that run\.json does not plan/,
    );
  });
});
