/**
 * Before all tests: the command and its double with fake stages as JavaScript in a temporary folder, once. A process of
 * it starts in a quarter of the time that the sources take through tsx, and the tests start a thousand.
 */
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { TestProject } from "vitest/node";
import { fetchOnnxRuntime } from "../../bin/onnxruntime.js";
import { node } from "./process.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Folder with bench.mjs and fake-bench.mjs. */
    readonly bundle: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!fetchOnnxRuntime(pathToFileURL(`${resolve(".")}/`))) throw new Error("onnxruntime-node is missing");
  const root = await mkdtemp(join(tmpdir(), "bench-bundle-"));
  const bundle = join(root, "bundle");
  const entries = ["bench", "fake-bench"].flatMap((name) => ["--entry", `test/e2e/${name}.ts`]);
  const { code, stderr } = await node([resolve("scripts/build.mjs"), ...entries, bundle], { cwd: root });
  if (code !== 0) throw new Error(`the command cannot be bundled: ${stderr}`);
  await symlink(resolve("node_modules"), join(root, "node_modules"));
  project.provide("bundle", bundle);
  return async () => await rm(root, { recursive: true });
}
