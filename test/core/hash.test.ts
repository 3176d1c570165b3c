import * as fc from "fast-check";
import { expect, it } from "vitest";
import { canonicalJson, hashOf } from "../../src/core/hash.ts";

it("does not see the order of keys, and is JSON of the same value", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).reverse());
      expect(canonicalJson(reversed)).toBe(canonicalJson(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

it("sees the order of a list, and takes an absent option for one left out", () => {
  expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
  expect(canonicalJson({ a: 1, b: undefined })).toBe(canonicalJson({ a: 1 }));
});

it("is sha256, as sha256sum prints it for the text", () => {
  expect(canonicalJson({ b: [true, null], a: 1.5 })).toBe('{"a":1.5,"b":[true,null]}');
  expect(hashOf({ b: [true, null], a: 1.5 })).toBe(
    "e028cd937aee508e2387f05861301372a1322b24c9dedf617ddac5f6f37b5a08",
  );
});

it("refuses what JSON would silently change", () => {
  expect(() => canonicalJson({ a: Number.NaN })).toThrow("NaN in a configuration");
  expect(() => canonicalJson([() => 1])).toThrow("a function in a configuration");
});
