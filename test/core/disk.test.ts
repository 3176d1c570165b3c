import { expect, it } from "vitest";
import { diskError } from "../../src/core/disk.ts";
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
