import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import { importsOf, packagesAtStart, violations } from "./imports.ts";

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
    ["src/harness/report/x.ts", 'import { a } from "../suite/schema.ts";'],
    ["src/harness/report/x.ts", 'import { a } from "../../engine/contract.ts";'],
    ["src/harness/compare/x.ts", 'import { a } from "../report/index.ts";'],
    ["src/harness/record/x.ts", 'import { a } from "../report/index.ts";'],
    ["src/harness/run/x.ts", 'import { a } from "../cli/main.ts";'],
    ["src/harness/run/x.ts", 'import "../../../test/e2e/fixture.ts";'],
  ])("planted in %s are found: %s", (file, text) => {
    expect(violations(new Map([[file, text]]))).toHaveLength(1);
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
