import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** Linux counts CPU time in hundredths of a second, whatever the kernel's own clock (`getconf CLK_TCK`). */
const TICKS_PER_SECOND = 100;

/** Peak resident memory of a process and its children, in MB (10⁶ bytes); elsewhere than on Linux what is resident now. */
export function peakMemoryMb(pid: number): number {
  if (process.platform !== "linux") return residentMb(pid);
  return sum(
    pid,
    (id) => Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${id}/status`, "utf8"))?.[1] ?? 0) * 1.024e-3,
  );
}

/** CPU seconds a process and its children have used; `undefined` where that cannot be told exactly. */
export function cpuSeconds(pid: number): number | undefined {
  if (process.platform !== "linux") return undefined;
  return sum(pid, (id) => {
    // The command name may hold blanks and brackets: fields are counted behind its end.
    const fields = readFileSync(`/proc/${id}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  });
}

function sum(pid: number, measure: (pid: number) => number): number {
  let total = 0;
  for (const id of [pid, ...children(pid)]) {
    try {
      total += measure(id);
    } catch {
      // ended meanwhile
    }
  }
  return total;
}

function children(pid: number): number[] {
  const direct: number[] = [];
  try {
    for (const task of readdirSync(`/proc/${pid}/task`))
      direct.push(...readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean).map(Number));
  } catch {
    // ended meanwhile
  }
  return direct.flatMap((child) => [child, ...children(child)]);
}

function residentMb(pid: number): number {
  return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) * 1.024e-3;
}
