import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { checkCreatable, diskError, makeFolder } from "../../src/core/disk.ts";
import { BenchError } from "../../src/core/errors.ts";

const system = (code: string, path?: string) => Object.assign(new Error(`${code}: so it is`), { code, path });

it("says of a full disk what it is, however deep it lies", () => {
  const full = system("ENOSPC", "/out/run.json");
  const wrapped = [
    full,
    new Error("the cell was not stored", { cause: full }),
    new AggregateError([new Error("first"), full], "both"),
  ];
  for (const error of wrapped)
    expect(diskError(error)).toMatchObject({
      code: "OUTPUT_UNWRITABLE",
      message: expect.stringMatching(
        /^\/out\/run\.json cannot be written: the disk is full \(ENOSPC\).*--resume/,
      ),
      cause: full,
    });
  expect(diskError(system("EROFS"))?.message).toMatch(/^the file system is read-only \(EROFS\)/);
});

it("leaves every other error as it is", () => {
  for (const error of [
    new Error("x"),
    system("ENOENT"),
    new BenchError("USAGE", "x"),
    "text",
    undefined,
    null,
  ])
    expect(diskError(error)).toBeUndefined();
});

describe("a folder that is to be", () => {
  const root = mkdtempSync(join(tmpdir(), "disk-"));
  afterAll(() => rmSync(root, { recursive: true }));

  it("is made with all that is missing above it, where it is there already too", async () => {
    const deep = join(root, "a/b/c");
    await checkCreatable(deep);
    expect(readdirSync(root)).toEqual([]); // looking leaves nothing
    await makeFolder(deep);
    await makeFolder(deep);
    expect(readdirSync(join(root, "a/b"))).toEqual(["c"]);
    await checkCreatable(deep);
    expect(readdirSync(deep)).toEqual([]);
  });

  it("is made once by many at a time", async () => {
    const deep = join(root, "many/at/once");
    await Promise.all(Array.from({ length: 20 }, () => makeFolder(deep)));
    expect(readdirSync(join(root, "many"))).toEqual(["at"]);
  });

  it("is made through a link, and not through one that leads nowhere", async () => {
    mkdirSync(join(root, "real"));
    symlinkSync(join(root, "real"), join(root, "link"));
    await makeFolder(join(root, "link/below"));
    expect(readdirSync(join(root, "real"))).toEqual(["below"]);
    symlinkSync(join(root, "nowhere"), join(root, "lost"));
    await expect(makeFolder(join(root, "lost"))).rejects.toMatchObject({ code: "EEXIST" });
    await expect(makeFolder(join(root, "lost/below"))).rejects.toMatchObject({ code: "ENOENT" });
    await expect(checkCreatable(join(root, "lost/below"))).rejects.toMatchObject({
      code: "OUTPUT_UNWRITABLE",
    });
  });

  it("is refused where a file is in its place or above it", async () => {
    const file = join(root, "file");
    writeFileSync(file, "");
    await expect(makeFolder(file)).rejects.toMatchObject({ code: "EEXIST" });
    await expect(makeFolder(join(file, "a/b"))).rejects.toMatchObject({ code: "ENOTDIR" });
    for (const place of [file, join(file, "a/b")])
      await expect(checkCreatable(place, "Choose another FILE.")).rejects.toMatchObject({
        code: "OUTPUT_UNWRITABLE",
        message: `${place} cannot be created: ${file} is a file. Choose another FILE.`,
      });
  });

  it("is made by makeFolder wherever it is: no module makes folders recursively by itself", () => {
    const modules = readdirSync("src", { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => [name, readFileSync(join("src", name), "utf8")] as const);
    const recursive = /mkdir(Sync)?\([^;]*recursive: true/;
    expect(modules.filter(([, text]) => recursive.test(text)).map(([name]) => name)).toEqual([]);
  });
});
