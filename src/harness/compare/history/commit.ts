/** The commit that a run was made from: as given, from GitHub Actions, or from git; undefined where none of them knows. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

export async function commitOf(
  given: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Promise<string | undefined> {
  if (given !== undefined) return given;
  if (env.GITHUB_SHA) return env.GITHUB_SHA;
  try {
    const { stdout } = await promisify(execFile)("git", ["rev-parse", "HEAD"], { cwd, timeout: 10_000 });
    return /^[0-9a-f]{7,64}$/.exec(stdout.trim())?.[0];
  } catch {
    return undefined; // no git, or no repository
  }
}
