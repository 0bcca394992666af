// One emulated API behind a front that injects faults and counts requests, plus a control port. The image of
// test/images/emulate and the plain process run this very file, so it imports nothing of this package.
//
//   node emulator-server.ts github|slack [--host 127.0.0.1] [--port 0] [--control 0] [--base-url URL] [--seed JSON]
//
// Control: GET /hits, POST /reset, POST /faults [Fault, …]. Prints one line of JSON once both ports listen.
import http from "node:http";
import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import { createEmulator } from "emulate";
import type { Fault, Hit } from "./emulated.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    host: { type: "string", default: "127.0.0.1" },
    port: { type: "string", default: "0" },
    control: { type: "string", default: "0" },
    "base-url": { type: "string" },
    seed: { type: "string" },
  },
});
const [service] = positionals;
if (service !== "github" && service !== "slack") throw new Error("the first argument is github or slack");

function listen(server: http.Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

// The emulator wants its port as a number, so a free one is found first.
const probe = http.createServer();
const innerPort = await listen(probe, 0, "127.0.0.1");
await new Promise((resolve) => probe.close(resolve));

const emulator = await createEmulator({
  service,
  port: innerPort,
  hostname: "127.0.0.1",
  ...(values.seed === undefined ? {} : { seed: JSON.parse(values.seed) }),
  ...(values["base-url"] === undefined ? {} : { baseUrl: values["base-url"] }),
});

let faults: (Fault & { left: number })[] = [];
let hits: Hit[] = [];

function nextFault(method: string, path: string): Fault | undefined {
  const fault = faults.find(
    (candidate) =>
      candidate.left > 0 &&
      path.startsWith(candidate.match ?? "/") &&
      (candidate.method === undefined || candidate.method === method),
  );
  if (fault) fault.left--;
  return fault;
}

const agent = new http.Agent({ keepAlive: true });

function forward(request: http.IncomingMessage, response: http.ServerResponse): void {
  const { method, url: path, headers } = request;
  const upstream = http.request({ host: "127.0.0.1", port: innerPort, method, path, headers, agent }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  upstream.on("error", () => response.destroy());
  response.on("close", () => upstream.destroy());
  request.pipe(upstream);
}

const front = http.createServer((request, response) => {
  const { method = "GET", url = "/" } = request;
  hits.push({ method, url });
  const fault = nextFault(method, url);
  if (!fault) return forward(request, response);
  setTimeout(() => {
    if (fault.abort) request.socket.resetAndDestroy();
    else if (fault.status === undefined) forward(request, response);
    else {
      const { body = { message: "injected" } } = fault;
      response.writeHead(fault.status, { "content-type": "application/json", ...fault.headers });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    }
  }, fault.delayMs ?? 0);
});

async function text(request: http.IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  return body;
}

async function answer(request: http.IncomingMessage): Promise<{ status: number; body: string }> {
  switch (`${request.method} ${request.url}`) {
    case "GET /hits":
      return { status: 200, body: JSON.stringify(hits) };
    case "POST /reset":
      emulator.reset();
      faults = [];
      hits = [];
      return { status: 200, body: "{}" };
    case "POST /faults":
      faults = (JSON.parse(await text(request)) as Fault[]).map((fault) => ({
        ...fault,
        left: fault.times ?? Infinity,
      }));
      return { status: 200, body: "{}" };
    default:
      return { status: 404, body: "{}" };
  }
}

const control = http.createServer((request, response) => {
  answer(request).then(
    ({ status, body }) => response.writeHead(status).end(body),
    (error: unknown) => response.writeHead(400).end(String(error)),
  );
});

const ports = {
  port: await listen(front, Number(values.port), values.host),
  control: await listen(control, Number(values.control), values.host),
};
process.stdout.write(`${JSON.stringify({ ready: true, service, ...ports })}\n`);

// As PID 1 of a container nothing ends a process by default; as a child it goes with its parent.
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => process.exit(0));
process.on("disconnect", () => process.exit(0));
