"""PyTorch's side of the parity check: a training that `record.ts` wrote, in plain PyTorch. See docs/parity.md.

Taken from the file: the weights at the start, the training images and their order, the steps of the diffusion and all
noise. Everything else is PyTorch's own: networks (benchmarks/peers), gradients, Adam, clipping, running statistics, and
this file's schedule, warm-up and averages, in the published form. Needs PyTorch 1.13 or newer and NumPy.

    python3 peer.py RECORDING.safetensors ... --out FOLDER [--steps N] [--dtype float64] [--nudge SEED]

Of each recording FOLDER gets RECORDING.json, the losses of every step, and RECORDING.safetensors, the weights at the end.
"""
import argparse
import copy
import json
import math
import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "peers"))
# before torch: it sets OpenMP up
import ddpm_unet  # noqa: E402
import dcgan  # noqa: E402

import numpy as np  # noqa: E402
import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402


# ---- files ----

DTYPES = {"F32": np.dtype("<f4"), "I32": np.dtype("<i4")}


def read_safetensors(path):
    """Tensors by name and the metadata (github.com/huggingface/safetensors)."""
    data = Path(path).read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = np.frombuffer(data[start + begin:start + end], DTYPES[entry["dtype"]])
        tensors[name] = values.reshape(entry["shape"])
    return tensors, metadata


def write_safetensors(path, tensors):
    header, offset, parts = {}, 0, []
    for name, values in tensors.items():
        part = np.ascontiguousarray(values, DTYPES["F32"]).tobytes()
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [offset, offset + len(part)]}
        offset += len(part)
        parts.append(part)
    text = json.dumps(header).encode()
    Path(path).write_bytes(len(text).to_bytes(8, "little") + text + b"".join(parts))


class Recording:
    """A recorded training; floating-point tensors come in `dtype`, images channels first."""

    def __init__(self, path, dtype, nudge):
        self.tensors, metadata = read_safetensors(path)
        self.dtype = dtype
        self.kind = metadata["type"]
        self.options = json.loads(metadata["options"])
        self.steps, self.batch = self.tensors["indices"].shape
        self.nudge = None if nudge is None else np.random.default_rng(nudge)
        pixels = torch.from_numpy(self.tensors["pixels"].astype(np.int64)).permute(0, 3, 1, 2)
        self.images = pixels.to(dtype) / 127.5 - 1

    def real(self, step):
        return self.images[torch.from_numpy(self.tensors["indices"][step].astype(np.int64))]

    def fed(self, name, step):
        values = torch.from_numpy(self.tensors[f"fed/{name}"][step])
        return values.to(self.dtype)

    def noise_like_images(self, step):
        return self.fed("noise", step).permute(0, 3, 1, 2)

    def initial(self, part):
        """Weights at the start by their names in the harness; nudged, each by one unit in the last place or not at all."""
        prefix = f"initial/{part}/"
        found = {name[len(prefix):]: values for name, values in self.tensors.items() if name.startswith(prefix)}
        if self.nudge is None:
            return found
        moved = {}
        for name, values in found.items():
            towards = self.nudge.choice([-np.inf, np.inf], values.shape).astype(np.float32)
            keep = (values == 0) | self.nudge.choice([False, True], values.shape)
            moved[name] = np.where(keep, values, np.nextafter(values, towards))
        return moved


# ---- names: the harness's on the left ----

UNET_NAMES = [(r"^time1\.", "time.0."), (r"^time2\.", "time.2."), (r"^middle", "mid"), (r"\.residual\.", ".res."),
              (r"\.attention\.", ".attn."), (r"^(up\.\d+)\.conv\.", r"\1.")]
GENERATOR_NAMES = [(r"^stages\.0\.norm", "norm1"), (r"^stages\.0\.up", "up1"), (r"^stages\.1\.norm", "norm2"),
                   (r"^stages\.1\.up", "up2")]
DISCRIMINATOR_NAMES = [(r"^stages\.0\.down", "down1"), (r"^stages\.1\.down", "down2"), (r"^stages\.1\.norm", "norm2")]
LEAVES = {"kernel": "weight", "filter": "weight", "scale": "weight", "offset": "bias", "bias": "bias",
          "mean": "running_mean", "variance": "running_var"}


def peer_name(name, rules):
    for pattern, replacement in rules:
        name = re.sub(pattern, replacement, name)
    place, leaf = name.rsplit(".", 1)
    return f"{place}.{LEAVES[leaf]}"


def load(net, recording, part, rules, statistics=None):
    """Fills every value of a network from the file; a name or shape that does not fit is an error."""
    given = dict(recording.initial(part))
    if statistics:
        given.update(recording.initial(statistics))
    state = {}
    for name, values in given.items():
        values = torch.from_numpy(values.copy()).to(recording.dtype)
        # a dense kernel is [in, out] there and [out, in] here
        state[peer_name(name, rules)] = values.T if name.endswith(".kernel") else values
    missing, unexpected = net.load_state_dict(state, strict=False)
    # a discriminator's running statistics are never read: both sides always use the batch's
    missing = [name for name in missing
               if not name.endswith("num_batches_tracked") and (statistics or "running_" not in name)]
    if missing or unexpected:
        raise SystemExit(f"{part}: missing {missing}, unexpected {unexpected}")


def save(net, names, part, rules):
    """Values of a network under the harness's names."""
    state = net.state_dict()
    values = {name: state[peer_name(name, rules)] for name in names}
    return {f"{part}/{name}": (v.T if name.endswith(".kernel") else v).numpy() for name, v in values.items()}


def expect(options, **wanted):
    for name, value in wanted.items():
        if options[name] != value:
            raise SystemExit(f"option {name} is {options[name]}; this peer knows only {value}")


# ---- what both trainings have ----

class Average:
    """Exponential moving average of a network's values, its decay rising from 2/11 (TensorFlow's warm-up of averages)."""

    def __init__(self, net, decay):
        self.net, self.decay = net, decay
        self.average = copy.deepcopy(net)

    @torch.no_grad()
    def update(self, step):
        decay = min(self.decay, (1 + step) / (10 + step))
        for mean, value in zip(self.average.parameters(), self.net.parameters()):
            mean.mul_(decay).add_(value, alpha=1 - decay)


def gradient_norm(net):
    return torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(p.grad) for p in net.parameters()]))


# ---- DDPM (Ho et al. 2020, algorithm 1) ----

def cosine_alpha_bar(timesteps, offset, max_beta):
    """Nichol & Dhariwal 2021, eq. 17, with the bound of each step's variance; float64."""
    def f(t):
        return math.cos((t + offset) / (1 + offset) * math.pi / 2) ** 2

    betas = [min(1 - f((i + 1) / timesteps) / f(i / timesteps), max_beta) for i in range(timesteps)]
    return torch.cumprod(1 - torch.tensor(betas, dtype=torch.float64), 0)


def train_ddpm(recording, steps):
    o = recording.options
    expect(o, conditional=False, dropout=0, heads=1, inputScale=1, inputNormalisation="none", variance="fixed-small",
           timestepSampling="uniform", timeEncoding="concatenated", timePeriod=10000, resampling="convolution",
           objective={"name": "simple"})
    if o["schedule"]["name"] != "cosine" or o["target"] not in ("epsilon", "v"):
        raise SystemExit("this peer knows the schedule cosine and the targets epsilon and v only")
    levels = [o["size"] // 2**level for level in range(len(o["multipliers"]))]
    attention = [level for level, size in enumerate(levels) if size in o["attention"]]
    net = ddpm_unet.UNet(o["channels"], o["base"], o["multipliers"], attention, o["blocks"]).to(recording.dtype)
    load(net, recording, "denoiser", UNET_NAMES)
    average = Average(net, o["ema"]) if o["ema"] > 0 else None
    bars = cosine_alpha_bar(o["timesteps"], o["schedule"]["offset"], o["schedule"]["maxBeta"])
    signal, spread = bars.sqrt().to(recording.dtype), (1 - bars).sqrt().to(recording.dtype)
    adam = torch.optim.Adam(net.parameters(), lr=o["learningRate"], betas=(o.get("beta1", 0.9), o.get("beta2", 0.999)))
    rate = torch.optim.lr_scheduler.LambdaLR(adam, lambda taken: min(1, (taken + 1) / max(1, o["warmup"])))
    losses = {"loss": [], "gradient_norm": []}
    for step in range(steps):
        x, noise, t = recording.real(step), recording.noise_like_images(step), recording.fed("t", step).long()
        a, b = signal[t][:, None, None, None], spread[t][:, None, None, None]
        wanted = noise if o["target"] == "epsilon" else a * noise - b * x
        loss = F.mse_loss(net(a * x + b * noise, t), wanted)
        adam.zero_grad()
        loss.backward()
        limit = o["clip"] if o["clip"] > 0 else math.inf
        norm = torch.nn.utils.clip_grad_norm_(net.parameters(), limit)
        adam.step()
        rate.step()
        if average:
            average.update(step + 1)
        losses["loss"].append(loss.item())
        losses["gradient_norm"].append(norm.item())
    names = list(recording.initial("denoiser"))
    weights = save(net, names, "denoiser", UNET_NAMES)
    if average:
        weights.update(save(average.average, names, "denoiser_ema", UNET_NAMES))
    return losses, weights


# ---- DCGAN (Radford et al. 2015) ----

def train_dcgan(recording, steps):
    o = recording.options
    expect(o, conditional=False, loss="non-saturating", discriminatorNorm="batch", spectralNorm=False, gradientPenalty=0,
           r1=0, augment=[], labelSmoothing=0, discriminatorSteps=1, ema=0)
    gen = dcgan.Generator(o["size"], o["channels"], o["latent"], o["generatorWidth"]).to(recording.dtype)
    disc = dcgan.Discriminator(o["size"], o["channels"], o["discriminatorWidth"]).to(recording.dtype)
    load(gen, recording, "generator", GENERATOR_NAMES, "statistics")
    load(disc, recording, "discriminator", DISCRIMINATOR_NAMES)
    settings = dict(lr=o["learningRate"], betas=(o["beta1"], o["beta2"]))
    g_adam = torch.optim.Adam(gen.parameters(), **settings)
    d_adam = torch.optim.Adam(disc.parameters(), **settings)
    bce = F.binary_cross_entropy_with_logits
    ones = torch.ones(recording.batch, dtype=recording.dtype)
    losses = {name: [] for name in ("discriminator_loss", "generator_loss", "discriminator_gradient_norm",
                                    "generator_gradient_norm")}
    gen.train(), disc.train()
    for step in range(steps):
        fake = gen(recording.fed("latent", step))
        d_loss = bce(disc(recording.real(step)), ones) + bce(disc(fake.detach()), 0 * ones)
        d_adam.zero_grad()
        d_loss.backward()
        d_norm = gradient_norm(disc)
        d_adam.step()

        g_loss = bce(disc(fake), ones)
        g_adam.zero_grad()
        g_loss.backward()
        g_norm = gradient_norm(gen)
        g_adam.step()
        for name, value in zip(losses, (d_loss, g_loss, d_norm, g_norm)):
            losses[name].append(value.item())
    weights = save(gen, list(recording.initial("generator")), "generator", GENERATOR_NAMES)
    weights.update(save(gen, list(recording.initial("statistics")), "statistics", GENERATOR_NAMES))
    weights.update(save(disc, list(recording.initial("discriminator")), "discriminator", DISCRIMINATOR_NAMES))
    return losses, weights


def main():
    p = argparse.ArgumentParser(description=__doc__, allow_abbrev=False,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("recordings", nargs="+")
    p.add_argument("--out", required=True, help="folder of the losses and weights, not that of the recordings")
    p.add_argument("--steps", type=int, help="stop after so many steps; default all")
    p.add_argument("--dtype", choices=["float32", "float64"], default="float32")
    p.add_argument("--nudge", type=int, help="start from weights moved in their last place at random, by this seed")
    p.add_argument("--threads", type=int, default=1)
    args = p.parse_args()
    torch.set_num_threads(args.threads)
    for path in map(Path, args.recordings):
        recording = Recording(path, getattr(torch, args.dtype), args.nudge)
        train = {"ddpm": train_ddpm, "dcgan": train_dcgan}[recording.kind]
        losses, weights = train(recording, min(args.steps or recording.steps, recording.steps))
        out = Path(args.out) / path.stem
        out.with_suffix(".json").write_text(json.dumps({"torch": torch.__version__, "losses": losses}))
        write_safetensors(out.with_suffix(".safetensors"), weights)


if __name__ == "__main__":
    main()
