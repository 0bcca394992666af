import { lstatSync, mkdirSync, readdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join, sep } from "node:path";
import { ToolError } from "@mooring/core";
import { startSwapper } from "@mooring/testing";
import { describe, expect, it } from "vitest";
import { type Workspace, workspace } from "./workspace.ts";

const ATTEMPTS = 20_000;
const MOST_MS = 20_000;

interface Tally {
  attempts: number;
  answered: number;
  leaks: number;
}

/** Runs both until each had its attempts and the naive one leaked: a race nobody can lose proves nothing. */
async function race(
  names: readonly [string, string],
  ours: (attempt: number) => boolean | Promise<boolean>,
  naive: (attempt: number) => boolean,
): Promise<{ ours: Tally; naive: Tally }> {
  const swapper = await startSwapper({ names, us: 20 });
  const tallies = { ours: { attempts: 0, answered: 0, leaks: 0 }, naive: { attempts: 0, answered: 0, leaks: 0 } };
  const run = async (attempt: (index: number) => boolean | Promise<boolean>, tally: Tally) => {
    tally.attempts += 1;
    try {
      if (await attempt(tally.attempts)) tally.leaks += 1;
      tally.answered += 1;
    } catch (error) {
      if (!(error instanceof ToolError) && !(error instanceof Error && "code" in error)) throw error;
    }
  };
  const started = performance.now();
  try {
    while (performance.now() - started < MOST_MS) {
      for (let i = 0; i < 500; i += 1) {
        await run(ours, tallies.ours);
        await run(naive, tallies.naive);
      }
      if (tallies.ours.attempts >= ATTEMPTS && tallies.naive.leaks > 0) break;
    }
  } finally {
    await swapper.stop();
  }
  return tallies;
}

describe.runIf(process.platform === "linux")(
  "under a program that exchanges names (only on linux)",
  { timeout: 60_000 },
  () => {
    const prepare = (space: Workspace) => {
      mkdirSync(space.at("d"));
      writeFileSync(space.at("d", "secret.txt"), "harmless");
      writeFileSync(space.at("f"), "harmless");
      symlinkSync("../outside/secret.txt", space.at("l"));
      symlinkSync("../outside", space.at("dl"));
      writeFileSync(join(space.outside, "only_outside"), "");
      return space.sandbox();
    };

    it.for([
      ["the last component", "f", "f", "l"],
      ["a directory on the way", "d/secret.txt", "d", "dl"],
    ] as const)("reads nothing outside: %s", async ([, path, a, b]) => {
      using space = workspace();
      const sandbox = prepare(space);
      const place = sandbox.parse(path);
      const { ours, naive } = await race(
        [space.at(a), space.at(b)],
        () => {
          using file = sandbox.openFile(place);
          return readFileSync(file.fd, "utf8").includes("TOPSECRET");
        },
        () => {
          if (!realpathSync(space.at(path)).startsWith(space.root + sep)) return false;
          return readFileSync(space.at(path), "utf8").includes("TOPSECRET");
        },
      );
      expect(naive.leaks).toBeGreaterThan(0);
      expect(ours.answered).toBeGreaterThan(0);
      expect(ours.leaks).toBe(0);
    });

    it("lists and measures nothing outside", async () => {
      using space = workspace();
      const sandbox = prepare(space);
      const [directory, file] = [sandbox.parse("d"), sandbox.parse("d/secret.txt")];
      const { ours, naive } = await race(
        [space.at("d"), space.at("dl")],
        () => {
          const names = sandbox.readDirectory(directory, { stat: true }).entries.map(({ name }) => name);
          return names.includes("only_outside") || sandbox.stat(file).size !== "harmless".length;
        },
        () => {
          if (lstatSync(space.at("d")).isSymbolicLink()) return false;
          return readdirSync(space.at("d")).includes("only_outside");
        },
      );
      expect(naive.leaks).toBeGreaterThan(0);
      expect(ours.answered).toBeGreaterThan(0);
      expect(ours.leaks).toBe(0);
    });

    it("writes, appends, makes, moves and removes nothing outside", async () => {
      using space = workspace();
      const sandbox = prepare(space);
      writeFileSync(space.at("source"), "x");
      const content = Buffer.from("PWNED");
      const actions = [
        (i: number) => sandbox.writeFile(sandbox.parse(`d/ours${i}`), content, { expect: "absent" }),
        () => sandbox.writeFile(sandbox.parse("d/secret.txt"), content, { expect: "any" }),
        () => sandbox.appendFile(sandbox.parse("d/secret.txt"), content),
        (i: number) => sandbox.makeDirectories(sandbox.parse(`d/ours${i}/x`)),
        (i: number) =>
          sandbox.move(sandbox.parse("source"), sandbox.parse(`d/ours${i}`), { overwrite: false, copy: true }),
        () => sandbox.remove(sandbox.parse("d/only_outside"), { recursive: false }),
      ];
      const { ours, naive } = await race(
        [space.at("d"), space.at("dl")],
        async (i) => {
          await actions[i % actions.length]?.(i);
          return false;
        },
        (i) => {
          if (lstatSync(space.at("d")).isSymbolicLink()) return false;
          writeFileSync(space.at("d", `naive${i}`), "x");
          return readdirSync(space.outside).some((name) => name.startsWith("naive"));
        },
      );
      expect(naive.leaks).toBeGreaterThan(0);
      expect(ours.answered).toBeGreaterThan(0);
      expect(
        readdirSync(space.outside)
          .filter((name) => !name.startsWith("naive"))
          .toSorted(),
      ).toEqual(["only_outside", "secret.txt"]);
      expect(readFileSync(join(space.outside, "secret.txt"), "utf8")).toBe("TOPSECRET\n");
    });
  },
);
