import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { lstat, readFile, realpath, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, sep } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type FileTarget, startSwapper } from "@mooring/testing";
import { startServer } from "./target.ts";

const SECRET = "TOPSECRET";
const LANES = 16;

export interface Leaks {
  readonly attempts: number;
  /** Attempts that were answered with something, and so could have leaked. */
  readonly answered: number;
  readonly leaks: number;
}

export interface RaceMeasurement {
  readonly exchanges: number;
  readonly means: "renameat2" | "renames";
  readonly ours: Leaks;
  /** A program that checks the name and then opens it, under the same swapper in the same run. */
  readonly naive: Leaks;
  /** Ours counts only where the naive one leaked: otherwise nothing was raced. */
  readonly counts: boolean;
}

export interface RaceSettings {
  readonly reads?: number;
  readonly writes?: number;
  /** Microseconds between exchanges. */
  readonly us?: number;
}

/** Reads and writes through the built server while names are exchanged with links that lead outside. */
export async function measureRaces({ reads = 5000, writes = 3000, us = 50 }: RaceSettings = {}): Promise<{
  reads: RaceMeasurement;
  writes: RaceMeasurement;
}> {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "races-")));
  const at = (name: string) => join(base, name);
  for (const name of ["root", "root/d", "outside", "home", "state"]) mkdirSync(at(name));
  writeFileSync(at("outside/secret.txt"), `${SECRET}\n`);
  writeFileSync(at("root/f"), "harmless\n");
  symlinkSync("../outside/secret.txt", at("root/l"));
  symlinkSync("../outside", at("root/dl"));
  const target = await startServer({ roots: [at("root")], home: at("home"), stateDir: at("state"), base });
  try {
    return { reads: await raceReads(target, base, reads, us), writes: await raceWrites(target, base, writes, us) };
  } finally {
    await target.close();
    rmSync(base, { recursive: true, force: true });
  }
}

async function raceReads(target: FileTarget, base: string, n: number, us: number): Promise<RaceMeasurement> {
  const path = join(base, "root/f");
  const tally = (found: Found, text: string) => {
    found.answered++;
    if (text.includes(SECRET)) found.leaks++;
  };
  return race([path, join(base, "root/l")], us, n, {
    async ours(_, found) {
      const { error, text, strings = "" } = await target.call({ op: "read", path }, AbortSignal.timeout(30_000));
      if (!error) tally(found, text + strings);
    },
    async naive(_, found) {
      if ((await lstat(path)).isSymbolicLink()) return;
      tally(found, await readFile(path, "utf8"));
    },
  });
}

async function raceWrites(target: FileTarget, base: string, n: number, us: number): Promise<RaceMeasurement> {
  const [root, outside] = [join(base, "root"), join(base, "outside")];
  const result = await race([join(root, "d"), join(root, "dl")], us, n, {
    async ours(attempt, found) {
      const operation = { op: "write", path: join(root, "d", `ours${attempt}`), content: "x" };
      if (!(await target.call(operation, AbortSignal.timeout(30_000))).error) found.answered++;
    },
    async naive(attempt, found) {
      const path = join(root, "d", `naive${attempt}`);
      if (!(await realpath(dirname(path))).startsWith(root + sep)) return;
      await writeFile(path, "x");
      found.answered++;
    },
  });
  const landed = readdirSync(outside);
  const leaks = (prefix: string) => landed.filter((name) => name.startsWith(prefix)).length;
  const naive = { ...result.naive, leaks: leaks("naive") };
  return { ...result, ours: { ...result.ours, leaks: leaks("ours") }, naive, counts: naive.leaks > 0 };
}

interface Found {
  answered: number;
  leaks: number;
}

type Attempt = (attempt: number, found: Found) => Promise<void>;

/** `n` attempts of ours, with the naive ones beside them for as long as they take. */
async function race(
  names: readonly [string, string],
  us: number,
  n: number,
  { ours, naive }: { ours: Attempt; naive: Attempt },
): Promise<RaceMeasurement> {
  const swapper = await startSwapper({ names, us });
  const found = { ours: { answered: 0, leaks: 0 }, naive: { answered: 0, leaks: 0 } };
  let started = 0;
  let done = 0;
  let naiveAttempts = 0;
  const lane = async () => {
    while (started < n) {
      await ours(started++, found.ours);
      done++;
    }
  };
  const beside = async () => {
    // A pause now and then: it is there to show that there was something to win, not to take the machine.
    while (done < n) {
      await naive(naiveAttempts++, found.naive).catch(() => undefined);
      if (naiveAttempts % 4 === 0) await sleep(1);
    }
  };
  let exchanges = 0;
  try {
    await Promise.all([...Array.from({ length: LANES }, lane), beside()]);
  } finally {
    exchanges = await swapper.stop();
  }
  return {
    exchanges,
    means: swapper.means,
    ours: { attempts: n, ...found.ours },
    naive: { attempts: naiveAttempts, ...found.naive },
    counts: found.naive.leaks > 0,
  };
}

if (import.meta.main) console.error(JSON.stringify(await measureRaces(), undefined, 2));
