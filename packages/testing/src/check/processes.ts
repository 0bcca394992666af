import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** A process of the server under test. */
export interface Running {
  readonly pid: number;
  readonly command: string;
}

interface Entry extends Running {
  readonly parent: number;
  readonly group: number;
  readonly marked: boolean;
}

/** How the processes of one server are told from others. */
export interface Kin {
  /** The process that was started, and its group. */
  readonly leader: number;
  /** Set in its environment, which children inherit; Linux shows it. */
  readonly marker: string;
  /** Those that were found before, by id: a child may leave the group, and loses its parent when that ends. */
  readonly known: Map<number, string>;
}

/**
 * What runs of a server: its process group, all descendants, and what has left both but carries the marker or was found
 * before. Zombies do not count. `undefined` where the system does not tell (Windows).
 */
export function family({ leader, marker, known }: Kin): Running[] | undefined {
  const all = list(marker);
  if (!all) return undefined;
  const isKin = ({ pid, group, marked, command }: Entry) =>
    pid === leader || group === leader || marked || known.get(pid) === command;
  const found = new Set(all.filter(isKin).map(({ pid }) => pid));
  for (let grown = true; grown;) {
    grown = false;
    for (const { pid, parent } of all)
      if (!found.has(pid) && found.has(parent)) {
        found.add(pid);
        grown = true;
      }
  }
  const kin = all.filter(({ pid }) => found.has(pid)).map(({ pid, command }) => ({ pid, command }));
  for (const { pid, command } of kin) known.set(pid, command);
  return kin;
}

/** Ends what is left of a server, and nothing else. */
export function kill(kin: Kin): void {
  if (process.platform === "win32") {
    try {
      execFileSync("taskkill", ["/pid", String(kin.leader), "/t", "/f"], { stdio: "ignore" });
    } catch {
      // it has ended
    }
    return;
  }
  for (const { pid } of family(kin) ?? []) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // it has ended
    }
  }
}

function list(marker: string): Entry[] | undefined {
  if (process.platform === "linux") return listLinux(marker);
  return process.platform === "win32" ? undefined : listPosix();
}

function listLinux(marker: string): Entry[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "latin1");
        // The command's name may hold blanks and brackets: fields are counted behind its end.
        const [state, parent, group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        if (state === "Z" || state === "X") return [];
        const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ").trim();
        const entry = { pid: Number(name), parent: Number(parent), group: Number(group), command };
        return [{ ...entry, marked: environment(name).includes(marker) }];
      } catch {
        // It has ended meanwhile.
        return [];
      }
    });
}

function environment(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    // Another user's.
    return "";
  }
}

function listPosix(): Entry[] {
  const text = execFileSync("ps", ["-axo", "pid=,ppid=,pgid=,state=,command="], {
    encoding: "utf8",
    maxBuffer: 16_000_000,
  });
  return [...text.matchAll(/^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/gm)]
    .filter(([, , , , state]) => !state?.startsWith("Z"))
    .map(([, pid, parent, group, , command = ""]) => ({
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      command,
      marked: false,
    }));
}
