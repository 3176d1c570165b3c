/** Processes that the harness starts of itself. */

/** Node's own flags for a child: the parent's, without its debugger's port. */
export function childArguments(): string[] {
  return process.execArgv.filter((flag) => !flag.startsWith("--inspect"));
}
