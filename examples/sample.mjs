// Images from an exported network: node sample.mjs NAME.onnx NAME.json > images.f32 (float32 [n, size, size, channels], -1..1)
import { readFileSync } from "node:fs";
import * as ort from "onnxruntime-node";

const [, , file, facts] = process.argv;
const { inputs, sampling } = JSON.parse(readFileSync(facts, "utf8"));
const session = await ort.InferenceSession.create(file);
const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
const tensor = ({ shape }, of) =>
  new ort.Tensor("float32", Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, of), shape);
const run = async (feeds) => Object.values(await session.run(feeds))[0].data;

let x = sampling.updates
  ? tensor(inputs.images, normal).data
  : await run({ latent: tensor(inputs.latent, normal) });
let kept = x;
for (const u of sampling.updates ?? []) {
  const output = await run({ images: tensor(inputs.images, (_, i) => x[i]), t: tensor(inputs.t, () => u.t) });
  const limit = sampling.clipping.limit ?? Infinity;
  const D = x.map((v, i) => Math.max(-limit, Math.min(limit, u.cleanX * v + u.cleanOutput * output[i])));
  const next = x.map((v, i) => u.x * v + u.denoised * D[i] + u.noise * normal() + (u.kept ?? 0) * kept[i]);
  kept = x.map((v, i) => (u.keep?.x ?? 0) * v + (u.keep?.denoised ?? 0) * D[i]);
  x = next;
}
process.stdout.write(new Uint8Array(x.map((v) => v / (sampling.inputScale ?? 1)).buffer));
