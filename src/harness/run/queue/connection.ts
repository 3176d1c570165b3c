/** How coordinator and workers reach a queue: BullMQ, which only this file loads, on a Redis server. */
import { connect } from "node:net";
import type { ConnectionOptions } from "bullmq";
import { BenchError, messageOf, usageError } from "../../../core/errors.ts";
import { version } from "../environment.ts";

/** The name holds the version, because another version plans other cells: its workers do not see this queue. */
export const QUEUE = `bench-${version}`;

const REACH_MS = 5_000;

/** @throws QUEUE_UNAVAILABLE where the package is not installed */
export async function loadBullmq(): Promise<typeof import("bullmq")> {
  try {
    return await import("bullmq");
  } catch (cause) {
    throw new BenchError(
      "QUEUE_UNAVAILABLE",
      "queues need the package bullmq, which is not installed. Install it with npm install bullmq@5.81.5.",
      { cause },
    );
  }
}

/** What percent signs stand for; undefined where they stand for nothing. */
function decoded(part = ""): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

/** `redis://[user:password@]host[:port][/database]`, or rediss: for TLS. @throws USAGE */
export function parseQueueUrl(
  text: string,
): Readonly<Record<string, unknown>> & { host: string; port: number } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const database = /^\/?(\d{0,4})$/.exec(url?.pathname ?? "");
  const [username, password] = [url?.username, url?.password].map(decoded);
  if (
    !url ||
    !["redis:", "rediss:"].includes(url.protocol) ||
    url.hostname === "" ||
    !database ||
    username === undefined ||
    password === undefined
  )
    throw usageError(
      "--queue takes the address of a Redis server, e.g. redis://127.0.0.1:6379 or rediss://user:password@host/1",
    );
  return {
    host: url.hostname,
    port: Number(url.port || 6379),
    username: username || undefined,
    password: password || undefined,
    db: database[1] ? Number(database[1]) : undefined,
    tls: url.protocol === "rediss:" ? {} : undefined,
  };
}

/** Options for BullMQ, after the server has answered. @throws USAGE, QUEUE_UNAVAILABLE */
export async function reachQueue(text: string): Promise<ConnectionOptions> {
  const address = parseQueueUrl(text);
  const { host, port } = address;
  await new Promise<void>((resolve, reject) => {
    const socket = connect({ host, port, timeout: REACH_MS });
    const fail = (why: string) => {
      socket.destroy();
      const message = `no Redis server answers at ${host}:${port} (${why}). Start one, or correct --queue.`;
      reject(new BenchError("QUEUE_UNAVAILABLE", message));
    };
    socket.once("connect", () => {
      socket.end();
      resolve();
    });
    socket.once("timeout", () => fail("it took too long"));
    socket.once("error", (error) => fail(messageOf(error)));
  });
  return { ...address, maxRetriesPerRequest: null } as ConnectionOptions; // a server that restarts is waited for
}
