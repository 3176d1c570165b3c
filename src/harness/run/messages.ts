/** What a cell's process tells its parent, over Node's IPC channel. */
import type { CellRecord } from "../record/index.ts";
import type { Progress } from "../stages/contract.ts";

export type CellMessage =
  | { readonly type: "progress"; readonly progress: Progress }
  | { readonly type: "done"; readonly record: CellRecord }
  | { readonly type: "skipped"; readonly why: string }
  | { readonly type: "failed"; readonly code: string; readonly message: string };
