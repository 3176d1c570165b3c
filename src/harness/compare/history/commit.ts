/** The commit that a run was made from: as given, from GitHub Actions, or from git; undefined where none of them knows. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { usageError } from "../../../core/errors.ts";
import { limited } from "../../../core/escape.ts";

/** Whether a text is a commit's id, whole or short. */
export const isCommit = (text: string): boolean => /^[0-9a-f]{4,64}$/.test(text);

function checked(text: string, from: string): string {
  if (isCommit(text)) return text;
  throw usageError(
    `${from} takes a commit's id in hexadecimal digits, not ${JSON.stringify(limited(text, 100))}; git rev-parse NAME gives it`,
  );
}

/** @throws USAGE for a text that is no commit's id */
export async function commitOf(
  given: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Promise<string | undefined> {
  if (given !== undefined) return checked(given, "--commit");
  if (env.GITHUB_SHA) return checked(env.GITHUB_SHA, "GITHUB_SHA");
  try {
    const { stdout } = await promisify(execFile)("git", ["rev-parse", "HEAD"], { cwd, timeout: 10_000 });
    return isCommit(stdout.trim()) ? stdout.trim() : undefined;
  } catch {
    return undefined; // no git, or no repository
  }
}
