/** Pictures out of a package, from a registry on this machine. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rng } from "../../../src/core/rng.ts";
import { loadDataset } from "../../../src/harness/datasets/index.ts";
import { labelsIn, parsePackage } from "../../../src/harness/datasets/npm.ts";
import { encodePng } from "../../../src/harness/images/png.ts";

const root = mkdtempSync(join(tmpdir(), "bench-npm-"));
const cacheDir = join(root, "cache");
const asked: string[] = [];
let server: Server;
let integrity = "";
const before = { ...process.env };

/** Twelve pictures in two folders, their labels in a JSON file, one of them in an entry within another. */
function packed(): Buffer {
  const folder = join(root, "package");
  const random = rng(1);
  const entries: unknown[] = [];
  for (let i = 0; i < 12; i++) {
    const file = join(folder, i < 6 ? "img/round" : "img/square", `${i}.png`);
    mkdirSync(dirname(file), { recursive: true });
    const data = Uint8Array.from({ length: 16 * 16 * 3 }, () => random.integer(256));
    writeFileSync(file, encodePng({ data, count: 1, height: 16, width: 16, channels: 3 }));
    const entry = { image: `${i}.png` };
    entries.push(
      i === 11 ? { kind: "odd/one", variations: { dark: entry } } : { ...entry, kind: ["a", "b"][i % 2] },
    );
  }
  writeFileSync(join(folder, "index.json"), JSON.stringify(entries));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "made-icons", version: "1.2.0" }));
  const words = ["pack", "--json", "--ignore-scripts", "--pack-destination", root];
  const [made] = JSON.parse(execFileSync("npm", words, { cwd: folder, encoding: "utf8" })) as [
    { filename: string },
  ];
  return readFileSync(join(root, made.filename));
}

beforeAll(async () => {
  const tarball = packed();
  integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
  server = createServer((request, response) => {
    asked.push(request.url!);
    if (request.url!.endsWith(".tgz")) return void response.end(tarball);
    if (!request.url!.startsWith("/made-icons")) return void response.writeHead(404).end("{}");
    const tarballAt = `http://127.0.0.1:${(server.address() as AddressInfo).port}/made-icons/-/made-icons-1.2.0.tgz`;
    const version = { name: "made-icons", version: "1.2.0", dist: { tarball: tarballAt, integrity } };
    const document = { name: "made-icons", "dist-tags": { latest: "1.2.0" }, versions: { "1.2.0": version } };
    response.setHeader("content-type", "application/json").end(JSON.stringify(document));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  process.env.npm_config_registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  process.env.npm_config_cache = join(root, "npm-cache");
  process.env.npm_config_fetch_retries = "0";
});
afterAll(async () => {
  process.env = before;
  await new Promise((closed) => server.close(closed));
  rmSync(root, { recursive: true });
});

const request = { size: 8, seed: 0, cacheDir };

describe("a package's pictures", () => {
  it("are fetched once, checked, and have their folders for classes", async () => {
    const made = await loadDataset("npm:made-icons@1.2.0/img/**/*.png", request);
    expect(made).toMatchObject({
      name: "npm:made-icons@1.2.0/img/**/*.png",
      channels: 3,
      classes: ["round", "square"],
    });
    expect(made.train.images.count + made.test.images.count).toBe(12);
    const requests = asked.length;
    const again = await loadDataset("npm:made-icons@1.2.0/img/**/*.png", request);
    expect(again.hash).toBe(made.hash);
    expect(asked).toHaveLength(requests);
    const kept = readdirSync(join(cacheDir, "npm"));
    expect(kept).toEqual(["made-icons@1.2.0"]); // nothing half-made is left
  });

  it("have the labels that a JSON file gives, the innermost that has one, and one class of one folder", async () => {
    const labels = { file: "index.json", key: "image", field: "kind" };
    const labelled = await loadDataset("npm:made-icons@1.2.0/img/*/*.png", { ...request, labels });
    expect(labelled.classes).toEqual(["a", "b", "odd-one"]);
    const plain = await loadDataset("npm:made-icons/img/round/*.png", request); // the latest version
    expect(plain.classes).toEqual(["image"]);
  });

  it("are refused by what is wrong: no match, no label, no such package, another integrity", async () => {
    const load = (spec: string, more = {}) => loadDataset(spec, { ...request, ...more });
    await expect(load("npm:made-icons@1.2.0/img/*.webp")).rejects.toMatchObject({
      code: "BAD_DATA",
      message: expect.stringContaining("made-icons@1.2.0 has no file that matches img/*.webp"),
    });
    const labels = { file: "index.json", key: "image", field: "none" };
    await expect(load("npm:made-icons@1.2.0/img/*/*.png", { labels })).rejects.toMatchObject({
      code: "BAD_CONFIG",
      message: expect.stringContaining("12 pictures of 12 have no label in index.json by image and none"),
    });
    await expect(load("shapes", { labels })).rejects.toMatchObject({ code: "BAD_CONFIG" });
    await expect(load("npm:no-such-icons/x.png")).rejects.toMatchObject({
      code: "DATA_UNAVAILABLE",
      message: expect.stringMatching(/no-such-icons could not be fetched with npm: .*404/),
    });
    integrity = `sha512-${createHash("sha512").update("other").digest("base64")}`;
    const other = join(root, "other-cache");
    process.env.npm_config_cache = join(root, "other-npm-cache");
    await expect(load("npm:made-icons/img/*/*.png", { cacheDir: other })).rejects.toMatchObject({
      code: "DATA_UNAVAILABLE",
      message: expect.stringMatching(/EINTEGRITY/),
    });
    expect(readdirSync(join(other, "npm"))).toEqual([]);
  });
});

it("a spec names package, version and glob, and stays in the package", () => {
  expect(parsePackage("icons/img/*.png")).toEqual({ name: "icons", version: undefined, glob: "img/*.png" });
  expect(parsePackage("@of/icons@2.0.0-rc.1/a/**")).toEqual({
    name: "@of/icons",
    version: "2.0.0-rc.1",
    glob: "a/**",
  });
  for (const wrong of [
    "icons",
    "icons@1.0.0",
    "@of/icons",
    "-x/y",
    "icons/../../etc/*.png",
    "icons@ 1/x.png",
  ])
    expect(() => parsePackage(wrong), wrong).toThrow(/names no pictures|leaves the package/);
});

it("labels are those of the innermost entry that has the field", () => {
  const json = {
    all: [{ group: "x", pictures: [{ file: "dir/1.png" }, { file: "2.png", group: 7 }] }, { file: "3.png" }],
  };
  expect([...labelsIn(json, { key: "file", field: "group" })]).toEqual([
    ["1.png", "x"],
    ["2.png", "7"],
  ]);
});
