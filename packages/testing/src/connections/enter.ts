// Runs inside a network namespace that has nothing but its own loopback: brings that up, makes the services reachable at
// their usual addresses through sockets of the file system, which namespaces share, and then runs the server.
//   node enter.ts '[{"host":"127.0.0.1","port":5432,"path":"/tmp/…/0.sock"}]' command [argument…]
import { execFileSync, spawn } from "node:child_process";
import { carry } from "./bridge.ts";

const [services = "[]", command = "", ...args] = process.argv.slice(2);
const doors = JSON.parse(services) as { host: string; port: number; path: string }[];
if (doors.length > 0) execFileSync("ip", ["link", "set", "lo", "up"]);
for (const { host, port, path } of doors) await carry({ host, port }, { path });

const child = spawn(command, args, { stdio: "inherit" });
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  console.error(String(error));
  process.exit(127);
});
child.on("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
