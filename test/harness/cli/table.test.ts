import { expect, it } from "vitest";
import { formatTable } from "../../../src/harness/cli/table.ts";

it("aligns columns, breaks cells into lines, and ends no line with blanks", () => {
  const columns = [{ title: "name" }, { title: "n", align: "right" as const }, { title: "note" }];
  const rows = [
    ["a", "1,000", "one\ntwo"],
    ["longer", "2", ""],
  ];
  expect(formatTable(columns, rows).split("\n")).toEqual([
    "name        n  note",
    "------  -----  ----",
    "a       1,000  one",
    "               two",
    "longer      2",
  ]);
});

it("is its head alone without rows", () => {
  expect(formatTable([{ title: "x" }], [])).toBe("x\n-");
});
