# Images from an exported network: python sample.py NAME.onnx NAME.json OUT.npy (float32 [n, size, size, channels], -1..1)
import json, sys
import numpy as np, onnxruntime as ort

session, facts = ort.InferenceSession(sys.argv[1]), json.load(open(sys.argv[2]))
sampling, shape = facts["sampling"], {name: entry["shape"] for name, entry in facts["inputs"].items()}
normal = lambda of: np.random.randn(*of).astype("float32")
run = lambda **feeds: session.run(None, feeds)[0]
x = normal(shape["images"]) if "updates" in sampling else run(latent=normal(shape["latent"]))
kept, limit = x, sampling.get("clipping", {}).get("limit", np.inf)
for u in sampling.get("updates", []):
    output = run(images=x, t=np.full(shape["t"], u["t"], "float32"))
    D, keep = np.clip(u["cleanX"] * x + u["cleanOutput"] * output, -limit, limit), u.get("keep", {"x": 0, "denoised": 0})
    x, kept = (u["x"] * x + u["denoised"] * D + u["noise"] * normal(x.shape) + u.get("kept", 0) * kept).astype("float32"), keep["x"] * x + keep["denoised"] * D
np.save(sys.argv[3], x / sampling.get("inputScale", 1))
