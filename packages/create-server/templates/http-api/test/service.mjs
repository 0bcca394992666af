// A stand-in for the service, as small as its API allows: integration tests and the sample run it, in a container or not.
import { createServer } from "node:http";

const tickets = new Map([
  ["t1", { id: "t1", title: "The lamp is dark", state: "open", text: "Since Monday.", internal: "not for models" }],
  ["t2", { id: "t2", title: "Paint the tower", state: "open", text: "White, as before.", internal: "not for models" }],
]);

async function serve(request, response) {
  const answer = (status, body) =>
    response
      .writeHead(status, { "content-type": "application/json" })
      .end(body === undefined ? "" : JSON.stringify(body));
  const { pathname, searchParams } = new URL(request.url, "http://service");
  if (pathname === "/") return answer(200, {});
  if (request.headers.authorization !== "Bearer test-token") return answer(401, { message: "Unknown token" });
  const id = decodeURIComponent(pathname.slice("/tickets/".length));
  const ticket = tickets.get(id);
  if (pathname === "/tickets" && request.method === "GET") {
    const all = [...tickets.values()];
    const start = all.findIndex((each) => each.id === searchParams.get("after")) + 1;
    return answer(200, all.slice(start, start + Number(searchParams.get("limit") ?? 30)));
  }
  if (pathname === "/tickets" && request.method === "POST") {
    let text = "";
    for await (const part of request) text += part;
    const made = { state: "open", ...JSON.parse(text), id: `t${tickets.size + 1}` };
    tickets.set(made.id, made);
    return answer(201, made);
  }
  if (ticket === undefined) return answer(404, { message: "No such ticket" });
  if (request.method !== "DELETE") return answer(200, ticket);
  tickets.delete(id);
  return answer(204);
}

createServer((request, response) => void serve(request, response)).listen(
  Number(process.env.PORT),
  process.env.HOST ?? "127.0.0.1",
);
