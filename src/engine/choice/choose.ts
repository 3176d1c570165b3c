import { BenchError } from "../../core/errors.ts";
import type { EngineFacts, EngineName, Precision } from "../contract.ts";
import type { Probe } from "./probe.ts";
import { type Rung, ladder as standardLadder, unable } from "./rungs.ts";

export interface EngineRequest {
  readonly device: "auto" | "cpu" | "gpu";
  readonly engine: "auto" | EngineName;
  readonly allowSoftwareGpu: boolean;
  readonly threads?: number;
  /** What programs that sample are to compute in; default float32. */
  readonly precision?: Precision;
}

export interface Refusal {
  readonly engine: string;
  readonly provider: string;
  readonly reason: string;
}

/** The rung taken and why those above it were not: goes into run.json. */
export interface EngineChoice extends EngineFacts {
  /** Of what samples; float32 where absent. */
  readonly precision?: Precision;
  readonly refused: readonly Refusal[];
}

/** A rung as `bench doctor` shows it. */
export interface RungReport extends Refusal, Partial<Pick<EngineFacts, "device" | "runtime">> {
  readonly usable: boolean;
  readonly enable?: string;
  /** What it can sample in, tried; only of `examineLadder`. */
  readonly samplesIn?: readonly Precision[];
  /** Of a precision that it should be able to sample in, and cannot: why. */
  readonly cannotSample?: string;
}

function notAskedFor(rung: Rung, request: EngineRequest): string | undefined {
  if (request.engine !== "auto" && request.engine !== rung.engine)
    return `not asked for (--engine ${request.engine})`;
  if (request.device !== "auto" && request.device !== rung.device)
    return `not asked for (--device ${request.device})`;
  if (request.engine === "auto" && rung.onlyNamed) return `taken only with --engine ${rung.engine}`;
  return undefined;
}

async function examine(rung: Rung, request: EngineRequest, probe: Probe): Promise<RungReport> {
  const id = { engine: rung.engine, provider: rung.provider };
  const { threads, precision = "float32" } = request;
  const known = unable(rung, precision) ?? rung.refuse?.();
  const found =
    known === undefined ? await probe(id, { threads, precision }) : { ok: false as const, reason: known };
  const enable = rung.enable === undefined ? {} : { enable: rung.enable };
  if (!found.ok) return { ...id, usable: false, reason: found.reason, ...enable };
  const { device, runtime } = found;
  if (device.software && !request.allowSoftwareGpu)
    return {
      ...id,
      usable: false,
      reason: `${device.model} is a GPU emulated on the CPU; --allow-software-gpu takes it all the same`,
      device,
      ...enable,
    };
  return { ...id, usable: true, reason: "", device, runtime };
}

/**
 * Climbs down the ladder and takes the first usable rung that was asked for. Throws NO_DEVICE (a GPU was asked for) or
 * NO_ENGINE with every refusal: never a silent CPU run.
 */
export async function chooseEngine(
  request: EngineRequest,
  probe: Probe,
  ladder: readonly Rung[] = standardLadder,
): Promise<EngineChoice> {
  const { precision = "float32" } = request;
  const refused: Refusal[] = [];
  for (const rung of ladder) {
    const { engine, provider } = rung;
    const unwanted = notAskedFor(rung, request);
    const report = unwanted === undefined ? await examine(rung, request, probe) : undefined;
    if (report?.usable)
      return {
        name: engine,
        provider,
        device: report.device!,
        runtime: report.runtime!,
        ...(precision === "float32" ? {} : { precision }),
        refused,
      };
    refused.push({ engine, provider, reason: unwanted ?? report!.reason });
  }
  const wanted = request.device === "gpu" ? "GPU" : "engine";
  const lines = refused.filter(
    ({ reason }) => !reason.startsWith("not asked for") && !reason.startsWith("taken only"),
  );
  throw new BenchError(
    request.device === "gpu" ? "NO_DEVICE" : "NO_ENGINE",
    `no ${wanted} is usable:\n${lines.map((r) => `  ${r.engine}/${r.provider}: ${r.reason}`).join("\n")}\n` +
      "`bench doctor` says how to enable each; without --device and --engine the best usable one is taken",
  );
}

/** Every rung, tried in everything that it can sample in; for `bench doctor`. */
export async function examineLadder(
  request: EngineRequest,
  probe: Probe,
  ladder: readonly Rung[] = standardLadder,
): Promise<RungReport[]> {
  const reports: RungReport[] = [];
  for (const rung of ladder) reports.push(await examineThoroughly(rung, request, probe));
  return reports;
}

async function examineThoroughly(rung: Rung, request: EngineRequest, probe: Probe): Promise<RungReport> {
  const report = await examine(rung, { ...request, precision: "float32" }, probe);
  if (!report.usable) return report;
  const samplesIn: Precision[] = ["float32"];
  for (const precision of rung.precisions.filter((precision) => precision !== "float32")) {
    const { usable, reason } = await examine(rung, { ...request, precision }, probe);
    if (!usable) return { ...report, samplesIn, cannotSample: `${precision}: ${reason}` };
    samplesIn.push(precision);
  }
  return { ...report, samplesIn };
}
