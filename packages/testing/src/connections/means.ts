import { spawnSync } from "node:child_process";

/** Whether a program can be run here and does its work: some sandboxes have it and forbid it. */
function works(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore", timeout: 10_000 }).status === 0;
}

let strace: boolean | undefined;

/** strace sees every system call of a process and its children; needs no root. Linux only. */
export function canTrace(): boolean {
  return (strace ??= process.platform === "linux" && works("strace", ["-qq", "-e", "trace=none", "true"]));
}

/** As root a network namespace needs nothing else; others get one inside a user namespace, where those are allowed. */
export const unshareArgs = process.getuid?.() === 0 ? ["-n"] : ["-r", "-n"];

let namespaces: boolean | undefined;

/** Whether a process can be cut off from every network, down to its own loopback. Linux only. */
export function canIsolate(): boolean {
  return (namespaces ??=
    process.platform === "linux" && works("unshare", [...unshareArgs, "ip", "link", "set", "lo", "up"]));
}
