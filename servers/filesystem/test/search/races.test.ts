import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startSwapper } from "@mooring/testing";
import { describe, expect, test } from "vitest";
import { matches, paths, searchSpace } from "./search-space.ts";

const ROUNDS = 1500;
const MOST_MS = 25_000;

/** A root with a directory `d` and a link `dl` to one outside, whose names tell where an answer came from. */
function tempting() {
  const space = searchSpace({ "d/inside.txt": "harmless\n", "d/same.txt": "harmless\n", "f.txt": "harmless\n" });
  const outside = join(space.base, "outside");
  mkdirSync(outside);
  for (const name of ["only_outside.txt", "same.txt", "inside.txt"]) writeFileSync(join(outside, name), "TOPSECRET\n");
  symlinkSync("../outside", join(space.root, "dl"));
  symlinkSync("../outside/same.txt", join(space.root, "fl"));
  return { space, outside, at: (name: string) => join(space.root, name) };
}

// What a search does that looks at a name and then uses it.
function naive(root: string): string[] {
  return readdirSync(root, { withFileTypes: true }).flatMap((entry): string[] => {
    const path = join(root, entry.name);
    try {
      if (entry.isDirectory()) return naive(path);
      return entry.isFile() ? [path, readFileSync(path, "utf8")] : [];
    } catch {
      return [];
    }
  });
}

describe.runIf(process.platform === "linux")(
  "under a program that exchanges names (only on linux)",
  { timeout: 60_000 },
  () => {
    test.for([
      ["a directory and a link to one outside", "d", "dl"],
      ["a file and a link to one outside", "f.txt", "fl"],
    ] as const)("nothing outside is found: %s", async ([, a, b]) => {
      const { space, at } = tempting();
      await using _ = space;
      const swapper = await startSwapper({ names: [at(a), at(b)], us: 20 });
      let leaks = 0;
      let naiveLeaks = 0;
      let found = 0;
      const started = performance.now();
      try {
        for (let round = 0; performance.now() - started < MOST_MS && (round < ROUNDS || naiveLeaks === 0); round++) {
          const [names, secret, harmless] = await Promise.all([
            space.search({ all: true }),
            space.search({ pattern: "TOPSECRET", all: true }),
            space.search({ pattern: "harmless", all: true }),
          ]);
          if (paths(names).some((path) => path.includes("only_outside")) || matches(secret).length > 0) leaks++;
          found += matches(harmless).length;
          if (naive(space.root).some((text) => text.includes("only_outside") || text.includes("TOPSECRET")))
            naiveLeaks++;
        }
      } finally {
        await swapper.stop();
      }
      // A race that nobody can lose proves nothing.
      expect(naiveLeaks).toBeGreaterThan(0);
      expect(found).toBeGreaterThan(ROUNDS);
      expect(leaks).toBe(0);
    });
  },
);
