/** `bench sample`: images of a trained model, as one picture, a file each, or an array; the last two go into `bench evaluate`. */
import { lstat } from "node:fs/promises";
import { extname, join, resolve } from "node:path";
import { checkCreatable } from "../../core/disk.ts";
import { outputExists, usageError } from "../../core/errors.ts";
import { plural } from "../../core/format.ts";
import { type ByteImages, takeImages } from "../../core/images.ts";
import { rng } from "../../core/rng.ts";
import { knownWords } from "../../core/suggest.ts";
import type { Engine } from "../../engine/contract.ts";
import type { SamplerSetting } from "../../models/index.ts";
import { encodeNpy } from "../evaluate/npy.ts";
import { encodePng, enlarged, grid } from "../images/png.ts";
import { scoringSetting } from "../stages/shared/models.ts";
import { generateImages } from "../stages/shared/sampling.ts";
import { openTrained, type TrainedModel } from "../stages/train/checkpoint.ts";
import { command, type Io } from "./command.ts";
import { engineFlags, withEngine } from "./engine.ts";
import { type FlagValues, required, text, toggle, upTo, value, wholeNumber } from "./flags.ts";
import { printJson, printLine, shownPath } from "./output.ts";
import { checkOutputFile, writeOutputFile } from "./output-file.ts";

function weight(given: string): number {
  if (!/^\d+(\.\d+)?$/.test(given)) throw new Error(`takes a number of at least 0, not "${given}"`);
  return Number(given);
}

const sampleFlags = {
  checkpoint: required(value("FILE", "checkpoints/MODEL-seed-S.safetensors of a run folder", text)),
  n: value("N", "number of images; 40 by default", upTo(10_000)),
  sampler: value("NAME", "sampler of a diffusion model; the suite's choice by default", text),
  steps: value("S", "sampling steps; as the suite scored it by default", upTo(10_000)),
  class: value("C", "label by name or number; all labels in turn by default", text),
  guidance: value("W", "weight of classifier-free guidance", weight),
  seed: value("S", "seed of the noise; 0 by default", wholeNumber),
  out: required(
    value(
      "FILE",
      "NAME.png, one picture of all; NAME.npy, uint8 [n, size, size, channels]; or a new folder for a PNG each",
      text,
    ),
  ),
  scale: value(
    "K",
    "edge of a pixel in the pictures, without blur; by default 64 pixels an image at least in one picture, and 1 in a folder",
    upTo(256),
  ),
  force: toggle("replace the file where it exists"),
  ...engineFlags,
  json: toggle("print one JSON object"),
};

type SampleFlags = FlagValues<typeof sampleFlags>;

/** Images per request. */
const BATCH = 64;
const COLUMNS = 10;

export default command({
  flags: sampleFlags,
  async run(flags, io, rooms) {
    const { checkpoint, n = 40, seed = 0 } = flags;
    const form = formOf(flags.out);
    if (form === ".npy" && flags.scale !== undefined)
      throw usageError("--scale is of pictures; an array has none");
    const out =
      form === "folder"
        ? await checkNewFolder(flags.out, io)
        : await checkOutputFile(flags.out, form, "--out", flags.force, io);
    const trained = await openTrained(resolve(io.cwd, checkpoint), checkpoint);
    const { id: model } = trained;
    const setting = settingOf(trained, flags);
    trained.model.checkSetting(setting);
    const label = labelOf(trained, flags.class);
    const { images, networkEvaluations } = await withEngine(flags, io, rooms, async (open) =>
      draw(await open(), trained, setting, label, n, seed),
    );
    for (const [path, content] of filesOf(form, out, images, flags.scale))
      await writeOutputFile(path, content, "--out");
    if (flags.json) printJson(io, { out, n, model, setting, networkEvaluations });
    else {
      const { sampler, steps } = setting;
      const how = sampler === "none" ? "in one pass" : `by ${sampler} in ${plural(steps, "step")}`;
      printLine(io, `${plural(n, "image")} of ${model} ${how}: ${shownPath(io, out)}`);
    }
    return 0;
  },
});

type Form = ".png" | ".npy" | "folder";

/** What `--out` asks for, by its name. @throws USAGE for another ending */
function formOf(out: string): Form {
  const ending = extname(out);
  if (ending === ".png" || ending === ".npy") return ending;
  if (ending === "") return "folder";
  throw usageError(`--out ${out}: the name must end in .png or .npy, or be that of a folder`);
}

/** @throws OUTPUT_EXISTS where something has the name, OUTPUT_UNWRITABLE where its folder takes none */
async function checkNewFolder(name: string, { cwd }: Io): Promise<string> {
  const path = resolve(cwd, name);
  const there = await lstat(path).catch(() => undefined);
  if (there) throw outputExists(`${name} exists already. Choose another --out.`);
  await checkCreatable(path, "Choose another --out.");
  return path;
}

/** Least edge of an image in one picture of all, in pixels. */
const LEAST_SHOWN = 64;

function* filesOf(
  form: Form,
  out: string,
  images: ByteImages,
  scale: number | undefined,
): Generator<[string, Uint8Array]> {
  if (form === ".npy") return yield [out, encodeNpy(images)];
  if (form === ".png") {
    const enough = Math.max(1, Math.ceil(LEAST_SHOWN / images.width));
    return yield [out, encodePng(enlarged(grid(images, Math.min(COLUMNS, images.count)), scale ?? enough))];
  }
  const digits = String(images.count - 1).length;
  for (let i = 0; i < images.count; i++)
    yield [
      join(out, `${String(i).padStart(digits, "0")}.png`),
      encodePng(enlarged(takeImages(images, [i]), scale ?? 1)),
    ];
}

/** `n` images; `label` gives the class of the image at an index. */
async function draw(
  engine: Engine,
  { model, weights }: TrainedModel,
  setting: SamplerSetting,
  label: ((index: number) => number) | undefined,
  n: number,
  seed: number,
): Promise<{ images: ByteImages; networkEvaluations: number }> {
  const generator = await model.generator(engine, weights, setting, Math.min(BATCH, n));
  const images = await generateImages(generator, rng(seed).fold("sample"), n, label, () => {});
  const { networkEvaluations } = generator;
  generator.dispose();
  const shown = takeImages(
    images,
    Array.from({ length: n }, (_, i) => i),
  );
  return { images: shown, networkEvaluations };
}

/** The setting that the suite scored the model with, and what the flags change of it. */
function settingOf(
  { id, configured, model }: TrainedModel,
  { sampler, steps, guidance }: SampleFlags,
): SamplerSetting {
  const usual = scoringSetting(configured);
  if (model.onePass && (sampler !== undefined || steps !== undefined || guidance !== undefined))
    throw usageError(`${id} makes an image in one pass: leave out --sampler, --steps and --guidance`);
  if (guidance !== undefined && model.classes === 0)
    throw usageError(`${id} was trained without labels, so it cannot be guided: leave out --guidance`);
  const options = {
    ...(sampler === undefined || sampler === usual.sampler ? usual.options : undefined),
    ...(guidance === undefined ? undefined : { guidance }),
  };
  return { sampler: sampler ?? usual.sampler, steps: steps ?? usual.steps, options };
}

function labelOf(
  { id, model, labels }: TrainedModel,
  wanted: string | undefined,
): ((index: number) => number) | undefined {
  if (model.classes === 0) {
    if (wanted === undefined) return undefined;
    throw usageError(`--class ${wanted}: ${id} was trained without labels; leave it out`);
  }
  if (wanted === undefined) return (index) => index % model.classes;
  const named = labels.indexOf(wanted);
  const label = named >= 0 ? named : /^\d+$/.test(wanted) ? Number(wanted) : -1;
  if (label >= 0 && label < model.classes) return () => label;
  throw usageError(`--class ${wanted}: ${id} knows 0 to ${model.classes - 1}${knownWords(wanted, labels)}`);
}
