import { readFileSync } from "node:fs";
import type { CorpusCase } from "./case.ts";

export interface Edit {
  readonly old: string;
  readonly new: string;
}

/** One operation on files, in no server's words; an adapter maps it to a call. Which fields stand depends on `op`. */
export interface FileOperation {
  readonly op: string;
  readonly path?: string;
  readonly paths?: readonly string[];
  readonly head?: number;
  readonly tail?: number;
  readonly pattern?: string;
  readonly regex?: boolean;
  readonly content?: string;
  readonly content_size?: number;
  readonly expectedHash?: string;
  readonly edits?: readonly Edit[];
  readonly dry_run?: boolean;
  readonly src?: string;
  readonly dst?: string;
  readonly recursive?: boolean;
  readonly uri?: string;
  readonly a?: string;
  readonly b?: string;
  readonly lines?: number;
  readonly n?: number;
  readonly after?: number;
  /** Of `call`: a tool by its own name, for what has no operation. */
  readonly tool?: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
  /** Of `sequence`: operations one after the other; the last answer counts. */
  readonly steps?: readonly FileOperation[];
  /** Of a step: variable → regular expression whose first group is taken from the answer, for the steps after it. */
  readonly keep?: Readonly<Record<string, string>>;
  /** Of `shell`: a command between two steps, as another program would act. */
  readonly cmd?: string;
}

export interface FileRace {
  /** Two names below the base that a process exchanges for ever, `us` microseconds between. */
  readonly swap?: readonly [string, string];
  readonly us?: number;
  readonly watch_mode?: boolean;
  readonly creator?: boolean;
  readonly n: number;
  readonly concurrency?: number;
}

export type FileCheck =
  | { readonly kind: "error" | "ok" | "alive" | "same_error" | "no_clobber" | "mode_never_wider" | "info" }
  | { readonly kind: "contains" | "not_contains" | "not_regex"; readonly value: string }
  | { readonly kind: "text_lt" | "time_lt_ms" | "mem_lt_mb" | "cpu_after_lt_s"; readonly value: number }
  | { readonly kind: "sh"; readonly cmd: string }
  | { readonly kind: "file_hex"; readonly path: string; readonly hex: string }
  | { readonly kind: "file_hex_any"; readonly path: string; readonly hex: readonly string[] }
  | { readonly kind: "leaks_eq"; readonly value: number; readonly needle: string };

/** An attack on a server of files, as attacks.json has them. */
export interface FileCase extends CorpusCase {
  readonly setup: readonly string[];
  readonly roots?: readonly string[];
  readonly clientRoots?: readonly string[];
  readonly op: FileOperation;
  readonly race?: FileRace;
  /** Milliseconds to wait for an answer; 6,000 when left out. */
  readonly timeout?: number;
  readonly checks: readonly FileCheck[];
  readonly cleanup?: readonly string[];
}

const CHECKS: ReadonlySet<string> = new Set<FileCheck["kind"]>([
  "error",
  "ok",
  "alive",
  "same_error",
  "no_clobber",
  "mode_never_wider",
  "info",
  "contains",
  "not_contains",
  "not_regex",
  "text_lt",
  "time_lt_ms",
  "mem_lt_mb",
  "cpu_after_lt_s",
  "sh",
  "file_hex",
  "file_hex_any",
  "leaks_eq",
]);

/** The cases of a corpus file. Throws on a case without a check that this runner knows, and on an id that stands twice. */
export function loadFileCases(path: string | URL): FileCase[] {
  const { cases } = JSON.parse(readFileSync(path, "utf8")) as { cases: FileCase[] };
  const ids = new Set<string>();
  for (const { id, checks } of cases) {
    if (ids.has(id)) throw new Error(`Two cases have the id ${id}.`);
    ids.add(id);
    if (checks.length === 0) throw new Error(`${id} checks nothing.`);
    for (const { kind } of checks)
      if (!CHECKS.has(kind)) throw new Error(`${id} has a check of the unknown kind ${kind}.`);
  }
  return cases;
}
