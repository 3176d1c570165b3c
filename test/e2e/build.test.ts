/** What is shipped: the package without its sources, and the whole command as one file. */
import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolders } from "../harness/datasets/fixtures.ts";
import { sources } from "./entries.ts";
import { node } from "./process.ts";

const temporary = temporaryFolders();
const build = resolve("scripts/build.mjs");

const plan = async (entry: string, cwd: string): Promise<unknown> => {
  const { code, stdout, stderr } = await node([entry, "run", "--dry-run", "--json"], { cwd });
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
};

it("the package and the single file plan the same run as the sources, and find suites beside them", async () => {
  const root = temporary();
  const expected = await plan(sources, root);

  const published = join(root, "package");
  mkdirSync(published);
  for (const part of ["bin", "suites", "package.json"])
    cpSync(part, join(published, part), { recursive: true });
  expect(await node([build, join(published, "dist")], { cwd: root })).toMatchObject({ code: 0, stderr: "" });
  symlinkSync(resolve("node_modules"), join(published, "node_modules"));
  expect(await plan(join(published, "bin/bench.js"), root)).toEqual(expected);

  const single = join(root, "single");
  expect(await node([build, "--single", single], { cwd: root })).toMatchObject({ code: 0, stderr: "" });
  expect(await plan(join(single, "bench.mjs"), root)).toEqual(expected);
});
