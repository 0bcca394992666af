import { setFlagsFromString } from "node:v8";

/**
 * Makes V8 fall back to its linear engine once a regex has backtracked 20,000 times, and accept flag `l`, which compiles only
 * what that engine can run. Process-wide and experimental: a test fails when it stops working, and the kill timer stays.
 */
export function enableLinearRegex(): void {
  setFlagsFromString("--enable-experimental-regexp-engine");
  setFlagsFromString("--enable-experimental-regexp-engine-on-excessive-backtracks");
  setFlagsFromString("--regexp-backtracks-before-fallback=20000");
}
