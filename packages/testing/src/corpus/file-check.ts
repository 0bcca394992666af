import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FileCheck } from "./file-case.ts";
import { type Answer, ask, type FileTarget } from "./file-target.ts";
import type { Workspace } from "./file-workspace.ts";
import { peakMemoryMb } from "./process-tree.ts";

/** What an attack left behind for its checks. */
export interface Evidence {
  /** The answer; in a race and in a sequence the last one. */
  readonly answer: Answer;
  /** All answers of a race. */
  readonly answers: readonly Answer[];
  /** Both answers of `stat_pair`, their paths replaced. */
  readonly pair?: readonly [string, string];
  /** Files the runner made in a race, which must hold `PRECIOUS`. */
  readonly precious?: readonly string[];
  /** Group and other bits that were seen on files. */
  readonly wideModes?: number;
  readonly cpuAfterSeconds?: number | undefined;
}

/** Why a check does not hold, in a sentence; `undefined` when it does. */
export async function whyNot(
  check: FileCheck,
  evidence: Evidence,
  { target, workspace }: { target: FileTarget; workspace: Workspace },
): Promise<string | undefined> {
  const { answer } = evidence;
  switch (check.kind) {
    case "info":
      return undefined;
    case "error":
      return when(!answer.error, `error: it was answered with ${quote(answer.text)}`);
    case "ok":
      return when(answer.error, `ok: it failed with ${quote(answer.text)}`);
    case "contains":
      return when(
        !haystack(answer, check.value).includes(check.value),
        `contains ${quote(check.value)}: ${quote(answer.text)}`,
      );
    case "not_contains":
      return when(
        haystack(answer, check.value).includes(check.value),
        `not_contains ${quote(check.value)}: it is there`,
      );
    case "not_regex":
      return when(new RegExp(check.value, "m").test(answer.text), `not_regex ${check.value}: ${quote(answer.text)}`);
    case "text_lt":
      return when(size(answer) >= check.value, `text_lt ${check.value}: ${size(answer)} characters`);
    case "time_lt_ms":
      return when(answer.ms >= check.value, `time_lt_ms ${check.value}: ${Math.round(answer.ms)} ms`);
    case "mem_lt_mb": {
      const peak = peakMemoryMb(target.pid);
      return when(peak >= check.value, `mem_lt_mb ${check.value}: ${Math.round(peak)} MB`);
    }
    case "alive": {
      const { error, text } = await ask(target, { op: "read", path: join(workspace.root, "ok.txt") }, 3000);
      return when(error || !text.includes("ok-content"), `alive: ok.txt was answered with ${quote(text)}`);
    }
    case "sh": {
      const { code, said } = await workspace.shell(check.cmd);
      return when(code !== 0, `sh ${check.cmd}: exit ${code} ${quote(said)}`);
    }
    case "file_hex":
    case "file_hex_any": {
      const found = hexOf(join(workspace.base, check.path));
      return when(![check.hex].flat().includes(found), `${check.kind} ${check.path}: ${found.slice(0, 200)}`);
    }
    case "leaks_eq": {
      const leaks = evidence.answers.filter((each) => haystack(each, check.needle).includes(check.needle)).length;
      return when(
        leaks !== check.value,
        `leaks_eq ${check.value}: ${leaks} of ${evidence.answers.length} answers leak`,
      );
    }
    case "same_error": {
      const [a = "", b = "no answer"] = evidence.pair ?? [];
      return when(a !== b, `same_error: ${quote(a)} is not ${quote(b)}`);
    }
    case "no_clobber": {
      const lost = (evidence.precious ?? []).filter((path) => hexOf(path) !== hex("PRECIOUS"));
      return when(lost.length > 0 || !evidence.precious, `no_clobber: ${lost.length} files of others were replaced`);
    }
    case "mode_never_wider":
      return when(
        evidence.wideModes !== 0,
        `mode_never_wider: bits ${evidence.wideModes?.toString(8) ?? "not watched"}`,
      );
    case "cpu_after_lt_s":
      return when(
        (evidence.cpuAfterSeconds ?? 0) >= check.value,
        `cpu_after_lt_s ${check.value}: ${evidence.cpuAfterSeconds?.toFixed(2)} s`,
      );
  }
}

function when(broken: boolean, problem: string): string | undefined {
  return broken ? problem : undefined;
}

/** A value with control or other than ASCII characters is about printing: only what is printed is searched. */
export function haystack({ text, strings }: Pick<Answer, "text" | "strings">, value: string): string {
  return /^[ -~]*$/.test(value) ? `${text}\n${strings}` : text;
}

function size({ text, strings }: Answer): number {
  return text.length + strings.length;
}

function hexOf(path: string): string {
  try {
    return readFileSync(path).toString("hex");
  } catch {
    return "missing";
  }
}

function hex(text: string): string {
  return Buffer.from(text).toString("hex");
}

function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
