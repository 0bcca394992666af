#!/usr/bin/env node
import module from "node:module";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 12)) {
  console.error(`mooring-postgres needs Node 22.12 or newer, not ${major}.${minor}.`);
  process.exit(2);
}
// A default import: on a Node without the cache the names would not even link.
module.enableCompileCache?.();
await import("./main.ts");
// Hosts kill servers rather than let them exit, and only an exit would write the cache.
setTimeout(() => module.flushCompileCache?.(), 1_000).unref();
