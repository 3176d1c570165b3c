/** What is wrong with a configuration, in one message that names each place and the options known there. */
import * as z from "zod";
import { BenchError } from "../../core/errors.ts";
import { knownWords } from "./suggest.ts";

const place = (path: readonly PropertyKey[]): string => path.map(String).join(".");

/**
 * `value` validated and with its defaults. `at` is where it stands in the suite, for messages.
 * @throws BAD_CONFIG naming every wrong option.
 */
export function parseOptions<T extends z.ZodType>(
  schema: T,
  value: unknown,
  origin: string,
  at: readonly string[] = [],
): z.infer<T> {
  const known = new Map<string, string[]>();
  const parsed = schema.safeParse(value, {
    // The schema whose key is unknown is at hand only here, while the issue is made.
    error: (issue) => {
      if (issue.code === "unrecognized_keys" && issue.inst instanceof z.ZodObject)
        for (const key of issue.keys) known.set(key, Object.keys(issue.inst.shape));
      return undefined;
    },
  });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap((issue) => describe(issue, [...at, ...issue.path], known));
  throw new BenchError("BAD_CONFIG", `${origin}: ${problems.join("; ")}`, { cause: parsed.error });
}

type Issue = z.core.$ZodIssue;

function describe(issue: Issue, path: PropertyKey[], known: ReadonlyMap<string, string[]>): string[] {
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => {
      const where = path.length > 0 ? ` in ${place(path)}` : "";
      return `unknown option "${key}"${where}${knownWords(key, known.get(key) ?? [])}`;
    });
  const where = path.length > 0 ? place(path) : "the suite";
  if (issue.code === "invalid_key") return [`${where}: ${issue.issues[0]?.message ?? issue.message}`];
  const message = issue.message.replace(/^Invalid input: /, "");
  return [message.endsWith("received undefined") ? `${where} is missing` : `${where}: ${message}`];
}
