// Speaks the reaper's protocol: a client sends one label filter a line and gets ACK for each. Once the last client has been
// gone for a while, everything with those labels is removed through the Docker socket, and this container too.
import http from "node:http";
import net from "node:net";
import os from "node:os";

const RECONNECT_MS = milliseconds(process.env.RYUK_RECONNECTION_TIMEOUT, 10_000);
const FIRST_CLIENT_MS = milliseconds(process.env.RYUK_CONNECTION_TIMEOUT, 60_000);

function milliseconds(text, standard) {
  const match = /^(\d+)(ms|s|m)?$/.exec(text ?? "");
  return match ? Number(match[1]) * { ms: 1, s: 1_000, m: 60_000 }[match[2] ?? "s"] : standard;
}

function say(line) {
  process.stdout.write(`${line}\n`);
}

const filters = new Set();
let clients = 0;
let timer;

function docker(method, path) {
  return new Promise((resolve, reject) => {
    const request = http.request({ socketPath: "/var/run/docker.sock", method, path }, (response) => {
      let body = "";
      response.on("data", (chunk) => (body += chunk));
      response.on("end", () => {
        if (response.statusCode < 400) resolve(body && JSON.parse(body));
        else reject(new Error(`${method} ${path}: ${response.statusCode} ${body}`));
      });
    });
    request.on("error", reject).end();
  });
}

async function remove(path) {
  await docker("DELETE", path).then(
    () => say(`removed ${path}`),
    (error) => console.error(error.message),
  );
}

async function prune() {
  for (const filter of filters) {
    const label = filter.split("&").map((part) => part.replace(/^label=/, ""));
    const query = `filters=${encodeURIComponent(JSON.stringify({ label }))}`;
    for (const { Id } of await docker("GET", `/containers/json?all=1&${query}`))
      if (!Id.startsWith(os.hostname())) await remove(`/containers/${Id}?force=1&v=1`);
    for (const { Id } of await docker("GET", `/networks?${query}`)) await remove(`/networks/${Id}`);
    for (const { Name } of (await docker("GET", `/volumes?${query}`)).Volumes ?? [])
      await remove(`/volumes/${Name}?force=1`);
    for (const { Id } of await docker("GET", `/images/json?${query}`)) await remove(`/images/${Id}?force=1`);
  }
}

function pruneAfter(ms) {
  clearTimeout(timer);
  timer = setTimeout(() => void leave(), ms);
}

async function leave() {
  await prune().catch(console.error);
  await remove(`/containers/${os.hostname()}?force=1&v=1`);
  process.exit(0);
}

const server = net.createServer((socket) => {
  clients++;
  clearTimeout(timer);
  let pending = "";
  socket.on("data", (chunk) => {
    const lines = (pending + chunk).split("\n");
    pending = lines.pop();
    for (const line of lines.map((text) => text.trim()).filter(Boolean)) {
      filters.add(line);
      socket.write("ACK\n");
    }
  });
  socket.on("error", () => {});
  socket.on("close", () => {
    if (--clients === 0) pruneAfter(RECONNECT_MS);
  });
});
server.listen(8080, () => {
  say("Started"); // what testcontainers waits for
  pruneAfter(FIRST_CLIENT_MS);
});
process.on("SIGTERM", () => void leave());
