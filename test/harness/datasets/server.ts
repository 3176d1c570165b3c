/** A loopback HTTP server whose every answer a test decides. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach } from "vitest";

export type Answer = (request: IncomingMessage, response: ServerResponse, nth: number) => void;

export interface Mirror {
  /** Ends in a slash. */
  readonly url: string;
  /** `GET /name` or `GET /name bytes=N-`, in order of arrival. */
  readonly log: string[];
}

/** A maker of servers that are closed after each test; `nth` counts one server's requests from 1. */
export function mirrors(): (answer: Answer) => Promise<Mirror> {
  const close: (() => Promise<void>)[] = [];
  afterEach(async () => {
    await Promise.all(close.splice(0).map((stop) => stop()));
  });
  return async (answer) => {
    const log: string[] = [];
    const server = createServer((request, response) => {
      log.push(`${request.method} ${request.url} ${request.headers.range ?? ""}`.trim());
      answer(request, response, log.length);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    close.push(
      () =>
        new Promise((resolve) => {
          server.closeAllConnections();
          server.close(() => resolve());
        }),
    );
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, log };
  };
}

/** A well-behaved server of one content: honours `Range: bytes=N-`, 416 past the end. */
export const serve =
  (content: Uint8Array): Answer =>
  (request, response) => {
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
    if (!range) {
      response.writeHead(200, { "content-length": content.length }).end(content);
      return;
    }
    const first = Number(range[1]);
    if (first >= content.length) {
      response.writeHead(416, { "content-range": `bytes */${content.length}` }).end();
      return;
    }
    const rest = content.subarray(first);
    response
      .writeHead(206, {
        "content-length": rest.length,
        "content-range": `bytes ${first}-${content.length - 1}/${content.length}`,
      })
      .end(rest);
  };

/** Sends `length` bytes of what `serve` would and breaks the connection. */
export const breakAfter =
  (content: Uint8Array, length: number): Answer =>
  (_request, response) => {
    response.writeHead(200, { "content-length": content.length });
    response.write(content.subarray(0, length), () => setTimeout(() => response.destroy(), 20));
  };

/** Sends `length` bytes and then nothing more. */
export const stallAfter =
  (content: Uint8Array, length: number): Answer =>
  (_request, response) => {
    response.writeHead(200, { "content-length": content.length });
    response.write(content.subarray(0, length));
  };

export const status =
  (code: number): Answer =>
  (_request, response) => {
    response.writeHead(code).end("no");
  };
