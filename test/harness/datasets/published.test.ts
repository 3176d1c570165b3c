import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  defaultCacheDir,
  type PublishedDataset,
  published,
  publishedSource,
} from "../../../src/harness/datasets/published.ts";
import { gzipped, mnistFiles, temporaryFolders, writeFiles } from "./fixtures.ts";
import { mirrors, serve, status } from "./server.ts";

const start = mirrors();
const temporary = temporaryFolders();
const request = { size: 12, channels: 1, seed: 0 } as const;

/** Small files in the place of the published ones, under the same names. */
const content = gzipped(mnistFiles());
const small: PublishedDataset = {
  ...published.mnist,
  mirrors: [],
  files: published.mnist.files.map(({ name }) => ({
    name,
    bytes: content[name]!.length,
    sha256: createHash("sha256").update(content[name]!).digest("hex"),
  })),
};
const serveAll = () => start((req, response, nth) => serve(content[req.url!.slice(1)]!)(req, response, nth));

describe("published datasets", () => {
  it.each(Object.entries(published))(
    "%s: distinct files, in MNIST layout where nothing else is said, ten classes",
    (_name, dataset: PublishedDataset) => {
      const names = dataset.files.map(({ name }) => name);
      expect(names.sort()).toEqual(dataset.read ? ["cifar-10-binary.tar.gz"] : Object.keys(content).sort());
      expect(new Set(dataset.files.map(({ sha256 }) => sha256)).size).toBe(names.length);
      for (const { sha256 } of dataset.files) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(new Set(dataset.classes).size).toBe(10);
      expect(dataset.mirrors[0]).toMatch(/^https:/);
      for (const mirror of dataset.mirrors) expect(new URL(mirror).pathname).toMatch(/\/$/);
    },
  );

  it("downloads what is missing, once, and gives the data under its name", async () => {
    const mirror = await serveAll();
    const cacheDir = temporary();
    const messages = new Set<string>();
    const source = publishedSource("mnist", { ...small, mirrors: [mirror.url] });
    const onProgress = (message: string) => void messages.add(message);
    const first = await source.load("", { ...request, cacheDir, onProgress });
    const second = await source.load("", { ...request, cacheDir });
    expect(mirror.log).toHaveLength(4);
    expect([...messages].join()).toContain("downloading train-images-idx3-ubyte.gz");
    expect(second.hash).toBe(first.hash);
    expect([first.name, first.train.images.count, first.test.images.count]).toEqual(["mnist", 30, 20]);
  });

  it("needs no network once the files lie in the cache", async () => {
    const cacheDir = temporary();
    writeFiles(join(cacheDir, "mnist"), content);
    const dataset = await publishedSource("mnist", small).load("", { ...request, cacheDir });
    expect(dataset.train.images.count).toBe(30);
  });

  it("reads the verified files and no others: a raw file beside them has no checksum", async () => {
    const cacheDir = temporary();
    writeFiles(join(cacheDir, "mnist"), content);
    const honest = await publishedSource("mnist", small).load("", { ...request, cacheDir });
    const raw = mnistFiles()["train-images-idx3-ubyte"]!.slice();
    raw.fill(200, 16);
    writeFiles(join(cacheDir, "mnist"), { "train-images-idx3-ubyte": raw });
    expect((await publishedSource("mnist", small).load("", { ...request, cacheDir })).hash).toBe(honest.hash);
  });

  it("without a cache and without a network says where to put the files", async () => {
    const gone = await start(status(404));
    const cacheDir = temporary();
    const source = publishedSource("mnist", { ...small, mirrors: [gone.url] });
    await expect(source.load("", { ...request, cacheDir })).rejects.toMatchObject({
      code: "DATA_UNAVAILABLE",
      message: expect.stringContaining(`into ${join(cacheDir, "mnist")}, or give a folder`),
    });
  });
});

describe("defaultCacheDir", () => {
  it("is BENCH_CACHE, else within XDG_CACHE_HOME if absolute, else within ~/.cache", () => {
    const own = "gan-vs-diffusion-bench";
    expect(defaultCacheDir({ BENCH_CACHE: "/a/b", XDG_CACHE_HOME: "/x" })).toBe("/a/b");
    expect(defaultCacheDir({ BENCH_CACHE: "", XDG_CACHE_HOME: "/x" })).toBe(join("/x", own));
    expect(defaultCacheDir({ XDG_CACHE_HOME: "x" })).toBe(join(homedir(), ".cache", own));
    expect(defaultCacheDir({})).toBe(join(homedir(), ".cache", own));
  });
});
