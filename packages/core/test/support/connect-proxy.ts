import { createServer, request as forward } from "node:http";
import { connect } from "node:net";
import { listening } from "./listening.ts";

export interface ConnectProxy {
  readonly port: number;
  /** What it was asked for: "CONNECT api.example.test:443", "GET http://api.example.test/x". */
  readonly asked: string[];
  readonly authorizations: (string | undefined)[];
}

/** A forward proxy that resolves every name to one local port (RFC 9110 §9.3.6, RFC 9112 §3.2.2). */
export async function connectProxy(target: number, credentials?: string): Promise<ConnectProxy> {
  const asked: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const isRefused = (header: string | undefined) => {
    authorizations.push(header);
    return credentials !== undefined && header !== `Basic ${Buffer.from(credentials).toString("base64")}`;
  };
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (isRefused(request.headers["proxy-authorization"])) {
      response.writeHead(407, { "proxy-authenticate": "Basic" }).end();
      return;
    }
    const { pathname, search } = new URL(request.url ?? "");
    const { "proxy-authorization": _, ...headers } = request.headers;
    const onward = forward(
      { port: target, host: "127.0.0.1", path: pathname + search, method: request.method, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      },
    );
    request.pipe(onward);
  });
  server.on("connect", (request, socket) => {
    asked.push(`CONNECT ${request.url}`);
    socket.on("error", () => {});
    if (isRefused(request.headers["proxy-authorization"])) {
      socket.end("HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\r\n");
      return;
    }
    const onward = connect(target, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      onward.pipe(socket).pipe(onward);
    });
    onward.on("error", () => socket.destroy());
  });
  return { port: await listening(server), asked, authorizations };
}
