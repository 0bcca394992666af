import { isAlive, makeFolder } from "@mooring/core";
import { readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

/** A process that changed files and ended without saying so: it may have left temporary files. */
export interface DeadRun {
  readonly run: string;
  /** When it began to change files; milliseconds since the epoch. */
  readonly since: number;
  /** Its files were looked for. */
  forget(): void;
}

/** Files `<journal>/runs/<run>`, one for each process that changes files, for as long as it runs. */
export interface Runs {
  /** Marks this process, and answers with those that are gone. Never throws. */
  enter(): DeadRun[];
  /** This process ends in order. Never throws. */
  leave(): void;
}

interface Mark {
  readonly pid: number;
  readonly where: string;
  readonly since: number;
}

export function createRuns(folder: string, run: string, maxAgeMs: number): Runs {
  const runs = join(folder, "runs");
  const own = join(runs, run);
  const where = placeOfProcesses();
  let entered = false;

  function dead(name: string): DeadRun[] {
    const mark = read(join(runs, name));
    if (!mark) return [];
    const forget = () => rmSync(join(runs, name), { force: true });
    // Of other machines and containers nothing is known; what is too old is not worth a look.
    if (Date.now() - mark.since > maxAgeMs) forget();
    else if (mark.where === where && !isAlive(mark.pid)) return [{ run: name, since: mark.since, forget }];
    return [];
  }

  return {
    enter() {
      if (entered) return [];
      entered = true;
      try {
        makeFolder(runs);
        const others = readdirSync(runs);
        const mark: Mark = { pid: process.pid, where, since: Date.now() };
        writeFileSync(own, JSON.stringify(mark), { mode: 0o600 });
        return others.flatMap(dead);
      } catch {
        return [];
      }
    },
    leave() {
      if (!entered) return;
      try {
        rmSync(own, { force: true });
      } catch {
        // The next process finds it and looks for nothing.
      }
    },
  };
}

// Process ids mean something in one namespace of one machine.
function placeOfProcesses(): string {
  try {
    return `${hostname()} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return hostname();
  }
}

function read(path: string): Mark | undefined {
  try {
    const { pid, where, since } = JSON.parse(readFileSync(path, "utf8")) as Partial<Mark>;
    return typeof pid === "number" && typeof where === "string" && typeof since === "number"
      ? { pid, where, since }
      : undefined;
  } catch {
    return undefined;
  }
}
