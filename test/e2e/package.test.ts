/** What `npm pack` makes, installed into an empty project as a user would: with no flag, and nothing but the npm registry. */
import { execFile } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { temporaryFolders } from "../harness/datasets/fixtures.ts";
import { node } from "./process.ts";

const temporary = temporaryFolders();
const run = promisify(execFile);

/** Whatever $npm_config_… the test's own npm has set; the cache and the registry stay the machine's. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^npm_(config_(?!cache|registry)|package|lifecycle)/i.test(name),
  ),
);
/** Hosts other than the registry are out of reach for install scripts. */
const closed = { ...env, GLOBAL_AGENT_HTTPS_PROXY: "http://127.0.0.1:9", HTTPS_PROXY: undefined };

const npm = (cwd: string, words: readonly string[], settings: NodeJS.ProcessEnv = env) =>
  run("npm", [...words, "--prefer-offline", "--loglevel=error"], { cwd, env: settings, maxBuffer: 2 ** 26 });

/** The files that git has, with the packages of this folder. */
async function clone(): Promise<string> {
  const folder = temporary();
  const { stdout } = await run("git", ["ls-files", "-co", "--exclude-standard"]);
  for (const file of stdout.split("\n").filter((name) => name !== "" && existsSync(name)))
    if (!/^(reports|test|docs|node_modules)(\/|$)/.test(file)) cpSync(file, join(folder, file));
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  return folder;
}

async function pack(folder: string, ...words: string[]): Promise<{ tarball: string; files: string[] }> {
  const { stdout } = await npm(folder, ["pack", "--json", ...words]);
  const [packed] = JSON.parse(stdout.slice(stdout.indexOf("["))) as [
    { filename: string; files: { path: string }[] },
  ];
  return { tarball: join(folder, packed.filename), files: packed.files.map(({ path }) => path) };
}

describe("the package", () => {
  it("is packed with dist/, and with what runs without it where npm runs no scripts", async () => {
    const folder = await clone();
    const bare = await pack(folder, "--ignore-scripts", "--dry-run");
    expect(bare.files).toContain("src/harness/cli/main.ts");
    expect(bare.files.some((file) => file.startsWith("dist/"))).toBe(false);
    const { tarball, files } = await pack(folder, "--ignore-scripts=false");
    expect(files).toEqual(
      expect.arrayContaining([
        "dist/main.js",
        "scripts/setup-cuda.mjs",
        "bin/onnxruntime.js",
        "suites/quick.yaml",
      ]),
    );
    expect(files.filter((file) => /^(test|docs|reports|node_modules)\//.test(file))).toEqual([]);

    const project = temporary();
    writeFileSync(join(project, "package.json"), "{}");
    await npm(project, ["install", tarball], closed);
    const at = join(project, "node_modules/gan-vs-diffusion-bench");
    const npx = (...words: string[]) => run("npx", ["--no-install", ...words], { cwd: project, env: closed });
    const { stdout } = await npx("gan-vs-diffusion-bench", "run", "--dry-run", "--json", "--quiet");
    expect(JSON.parse(stdout)).toMatchObject({ suite: "quick" });
    const { stdout: doctor } = await npx("bench", "doctor");
    expect(doctor).toMatch(/onnx +cpu +taken/);
    const [, script] = /to enable: node (\S+) tensorflow/.exec(doctor) ?? [];
    expect(existsSync(join(project, script!))).toBe(true);

    for (const part of readdirSync(at)) if (part === "dist") await run("rm", ["-r", join(at, part)]);
    const { stdout: version } = await npx("bench", "--version"); // of src/, as packed without scripts
    expect(version.trim()).toBe(
      (JSON.parse(readFileSync("package.json", "utf8")) as { version: string }).version,
    );
  }, 900_000); // npm unpacks 300 MB twice where the install script fails
});

it("a Node that is too old is told so", async () => {
  const folder = temporary();
  const old = join(folder, "old.cjs");
  writeFileSync(
    old,
    'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "18.20.4" } });',
  );
  expect(await node(["--require", old, resolve("bin/bench.js"), "list", "suites"], { cwd: folder })).toEqual({
    code: 2,
    stdout: "",
    stderr:
      "error USAGE: bench needs Node.js 20.19 or newer, and this is 18.20.4. Install a newer one, e.g. from https://nodejs.org.\n",
  });
});
