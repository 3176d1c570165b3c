import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { rng } from "../../../src/core/rng.ts";
import { fetchFile } from "../../../src/harness/datasets/download.ts";
import { temporaryFolders } from "./fixtures.ts";
import { breakAfter, mirrors, serve, stallAfter, status } from "./server.ts";

const random = rng(5);
const content = Uint8Array.from({ length: 300_000 }, () => random.integer(256));
const wrong = content.map((v) => v ^ 1);
const file = {
  name: "data.gz",
  bytes: content.length,
  sha256: createHash("sha256").update(content).digest("hex"),
};
/** A port that nothing listens on. */
const nowhere = "http://127.0.0.1:9/";

const start = mirrors();
const temporary = temporaryFolders();
let folder: string;
beforeEach(() => {
  folder = join(temporary(), "cache");
});

const get = (urls: string[], options = {}) => fetchFile(file, urls, folder, { stallMs: 10_000, ...options });

/** The file lies under its name with its content, and nothing else does. */
function expectFetched() {
  expect(Buffer.compare(readFileSync(join(folder, file.name)), content)).toBe(0);
  expect(readdirSync(folder)).toEqual([file.name]);
}

const keepPart = async (bytes: Uint8Array) => {
  const broken = await start(stallAfter(bytes, 0));
  await get([broken.url], { stallMs: 50 }).catch(() => undefined);
  writeFileSync(join(folder, `${file.name}.part`), bytes);
};

describe("fetchFile", () => {
  it("downloads once, reports progress up to the full size, and asks no server again", async () => {
    const mirror = await start(serve(content));
    const progress: [string, number, number][] = [];
    const path = await get([mirror.url], {
      onProgress: (message: string, done: number, total: number) => progress.push([message, done, total]),
    });
    expect(path).toBe(join(folder, file.name));
    expectFetched();
    expect(progress.at(-1)!.slice(1)).toEqual([content.length, content.length]);
    expect(progress[0]![0]).toContain("downloading data.gz from 127.0.0.1");
    expect(progress.every(([, done], i) => i === 0 || done > progress[i - 1]![1])).toBe(true);
    await get([mirror.url]);
    await get([nowhere]);
    expect(mirror.log).toEqual(["GET /data.gz"]);
  });

  it("continues after a broken connection where it stopped", async () => {
    const good = serve(content);
    const cut = breakAfter(content, 100_000);
    const mirror = await start((request, response, nth) => (nth === 1 ? cut : good)(request, response, nth));
    await get([mirror.url]);
    expectFetched();
    expect(mirror.log).toHaveLength(2);
    const from = Number(/bytes=(\d+)-$/.exec(mirror.log[1]!)![1]);
    expect(from).toBeGreaterThan(0);
    expect(from).toBeLessThanOrEqual(100_000);
  });

  it("continues what an earlier process left, at any mirror", async () => {
    await keepPart(content.subarray(0, 1234));
    const mirror = await start(serve(content));
    await get([nowhere, mirror.url]);
    expectFetched();
    expect(mirror.log).toEqual(["GET /data.gz bytes=1234-"]);
  });

  it("takes a complete part without asking", async () => {
    await keepPart(content);
    await get([nowhere]);
    expectFetched();
  });

  it("starts anew where the server ignores the range", async () => {
    await keepPart(content.subarray(0, 1234));
    const mirror = await start((_request, response) => {
      response.writeHead(200, { "content-length": content.length }).end(content);
    });
    await get([mirror.url]);
    expectFetched();
    expect(mirror.log).toHaveLength(1);
  });

  it("drops the part and starts anew at HTTP 416", async () => {
    await keepPart(content.subarray(0, 1234));
    const mirror = await start((request, response, nth) =>
      (request.headers.range ? status(416) : serve(content))(request, response, nth),
    );
    await get([mirror.url]);
    expectFetched();
    expect(mirror.log).toEqual(["GET /data.gz bytes=1234-", "GET /data.gz"]);
  });

  it("drops the part where the server answers with another range", async () => {
    await keepPart(content.subarray(0, 1234));
    const mirror = await start((request, response, nth) => {
      if (!request.headers.range) return serve(content)(request, response, nth);
      response.writeHead(206, { "content-range": `bytes 0-${content.length - 1}/${content.length}` });
      response.end(content);
    });
    await get([mirror.url]);
    expectFetched();
  });

  it("drops a part that was of something else, or longer than the file, and starts anew", async () => {
    for (const part of [wrong.subarray(0, 5000), Buffer.concat([content, content])]) {
      folder = join(temporary(), "cache");
      await keepPart(part);
      const mirror = await start(serve(content));
      await get([mirror.url]);
      expectFetched();
      expect(mirror.log.at(-1)).toBe("GET /data.gz");
    }
  });

  it("replaces a file in the cache whose checksum is wrong", async () => {
    const mirror = await start(serve(content));
    await get([mirror.url]);
    writeFileSync(join(folder, file.name), wrong);
    await get([mirror.url]);
    expectFetched();
  });

  it("tries the next mirror after a 404, a wrong file and a wrong size, in order", async () => {
    const missing = await start(status(404));
    const corrupt = await start(serve(wrong));
    const short = await start(serve(content.subarray(0, 1000)));
    const good = await start(serve(content));
    const unused = await start(serve(content));
    await get([missing.url, corrupt.url, short.url, good.url, unused.url]);
    expectFetched();
    expect([missing, corrupt, short, good, unused].map(({ log }) => log.length)).toEqual([1, 1, 1, 1, 0]);
  });

  it("leaves a server that stalls, and continues at the next", async () => {
    const silent = await start(() => undefined);
    const stalling = await start(stallAfter(content, 50_000));
    const good = await start(serve(content));
    await get([silent.url, stalling.url, good.url], { stallMs: 150 });
    expectFetched();
    expect(good.log[0]).toMatch(/bytes=\d+-$/);
  });

  it("is patient with a slow server as long as something arrives", async () => {
    const slow = await start(async (_request, response) => {
      response.writeHead(200, { "content-length": content.length });
      for (let at = 0; at < content.length; at += 30_000) {
        response.write(content.subarray(at, at + 30_000));
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
      response.end();
    });
    await get([slow.url], { stallMs: 300 }); // ten pieces, 600 ms
    expectFetched();
    expect(slow.log).toHaveLength(1);
  });

  it("has the file as it is stored, not unpacked by a server that labels .gz as an encoding", async () => {
    const mirror = await start((request, response, nth) => {
      const accepts = String(request.headers["accept-encoding"]).includes("gzip");
      if (accepts) response.setHeader("content-encoding", "gzip");
      serve(content)(request, response, nth);
    });
    await get([mirror.url]);
    expectFetched();
  });

  it("asks again a server that fails for the moment, three times at most", async () => {
    const mirror = await start((request, response, nth) =>
      (nth < 3 ? status(503) : serve(content))(request, response, nth),
    );
    await get([mirror.url]);
    expectFetched();
    const down = await start(status(503));
    folder = temporary();
    await expect(get([down.url])).rejects.toMatchObject({ code: "DATA_UNAVAILABLE" });
    expect(down.log).toHaveLength(3);
  });

  it("never lets an endless answer past the expected size", async () => {
    const endless = await start((_request, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write(wrong), 1);
      response.on("close", () => clearInterval(timer));
    });
    await expect(get([endless.url])).rejects.toThrow(/sent more than 300000 bytes/);
    expect(existsSync(join(folder, file.name))).toBe(false);
    expect(statSync(join(folder, `${file.name}.part`)).size).toBeLessThanOrEqual(content.length);
  });

  it("says what every mirror answered and what to do without a network", async () => {
    const missing = await start(status(404));
    const corrupt = await start(serve(wrong));
    const stalling = await start(stallAfter(content, 10));
    const error = await get([missing.url, corrupt.url, stalling.url, nowhere], { stallMs: 150 }).catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({ code: "DATA_UNAVAILABLE" });
    const { message } = error as Error;
    expect(message).toContain(`${missing.url}data.gz: HTTP 404 Not Found`);
    expect(message).toContain(`${corrupt.url}data.gz: sha256 is `);
    expect(message).toContain(`expected ${file.sha256}`);
    expect(message).toContain(`${stalling.url}data.gz: nothing arrived for 150 ms`);
    expect(message).toContain(`${nowhere}data.gz: `);
    expect(message).toContain(
      `put the published data.gz into ${folder}, or give a folder that has the data, e.g. as idx:DIR`,
    );
    expect(existsSync(join(folder, file.name))).toBe(false);
  });

  it("says so where the cache folder cannot be made", async () => {
    const blocked = temporary();
    writeFileSync(join(blocked, "cache"), "a file in its place");
    folder = join(blocked, "cache", "mnist");
    const mirror = await start(serve(content));
    await expect(get([mirror.url])).rejects.toMatchObject({
      code: "DATA_UNAVAILABLE",
      message: expect.stringMatching(
        /cannot keep downloads in .*Make room or access there, or set BENCH_CACHE/,
      ),
    });
    expect(mirror.log).toEqual([]);
  });

  it("gives every one of several that download at once the file, and leaves nothing else", async () => {
    const slow = await start(serve(content));
    for (let round = 0; round < 20; round++) {
      folder = join(temporary(), "cache");
      await Promise.all([1, 2, 3].map(() => get([slow.url])));
      expectFetched();
    }
  });

  it("takes the part of a process that has ended, and leaves the part of one that may live", async () => {
    const mirror = await start(serve(content));
    mkdirSync(folder, { recursive: true });
    const ended = join(folder, `${file.name}.4000000-0123abcd.part`);
    const living = join(folder, `${file.name}.${process.pid}-0123abcd.part`);
    for (const path of [ended, living]) writeFileSync(path, content.subarray(0, 1000));
    utimesSync(ended, 1, 1);
    await get([mirror.url]);
    expect(readdirSync(folder).sort()).toEqual([file.name, basename(living)].sort());
  });

  it("writes through no link that lies under the part's name", async () => {
    const mirror = await start(serve(content));
    mkdirSync(folder, { recursive: true });
    const victim = join(folder, "..", "victim");
    writeFileSync(victim, "mine");
    symlinkSync(victim, join(folder, `${file.name}.part`));
    await get([mirror.url]);
    expect(readFileSync(victim, "utf8")).toBe("mine");
    expectFetched();
  });
});
