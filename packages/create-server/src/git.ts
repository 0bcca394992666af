import { spawnSync } from "node:child_process";

/** Whose name stands in git's configuration; empty where there is none, or no git. */
export function gitAuthor(): string {
  const { status, stdout } = spawnSync("git", ["config", "user.name"], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : "";
}
