import { closeSync } from "node:fs";
import { ToolError } from "@mooring/core";
import { checked } from "./checked.ts";
import { denyPolicy } from "./deny.ts";
import { createGate } from "./gate.ts";
import { createLocks } from "./locks.ts";
import { fromBytes, unescapeName } from "./names.ts";
import { nameRoot, noRoots, type PathRules, parsePath, place, refuseName } from "./path.ts";
import { pinned } from "./pinned.ts";
import { createReading } from "./reading.ts";
import { openRoots } from "./roots.ts";
import type { Place, Sandbox } from "./sandbox.ts";
import { pinsHold } from "./self-test.ts";
import { createTransfer } from "./transfer.ts";
import { createWriting } from "./writing.ts";

export interface SandboxOptions {
  /** Allowed directories; relative ones from the working directory of the process. */
  readonly directories: readonly string[];
  /** Globs that lift the refusal of names that usually hold secrets. */
  readonly allow?: readonly string[];
  /** `require`: throw unless descriptors can be pinned. */
  readonly sandbox?: "auto" | "require";
  /** `deny`: refuse to read files that have other names, which may lie outside. */
  readonly hardlinks?: "allow" | "deny";
  /** For tests: skips the self-test. */
  readonly mode?: Sandbox["mode"];
}

/** Pins the roots. Throws `unavailable` when `sandbox` is `require` and descriptors cannot be pinned; a bad directory only makes it unusable. */
export function createSandbox({
  directories,
  allow = [],
  sandbox = "auto",
  hardlinks = "allow",
  mode = pinsHold() ? "pinned" : "checked",
}: SandboxOptions): Sandbox {
  if (sandbox === "require" && mode !== "pinned")
    throw new ToolError("unavailable", "Race-free descriptors are not available on this system (no usable /proc).", {
      retryable: false,
      hint: "Start with `--sandbox auto` to accept the weaker check, or run the server on Linux with /proc.",
    });
  const pins = mode === "pinned" ? pinned : checked;
  const { roots, unusable } = openRoots(directories, pins);
  const rules: PathRules = { windows: pins.separator === "\\", foldsCase: process.platform !== "linux" };
  const named = roots.map(({ root, real }) => nameRoot(root, fromBytes(real), rules));
  const gate = createGate(pins, roots, denyPolicy(allow));
  const reading = createReading(gate, { hardlinks });
  const writing = createWriting(gate, { hardlinks });
  const transfer = createTransfer(gate, { hardlinks });

  // Names that cannot be sent as they are (not UTF-8) may be sent as they are shown, unless that is a name itself.
  function asShown(path: string, literal: Place): Place | undefined {
    const meant = reading.exists(literal) ? undefined : unescapeName(path);
    if (meant === undefined) return undefined;
    const place = parsePath(meant, named, rules);
    return reading.exists(place) ? place : undefined;
  }

  return {
    mode,
    roots: roots.map(({ root }) => root),
    unusable,
    parse: (path) => {
      if (roots.length === 0) throw noRoots(unusable);
      const literal = parsePath(path, named, rules);
      return rules.windows || !path.includes("\\") ? literal : (asShown(path, literal) ?? literal);
    },
    child: (parent, name) => {
      refuseName(name, rules);
      if (name === "" || name === "." || name === ".." || /[/\0]/.test(name))
        throw new ToolError("invalid_input", "That is not the name of an entry.", { hint: "Send a path." });
      return place(parent.root, [...parent.components, name], rules);
    },
    denied: ({ components }, action) => gate.denied(components, action),
    ...reading,
    ...writing,
    ...transfer,
    lock: createLocks(gate),
    close: () => {
      for (const { fd } of roots) if (fd !== -1) closeSync(fd);
    },
  };
}
