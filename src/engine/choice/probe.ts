/** Trying a rung where it can do no harm: a child process may crash or hang without taking the run with it. */
import { spawn } from "node:child_process";
import { messageOf } from "../../core/errors.ts";
import type { EngineFacts, OpenOptions } from "../contract.ts";
import type { RungId } from "./rungs.ts";

export type ProbeResult =
  | ({ readonly ok: true } & Pick<EngineFacts, "device" | "runtime">)
  | { readonly ok: false; readonly reason: string };

/** What a rung is tried with. */
export type ProbeOptions = Pick<OpenOptions, "threads" | "precision">;

export type Probe = (rung: RungId, options: ProbeOptions) => Promise<ProbeResult>;

/** In the child: opens the rung and holds it to known numbers. */
export async function probeHere(rung: RungId, { threads, precision = "float32" }: ProbeOptions) {
  try {
    const [{ openEngine }, check] = await Promise.all([import("./rungs.ts"), import("./check.ts")]);
    const engine = await openEngine(rung, { threads, precision });
    await check.checkEngine(engine);
    if (precision !== "float32") await check.checkSampling(engine);
    return { ok: true as const, device: engine.device, runtime: engine.runtime };
  } catch (error) {
    return { ok: false as const, reason: plain(messageOf(error)) };
  }
}

/** A library's message without its source paths and line numbers. */
function plain(message: string): string {
  const adapter = /Failed to get a WebGPU adapter: (.*)/.exec(message)?.[1];
  if (adapter) return `no WebGPU adapter (${adapter.trim()}): no graphics driver, or on Linux no libvulkan1`;
  return message.split("\n")[0]!.slice(0, 300);
}

const MARK = "probe:";

/** What the child prints, on one line of its own. */
export function formatProbe(result: ProbeResult): string {
  return `${MARK}${JSON.stringify(result)}\n`;
}

/**
 * Probes in a child started as `command ...args __probe ENGINE PROVIDER PRECISION [THREADS]`; a crash, a hang or garbage
 * is a reason, never an exception.
 */
export function probeInChild(command: string, args: readonly string[], timeoutMs = 60_000): Probe {
  return (rung, { threads, precision = "float32" }) =>
    new Promise((resolve) => {
      const words = [
        "__probe",
        rung.engine,
        rung.provider,
        precision,
        ...(threads === undefined ? [] : [String(threads)]),
      ];
      const child = spawn(command, [...args, ...words], { stdio: ["ignore", "pipe", "pipe"] });
      let output = "";
      let errors = "";
      child.stdout.on("data", (chunk) => {
        output += chunk;
      });
      child.stderr.on("data", (chunk) => {
        errors += chunk;
      });
      const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
      const refuse = (reason: string) => resolve({ ok: false, reason });
      child.on("error", (error) => {
        clearTimeout(timer);
        refuse(`its probe did not start: ${error.message}`);
      });
      child.on("close", (code, signal) => {
        clearTimeout(timer);
        const line = output.split("\n").find((line) => line.startsWith(MARK));
        if (line) return resolve(JSON.parse(line.slice(MARK.length)) as ProbeResult);
        if (signal === "SIGKILL") return refuse(`its probe did not answer within ${timeoutMs / 1000} s`);
        const last = errors.trim().split("\n").at(-1) ?? "";
        return refuse(
          `its probe ended with ${signal ?? `code ${code}`}${last ? `: ${last.slice(0, 200)}` : ""}`,
        );
      });
    });
}
