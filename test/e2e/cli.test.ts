import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { mnistFiles, temporaryFolders, writeFiles } from "../harness/datasets/fixtures.ts";
import { bench, sources } from "./entries.ts";
import { here, node, snapshot } from "./process.ts";

const temporary = temporaryFolders();
let cwd: string;
beforeEach(() => {
  cwd = temporary();
});

const run = (...words: string[]) => node([bench, ...words], { cwd });

describe("help", () => {
  it("names every command and exit code, and the same for -h, help and nothing at all", async () => {
    const { code, stdout, stderr } = await run("--help");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const command of ["run", "report <run..>", "list <what>", "doctor", "data <action> [dataset..]"])
      expect(stdout).toContain(`\n  bench ${command} `);
    expect(stdout).not.toContain("__cell");
    expect(stdout).toMatch(/2 usage or bad input.*130 interrupted/s);
    for (const words of [["-h"], ["help"], []]) expect((await run(...words)).stdout).toBe(stdout);
  });

  it("names every flag of a command", async () => {
    const { stdout } = await run("run", "--help");
    const lines = stdout.split("\n").map((line) => line.replace(/ +/g, " "));
    for (const [flag, meaning] of [
      ["suite", "NAME|FILE: "],
      ["dataset", "NAME: "],
      ["size", "PX: "],
      ["seeds", "N: "],
      ["seed", "S: "],
      ["set", "KEY=VALUE: "],
      ["out", "DIR: "],
      ["resume", ""],
      ["force", ""],
      ["device", "auto|cpu|gpu: "],
      ["engine", "auto|onnx|tensorflow|reference: "],
      ["threads", "N: "],
      ["dry-run", ""],
      ["json", ""],
      ["quiet", ""],
    ])
      expect(lines).toContainEqual(expect.stringContaining(`--${flag} ${meaning}`));
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
  });

  it("and --version load no package but those that read TypeScript and the command line", async () => {
    const ofYargs = ["yargs", "yargs-parser", "cliui", "y18n", "escalade", "get-caller-file"];
    const ofItsTables = ["string-width", "strip-ansi", "ansi-regex", "wrap-ansi", "ansi-styles"];
    const ofTheirWidths = ["emoji-regex", "get-east-asian-width"];
    const readers = ["tsx", "esbuild", "get-tsconfig", ...ofYargs, ...ofItsTables, ...ofTheirWidths];
    const loaded = async (...words: string[]) => {
      const coverage = join(cwd, `coverage-${words.join("")}`);
      const { stdout } = await node([sources, ...words], { cwd, env: { NODE_V8_COVERAGE: coverage } });
      const scripts = Object.keys(snapshot(coverage)).flatMap((file) =>
        (JSON.parse(readFileSync(file, "utf8")) as { result: { url: string }[] }).result.map(
          ({ url }) => url,
        ),
      );
      const packages = scripts.flatMap((url) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []);
      return {
        stdout,
        packages: new Set(packages.filter((name) => !readers.includes(name))),
      };
    };
    expect((await loaded("--help")).packages).toEqual(new Set());
    const version = await loaded("--version");
    expect(version).toEqual({ stdout: `${manifest.version}\n`, packages: new Set() });
    expect((await loaded("list", "suites")).packages).toContain("yaml"); // so packages are seen where they are loaded
  });
});

/** What a user may get wrong, as `words` of a command line in a folder that `prepare` has filled. */
const mistakes: { what: string; words: string[]; says: string; prepare?: (cwd: string) => void }[] = [
  {
    what: "a seed that is no number",
    words: ["run", "--seed", "abc"],
    says: 'USAGE: --seed takes a whole number, not "abc"',
  },
  {
    what: "an unknown flag",
    words: ["run", "--sed", "1"],
    says: "USAGE: unknown flag --sed of run; did you mean --seed?",
  },
  {
    what: "an unknown flag without a command",
    words: ["--sute", "quick"],
    says: "USAGE: unknown flag --sute of run; did you mean --suite?",
  },
  { what: "an unknown command", words: ["rnu"], says: 'USAGE: unknown command "rnu"; did you mean run?' },
  {
    what: "a repeated flag",
    words: ["run", "--out", "a", "--out", "b"],
    says: "USAGE: --out was given 2 times: a, b",
  },
  {
    what: "an unknown suite",
    words: ["run", "--suite", "quik"],
    says: 'USAGE: unknown suite "quik"; known: ',
  },
  {
    what: "a suite file that is missing",
    words: ["run", "--suite", "./x.yaml"],
    says: "USAGE: there is no suite file ./x.yaml",
  },
  {
    what: "a suite file that is not YAML",
    words: ["run", "--suite", "x.yaml"],
    prepare: (cwd) => writeFileSync(join(cwd, "x.yaml"), "name: x\nseed: [1\n"),
    says: "BAD_CONFIG: x.yaml:",
  },
  {
    what: "an unknown option",
    words: ["run", "--set", "models.ddpm.options.roh=1"],
    says: 'BAD_CONFIG: suite quick: unknown option "roh" in models.ddpm.options; known: base,',
  },
  {
    what: "an unknown model",
    words: ["run", "--set", "models.wgan.images=1"],
    says: 'BAD_CONFIG: --set models.wgan.images: no "wgan" in models; known: ddpm, dcgan',
  },
  {
    what: "options that do not fit together",
    words: ["run", "--size", "20", "--set", "models.ddpm.options.multipliers=[1,2,2,2]"],
    says: "BAD_CONFIG: models.ddpm",
  },
  {
    what: "an unknown dataset",
    words: ["run", "--dataset", "mnits"],
    says: 'USAGE: unknown dataset "mnits"',
  },
  {
    what: "a missing folder",
    words: ["run", "--dataset", "idx:nowhere"],
    says: "BAD_DATA: nowhere: no such folder",
  },
  {
    what: "a truncated IDX file",
    words: ["run", "--dataset", "idx:data"],
    prepare(cwd) {
      const files = mnistFiles();
      const images = files["train-images-idx3-ubyte"]!;
      writeFiles(join(cwd, "data"), {
        ...files,
        "train-images-idx3-ubyte": images.subarray(0, images.length - 1),
      });
    },
    says: "BAD_DATA: data/train-images-idx3-ubyte",
  },
  {
    what: "more labels than images",
    words: ["run", "--dataset", "idx:data"],
    prepare(cwd) {
      const labels = mnistFiles({ train: 31 })["train-labels-idx1-ubyte"]!;
      writeFiles(join(cwd, "data"), { ...mnistFiles({ train: 30 }), "train-labels-idx1-ubyte": labels });
    },
    says: "BAD_DATA: data/train-images-idx3-ubyte holds 30 images but",
  },
  {
    what: "too few images for what is measured",
    words: ["run", "--dataset", "idx:data", "--set", "stages.diversity.n=11"],
    prepare: (cwd) => void writeFiles(join(cwd, "data"), mnistFiles({ test: 30 })),
    says: "BAD_CONFIG: stages.diversity.n is 11, which takes 33 test images",
  },
  {
    what: "a file in the run folder's place",
    words: ["run", "--out", "taken"],
    prepare: (cwd) => writeFileSync(join(cwd, "taken"), "mine"),
    says: "OUTPUT_UNWRITABLE: ",
  },
  {
    what: "a file above the run folder",
    words: ["run", "--out", "taken/run", "--force"],
    prepare: (cwd) => writeFileSync(join(cwd, "taken"), "mine"),
    says: "OUTPUT_UNWRITABLE: ",
  },
  {
    what: "a folder that holds other things",
    words: ["run", "--out", "taken", "--force"],
    prepare(cwd) {
      mkdirSync(join(cwd, "taken"));
      writeFileSync(join(cwd, "taken/thesis.doc"), "mine");
    },
    says: "OUTPUT_EXISTS: ",
  },
  {
    what: "nothing to resume",
    words: ["run", "--out", "x", "--resume"],
    says: "BAD_RUN_FOLDER: there is no run in",
  },
  { what: "--resume without --out", words: ["run", "--resume"], says: "USAGE: --resume needs --out DIR" },
  { what: "no run to report", words: ["report", "."], says: "BAD_RUN_FOLDER: " },
  {
    what: "nothing to list",
    words: ["list", "modles"],
    says: 'USAGE: <what> cannot be "modles"; known: suites, datasets, models',
  },
  {
    what: "nothing to fetch",
    words: ["data", "fetch", "shapes"],
    says: 'USAGE: "shapes" cannot be downloaded',
  },
  {
    what: "data that is not there",
    words: ["data", "verify", "mnist"],
    says: "DATA_UNAVAILABLE: mnist is not complete",
  },
];

it.each(mistakes)("$what: exit code 2, one message, nothing written", async ({ words, says, prepare }) => {
  prepare?.(cwd);
  const before = snapshot(cwd);
  const { code, stdout, stderr } = await here(words, cwd);
  expect(stderr).toContain(`error ${says}`);
  expect(stderr.match(/^error /gm)).toHaveLength(1);
  expect(stderr).not.toMatch(/^\s+at /m); // no stack
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(snapshot(cwd)).toEqual(before);
});

it("a process ends with the code of its mistake, its message on stderr", async () => {
  const { code, stdout, stderr } = await run("rnu");
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toBe(`${(await here(["rnu"], cwd)).stderr}`);
});

it("a clone runs no code that lies in the shared temporary folder, and leaves none there", async () => {
  const TMPDIR = join(cwd, "tmp");
  mkdirSync(TMPDIR);
  expect(await node([sources, "--version"], { cwd, env: { TMPDIR } })).toMatchObject({ code: 0 });
  const left = readdirSync(TMPDIR, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  expect(left.map(({ name }) => name)).toEqual([]);
});
