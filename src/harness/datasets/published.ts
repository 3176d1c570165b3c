/** `mnist`, `fashion-mnist`, `kmnist` and `cifar10` by name: where they are published, and with which checksums. */
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { assemble, type RawDataset } from "./assemble.ts";
import { cifarClasses, readCifarArchive } from "./cifar10.ts";
import type { DatasetRequest, DatasetSource } from "./contract.ts";
import { fetchBytes, fetchFile, type RemoteFile } from "./download.ts";
import { parseIdx } from "./idx.ts";
import { fileNames, readMnistLayout } from "./mnist-layout.ts";

export interface PublishedDataset {
  readonly describe: string;
  /** Folders that hold the files, each ending in a slash, tried in this order. */
  readonly mirrors: readonly string[];
  readonly files: readonly RemoteFile[];
  /** Names of the labels 0 to 9. */
  readonly classes: readonly string[];
  /** Makes data of the files, of whose verified content `open` gives the bytes; by default as MNIST's layout. */
  readonly read?: (open: (file: string) => Promise<Uint8Array>, name: string) => Promise<RawDataset>;
}

/** The four files of MNIST's layout, gzipped: images and labels for training, then for testing. */
function mnistFiles(facts: readonly Omit<RemoteFile, "name">[]): RemoteFile[] {
  const names = Object.values(fileNames).flatMap(({ images, labels }) => [images, labels]);
  return names.map((name, i) => ({ name: `${name}.gz`, ...facts[i]! }));
}

/**
 * Sizes and sha256 sums as published in TensorFlow Datasets' url_checksums and, the same, in torchvision's
 * dataset prototypes.
 */
export const published = {
  mnist: {
    describe: "handwritten digits, 28x28 (LeCun, Cortes & Burges 1998); downloaded",
    mirrors: [
      "https://ossci-datasets.s3.amazonaws.com/mnist/",
      "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ],
    files: mnistFiles([
      { bytes: 9912422, sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609" },
      { bytes: 28881, sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c" },
      { bytes: 1648877, sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6" },
      { bytes: 4542, sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6" },
    ]),
    classes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
  },
  "fashion-mnist": {
    describe: "articles of clothing, 28x28 (Xiao et al. 2017, arXiv:1708.07747); downloaded",
    mirrors: [
      "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
      "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/", // no https there; checksums guard it
    ],
    files: mnistFiles([
      { bytes: 26421880, sha256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84" },
      { bytes: 29515, sha256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845" },
      { bytes: 4422102, sha256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073" },
      { bytes: 5148, sha256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5" },
    ]),
    classes: [
      "T-shirt/top",
      "trouser",
      "pullover",
      "dress",
      "coat",
      "sandal",
      "shirt",
      "sneaker",
      "bag",
      "ankle boot",
    ],
  },
  kmnist: {
    describe: "cursive Japanese characters, 28x28 (Clanuwat et al. 2018, arXiv:1812.01718); downloaded",
    mirrors: [
      "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
      "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
    ],
    files: mnistFiles([
      { bytes: 18165135, sha256: "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4" },
      { bytes: 29497, sha256: "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17" },
      { bytes: 3041136, sha256: "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5" },
      { bytes: 5120, sha256: "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c" },
    ]),
    classes: ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"],
  },
  cifar10: {
    describe: "colour photographs of ten things, 32x32 (Krizhevsky 2009); downloaded",
    mirrors: ["https://www.cs.toronto.edu/~kriz/"],
    files: [
      {
        name: "cifar-10-binary.tar.gz",
        bytes: 170052171,
        sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
      },
    ],
    classes: cifarClasses,
    read: readCifarArchive,
  },
} satisfies Record<string, PublishedDataset>;

/** Folder of downloads: $BENCH_CACHE, else `gan-vs-diffusion-bench` in $XDG_CACHE_HOME or ~/.cache. */
export function defaultCacheDir(env: NodeJS.ProcessEnv = process.env): string {
  if (env.BENCH_CACHE) return env.BENCH_CACHE;
  const xdg = env.XDG_CACHE_HOME;
  const base = xdg && isAbsolute(xdg) ? xdg : join(homedir(), ".cache"); // the XDG standard says to ignore a relative one
  return join(base, "gan-vs-diffusion-bench");
}

/** Downloads the files of a dataset that are not in `<cacheDir>/<name>` yet, verifies all, and returns that folder. */
export async function fetchPublished(
  name: string,
  { files, mirrors }: PublishedDataset,
  { cacheDir, onProgress }: Pick<DatasetRequest, "cacheDir" | "onProgress">,
): Promise<string> {
  const folder = join(cacheDir ?? defaultCacheDir(), name);
  for (const file of files) await fetchFile(file, mirrors, folder, { onProgress });
  return folder;
}

/** A published dataset as a source. */
export function publishedSource(name: string, dataset: PublishedDataset): DatasetSource {
  const { describe, files, mirrors, classes, read } = dataset;
  return {
    describe,
    async load(_argument, request) {
      const { cacheDir, onProgress } = request;
      const folder = join(cacheDir ?? defaultCacheDir(), name);
      const open = (wanted: string) =>
        fetchBytes(files.find((file) => file.name === wanted)!, mirrors, folder, { onProgress });
      const asMnist: NonNullable<PublishedDataset["read"]> = () =>
        readMnistLayout(
          async (plain, kind) => {
            const file = `${plain}.gz`; // a file beside it without checksum, raw or not, is not read
            return { file, array: parseIdx(await open(file), kind, join(folder, file)) };
          },
          folder,
          name,
          classes,
        );
      return assemble(await (read ?? asMnist)(open, name), request);
    },
  };
}
