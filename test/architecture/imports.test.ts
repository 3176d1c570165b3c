import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import { circles, importsOf, packagesAtStart, pastTheIndex, violations } from "./imports.ts";

const filesBelow = (folder: string): Map<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .map((name) => posix.join(folder, name.replaceAll("\\", "/")))
      .filter((path) => /\.(ts|mjs|js)$/.test(path))
      .map((path) => [path, readFileSync(path, "utf8")]),
  );

const source = filesBelow("src");
const typescript = new Map([...source].filter(([path]) => path.endsWith(".ts")));

describe("imports", () => {
  it("respect the rooms", () => {
    expect(typescript.size).toBeGreaterThan(100);
    expect(violations(typescript)).toEqual([]);
  });

  it.each([
    ["src/core/x.ts", 'import { a } from "../engine/contract.ts";'],
    ["src/engine/x.ts", 'import type { a } from "../models/contract.ts";'],
    ["src/models/nn/x.ts", 'import { a } from "../../metrics/index.ts";'],
    ["src/models/nn/x.ts", 'import { a } from "../gan/dcgan.ts";'],
    ["src/models/x.ts", 'export * from "../harness/suite/schema.ts";'],
    ["src/models/gan/x.ts", 'import {\n  type A,\n  b,\n} from "../diffusion/ddpm.ts";'],
    ["src/models/diffusion/x.ts", 'const a = await import("../gan/dcgan.ts");'],
    ["src/metrics/x.ts", 'import * as m from "../models/index.ts";'],
    ["src/harness/stages/latency/tables.ts", 'import { a } from "../../../engine/contract.ts";'],
    ["src/harness/stages/latency/section.ts", 'import type { a } from "../../../engine/contract.ts";'],
    ["src/harness/stages/latency/section.ts", 'import { a } from "./run.ts";'],
    ["src/harness/stages/latency/claim.ts", 'import { a } from "../../../metrics/index.ts";'],
    ["src/harness/stages/latency/tables.ts", 'import { a } from "../readout/../shared/models.ts";'],
    ["src/harness/stages/latency/run.ts", 'import { a } from "../train/run.ts";'],
    ["src/harness/stages/latency/run.ts", 'import { a } from "./tables.ts";'],
    ["src/harness/stages/latency/record.ts", 'import { a } from "../train/record.ts";'],
    ["src/harness/stages/shared/x.ts", 'import { a } from "../train/run.ts";'],
    ["src/harness/stages/readout/index.ts", 'import { a } from "../index.ts";'],
    ["src/harness/tables/x.ts", 'import { a } from "../report/section.ts";'],
    ["src/harness/report/charts/x.ts", 'import { a } from "../analysis/index.ts";'],
    ["src/harness/report/page/x.ts", 'import { a } from "../run-report.ts";'],
    ["src/harness/compare/x.ts", 'import { a } from "../stages/train/run.ts";'],
    ["src/harness/store/x.ts", 'import { a } from "../suite/index.ts";'],
    ["src/harness/datasets/x.ts", 'import { a } from "../checkpoints/files.ts";'],
    ["src/harness/suite/x.ts", 'import { a } from "../stages/index.ts";'],
    ["src/harness/run/x.ts", 'import { a } from "../stages/train/run.ts";'],
    ["src/harness/report/x.ts", 'import { a } from "../suite/schema.ts";'],
    ["src/harness/report/x.ts", 'import { a } from "../../engine/contract.ts";'],
    ["src/harness/compare/x.ts", 'import { a } from "../report/index.ts";'],
    ["src/harness/record/x.ts", 'import { a } from "../report/index.ts";'],
    ["src/harness/run/x.ts", 'import { a } from "../cli/main.ts";'],
    ["src/harness/run/x.ts", 'import "../../../test/e2e/fixture.ts";'],
  ])("planted in %s are found: %s", (file, text) => {
    expect(violations(new Map([[file, text]]))).toHaveLength(1);
  });

  it("enter a room that has an index by it", () => {
    expect(pastTheIndex(typescript)).toEqual([]);
    const planted = new Map([
      [
        "src/harness/cli/a.ts",
        'import { a } from "../suite/schema.ts";\nimport { b } from "../suite/index.ts";',
      ],
      ["src/harness/stages/latency/options.ts", 'import { count } from "../../suite/parts.ts";'],
    ]);
    expect(pastTheIndex(planted)).toEqual(["src/harness/cli/a.ts -> src/harness/suite/schema.ts"]);
  });

  it("make no circle of files, not of types either", () => {
    expect(circles(typescript)).toEqual([]);
    const planted = new Map([
      ["src/a.ts", 'import type { B } from "./b.ts";'],
      ["src/b.ts", 'export * from "./c.ts";'],
      ["src/c.ts", 'const a = () => import("./a.ts");'],
      ["src/d.ts", 'import "./a.ts";'],
    ]);
    expect(circles(planted)).toEqual([["src/a.ts", "src/b.ts", "src/c.ts"]]);
  });

  it("are read from code, not from comments", () => {
    const text = [
      '/** e.g. import { a } from "../a.ts" */',
      '// import { b } from "../b.ts";',
      'import { c } from "./c.ts"; // import("./d.ts")',
    ].join("\n");
    expect(importsOf(text)).toEqual([{ specifier: "./c.ts", kind: "static" }]);
  });
});

describe("the command", () => {
  it("loads no package before it knows what to do", () => {
    expect(packagesAtStart(typescript, "src/harness/cli/main.ts")).toEqual([]);
  });

  it("would be seen to load one", () => {
    const planted = new Map([
      ["src/a.ts", 'import type { T } from "zod";\nimport "./b.ts";\nconst c = () => import("vega");'],
      ["src/b.ts", 'import { x } from "yaml";'],
    ]);
    expect(packagesAtStart(planted, "src/a.ts")).toEqual(["yaml"]);
  });
});

it("no file is long: 300 lines, tests with their fixtures 400", () => {
  const tooLong = (files: Map<string, string>, most: number) =>
    [...files].filter(([, text]) => text.split("\n").length > most + 1).map(([path]) => path);
  expect(tooLong(new Map([...source, ...filesBelow("scripts"), ...filesBelow("bin")]), 300)).toEqual([]);
  expect(tooLong(filesBelow("test"), 400)).toEqual([]);
  expect(tooLong(new Map([["planted", "\n".repeat(301)]]), 300)).toEqual(["planted"]);
});
