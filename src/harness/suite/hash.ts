/** One hash for equal configurations. */
import { createHash } from "node:crypto";
import { canonicalJson } from "../../core/canonical-json.ts";

export { canonicalJson };

/** sha256 (hex) of the canonical JSON. */
export function hashOf(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}
