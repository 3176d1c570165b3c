import { describe, expect, it } from "vitest";
import { slimSvg } from "../../../src/harness/report/charts/slim.ts";

describe("Slim drawings", () => {
  it("keep geometry to a hundredth of a pixel and drop what only a pointer finds", () => {
    const svg =
      '<svg><path d="M1.23456,2L3e-9,-4.56789" opacity="0.12345"/><path d="M0,0" opacity="0"/>' +
      '<path opacity="0" d="M0,0"></path><text font-family="Arial" opacity="1" x="0.5">1.23456</text></svg>';
    expect(slimSvg(svg)).toBe(
      '<svg><path d="M1.23,2L3e-9,-4.57" opacity="0.12"/><text x="0.5">1.23456</text></svg>',
    );
  });
});
