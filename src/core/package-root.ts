/** Where this program lies, for advice that names its files: in a clone, or installed by npm. */
import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** What starts the command anywhere: in a clone, in a project that has it installed, and where npx has to fetch it. */
export const ANYWHERE = "npx gan-vs-diffusion-bench";

/** A recorded command line, which begins with the command's own name, as it is typed anywhere. */
export const typedAnywhere = (command: string): string => command.replace(/^(npx )?bench /, `${ANYWHERE} `);

/** The command that runs scripts/setup-cuda.mjs for `what`, from the current folder; `from` is the URL of a file of the package. */
export function setupCommand(
  what: "tensorflow" | "onnx",
  from = import.meta.url,
  cwd = process.cwd(),
): string {
  if (!from.includes("/node_modules/")) return `npm run setup:cuda -- ${what}`;
  let folder = dirname(fileURLToPath(from));
  while (!existsSync(join(folder, "package.json")) && folder !== dirname(folder)) folder = dirname(folder);
  return `node ${relative(cwd, join(folder, "scripts", "setup-cuda.mjs"))} ${what}`;
}
