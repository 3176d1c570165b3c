import { beforeEach, expect, it } from "vitest";
import { registries } from "../../src/harness/cli/list.ts";
import { datasetSources } from "../../src/harness/datasets/index.ts";
import { stages } from "../../src/harness/stages/index.ts";
import { suiteJsonSchema } from "../../src/harness/suite/json-schema.ts";
import { metrics } from "../../src/metrics/index.ts";
import { losses, models, objectives, samplers, schedules } from "../../src/models/index.ts";
import { temporaryFolders } from "../harness/datasets/fixtures.ts";
import { bench } from "./entries.ts";
import { node } from "./process.ts";

const temporary = temporaryFolders();
let cwd: string;
beforeEach(() => {
  cwd = temporary();
});

const members: Record<keyof typeof registries, readonly string[]> = {
  suites: ["quick", "schedules", "losses"],
  datasets: Object.keys(datasetSources),
  models: Object.keys(models),
  schedules: Object.keys(schedules),
  samplers: Object.keys(samplers),
  objectives: Object.keys(objectives),
  losses: Object.keys(losses),
  metrics: Object.keys(metrics),
  stages: stages.map(({ kind }) => kind),
};

it.each(Object.keys(members) as (keyof typeof members)[])(
  "bench list %s shows every member, in words and as JSON",
  async (kind) => {
    const table = await node([bench, "list", kind], { cwd });
    const json = await node([bench, "list", kind, "--json"], { cwd });
    expect([table.code, json.code]).toEqual([0, 0]);
    const rows = JSON.parse(json.stdout) as { name: string }[];
    expect(rows.map(({ name }) => name.split(":")[0])).toEqual(expect.arrayContaining([...members[kind]]));
    for (const row of rows) {
      const literal = row.name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
      expect(table.stdout).toMatch(new RegExp(`^${literal}(  |$)`, "m"));
      for (const [column, value] of Object.entries(row))
        expect(value, `${kind} ${row.name} ${column}`).not.toBe("");
    }
  },
);

it("bench list models documents every option", () => {
  const rows = registries.models();
  for (const { name, options } of rows)
    for (const option of options) expect(option.meaning, `${name}.${option.name}`).not.toBe("");
});

it("bench doctor says which rung is taken and why each other is not", async () => {
  const { code, stdout } = await node([bench, "doctor", "--json"], { cwd });
  expect(code).toBe(0);
  const { taken, rungs } = JSON.parse(stdout) as {
    taken: string;
    rungs: {
      engine: string;
      provider: string;
      usable: boolean;
      reason: string;
      device?: { model: string };
    }[];
  };
  expect(rungs.find(({ engine, provider }) => `${engine}/${provider}` === taken)?.usable).toBe(true);
  expect(rungs.map(({ engine, provider }) => `${engine}/${provider}`)).toContain("onnx/cpu");
  for (const { usable, reason, device } of rungs) {
    expect(reason === "").toBe(usable);
    if (usable) expect(device?.model).toBeTruthy();
  }
});

it("bench list schema prints the JSON Schema of suites", async () => {
  const { code, stdout } = await node([bench, "list", "schema"], { cwd });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ $schema: "http://json-schema.org/draft-07/schema#" });
  expect(JSON.parse(stdout)).toEqual(suiteJsonSchema());
});
