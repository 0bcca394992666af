import { readlinkSync } from "node:fs";
import { sep } from "node:path";
import { showInvisible, ToolError } from "@mooring/core";
import { fromBytes, shownName, toBytes } from "../sandbox/names.ts";
import { withSeparator } from "../sandbox/pin.ts";
import type { Place, Sandbox } from "../sandbox/sandbox.ts";
import { decodeCursor, encodeCursor, queryHash } from "./cursor.ts";
import { compileGlob } from "./glob.ts";
import { rulesAbove } from "../patterns/ignore-files.ts";
import { createPool, type Pool, PoolFailure, type PoolOptions, type RunResult } from "./pool.ts";
import { behind, type Position, START } from "./position.ts";
import { QueryProblem } from "./problem.ts";
import { type Found, nothingSkipped, type Query, type SearchRoot, type Skipped } from "./protocol.ts";

/** What a caller of `search` asks; see the tool. */
export interface SearchRequest {
  /** A directory or file; absent: every allowed directory. */
  readonly path?: string | undefined;
  readonly glob?: string | undefined;
  readonly pattern?: string | undefined;
  readonly regex?: boolean | undefined;
  readonly ignoreCase?: boolean | undefined;
  /** Lines around each match, 0 to 20. */
  readonly context?: number | undefined;
  readonly mode?: "lines" | "files" | "count" | undefined;
  readonly all?: boolean | undefined;
  /** Names, files, or matching lines on a page. */
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface SearchLine {
  /** 1-based. */
  readonly line: number;
  /** Printable; long lines are cut with `…` around the match. */
  readonly text: string;
  /** False for a line of context. */
  readonly match: boolean;
}

export interface SearchHit {
  /** Printable, relative to the searched directory. */
  readonly path: string;
  readonly directory?: true;
  readonly lines?: readonly SearchLine[];
  /** Matching lines, in mode `count`. */
  readonly count?: number;
}

export interface SearchResult {
  /** Searched directories, in order, with what was found below each. */
  readonly directories: readonly { readonly path: string; readonly hits: readonly SearchHit[] }[];
  /** Goes on behind the last hit. */
  readonly cursor?: string;
  readonly skipped: Readonly<Skipped>;
  /** Entries looked at. */
  readonly entries: number;
  /** Time ran out before the page was full. */
  readonly late: boolean;
  /** Why an allowed directory was left out. */
  readonly problems: readonly string[];
}

/** How a search is cut short and followed; a tool's context fits. */
export interface SearchCall {
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  progress(done: number, total?: number, message?: string): void;
}

export interface SearchEngine {
  /** Throws `invalid_input` for a bad query, what the sandbox throws for the path, and the signal's reason. */
  search(request: SearchRequest, call: SearchCall): Promise<SearchResult>;
  /** Worker threads alive. */
  threads(): number;
  /** Ends the worker threads. */
  close(): Promise<void>;
}

export interface SearchOptions extends Pick<PoolOptions, "threads" | "idleMs"> {
  /** Globs that lift the refusal of secrets, as given to the sandbox. */
  readonly allow?: readonly string[];
  readonly hardlinks?: "allow" | "deny";
}

/** The most text of a page at the usual limit, and at a larger one, in characters. */
const PAGE_TEXT = 80_000;
const LARGE_PAGE_TEXT = 800_000;
const USUAL_LIMIT = 200;

/** Searches names and contents in worker threads, which start with the first search and end when idle. */
export function createSearch({
  sandbox,
  log,
  options: { allow = [], hardlinks = "allow", ...poolOptions } = {},
}: {
  sandbox: Sandbox;
  log?: (message: string) => void;
  options?: SearchOptions;
}): SearchEngine {
  let pool: Pool | undefined;
  let jobs = 0;

  async function search(request: SearchRequest, { signal, deadline, progress }: SearchCall): Promise<SearchResult> {
    signal.throwIfAborted();
    const { limit, mode = "lines", context = 0, all = false, regex = false, ignoreCase = false, pattern } = request;
    const problems: string[] = [];
    const opened = openRoots(sandbox, request.path, all, problems);
    const release = () => opened.forEach((root) => root.close());
    let shared = false;
    try {
      const glob = request.glob === undefined ? undefined : relativeGlob(request.glob, opened);
      const query: Query = { glob, pattern, regex, ignoreCase, context, mode, all };
      const hash = queryHash([glob, pattern, regex, ignoreCase, mode, all, opened.map(({ place }) => place.shown)]);
      const start: Position = request.cursor === undefined ? START : decodeCursor(hash, request.cursor, opened.length);
      const found = (result: Omit<RunResult, "late"> & { late?: boolean }) =>
        page(result, { opened, hash, limit, lines: pattern !== undefined && mode === "lines", problems });
      const [only] = opened;
      if (only?.root.file && pattern === undefined) return found(nameOfFile(only.root.file.name, query, start));
      pool ??= createPool({ ...poolOptions, ...(log ? { log } : {}) });
      shared = true;
      const now = Date.now();
      const run = await pool.run(
        {
          id: jobs++,
          query,
          pinned: sandbox.mode === "pinned",
          roots: opened.map(({ root }) => root),
          allow,
          hardlinks,
          enough: limit,
        },
        {
          ranges: opened.flatMap((_, root) =>
            root < start.root ? [] : [root === start.root ? start : { root, key: "" }],
          ),
          limit,
          signal,
          // Leaves time to answer.
          stopAt: deadline - Math.min(2000, Math.max(300, (deadline - now) / 20)),
          progress: (entries) => progress(entries, undefined, `${entries} entries searched`),
          release,
        },
      );
      return found(run);
    } catch (error) {
      if (error instanceof QueryProblem) throw new ToolError("invalid_input", error.message, { hint: error.hint });
      if (error instanceof PoolFailure)
        throw new ToolError("unavailable", error.message, { hint: "Try the same call again.", cause: error });
      throw error;
    } finally {
      if (!shared) release();
    }
  }

  return {
    search,
    threads: () => pool?.threads() ?? 0,
    close: async () => pool?.close(),
  };
}

interface OpenRoot {
  readonly place: Place;
  readonly root: SearchRoot;
  close(): void;
}

function openRoots(sandbox: Sandbox, path: string | undefined, all: boolean, problems: string[]): OpenRoot[] {
  if (path !== undefined) return [openPlace(sandbox, sandbox.parse(path), all)];
  // Throws when there is none.
  sandbox.parse(".");
  const opened: OpenRoot[] = [];
  let failure: unknown;
  for (const { path: root } of sandbox.roots)
    try {
      opened.push(openPlace(sandbox, sandbox.parse(root), all));
    } catch (error) {
      if (!(error instanceof ToolError)) {
        for (const one of opened) one.close();
        throw error;
      }
      failure ??= error;
      problems.push(error.message);
    }
  if (opened.length === 0) throw failure;
  // A root inside another one is searched with that.
  return opened.filter((one) => {
    const inner = opened.some((other) => other !== one && isBelow(one, other, opened));
    if (inner) one.close();
    return !inner;
  });
}

function isBelow(one: OpenRoot, other: OpenRoot, opened: readonly OpenRoot[]): boolean {
  if (one.root.real === other.root.real) return opened.indexOf(other) < opened.indexOf(one);
  return one.root.real.startsWith(withSeparator(other.root.real, sep));
}

function openPlace(sandbox: Sandbox, place: Place, all: boolean): OpenRoot {
  if (sandbox.stat(place, { follow: true }).kind === "file") {
    const file = sandbox.openFile(place);
    const name = place.components.at(-1) ?? "";
    const root: SearchRoot = { path: "", real: "", components: [], inherited: [], file: { fd: file.fd, name } };
    return { place, root, close: () => file[Symbol.dispose]() };
  }
  const pin = sandbox.pinDirectory(place);
  try {
    const real = realPath(sandbox, pin.path);
    const where = realPlace(sandbox, place, real);
    const { components } = where;
    const inherited = all ? [] : rulesAbove(sandbox, where);
    return { place, root: { path: pin.path, real, components, inherited }, close: () => pin[Symbol.dispose]() };
  } catch (error) {
    pin[Symbol.dispose]();
    throw error;
  }
}

function realPath(sandbox: Sandbox, path: string): string {
  return sandbox.mode === "pinned" ? readlinkSync(path, "latin1") : toBytes(path);
}

// Where links in the path lead is what the patterns for secrets and the ignore rules are about.
function realPlace(sandbox: Sandbox, place: Place, real: string): Place {
  let found = place;
  let longest = -1;
  for (const { path } of sandbox.roots) {
    const top = pinned(sandbox, path);
    if (top === undefined) continue;
    const prefix = withSeparator(top.real, sep);
    if (prefix.length <= longest || !(real + sep).startsWith(prefix)) continue;
    longest = prefix.length;
    const names = fromBytes(real.slice(prefix.length)).split(sep);
    found = { ...top.place, components: names.filter((name) => name !== "") };
  }
  return found;
}

// A root that disappeared is no place.
function pinned(sandbox: Sandbox, path: string): { place: Place; real: string } | undefined {
  try {
    const place = sandbox.parse(path);
    using pin = sandbox.pinDirectory(place);
    return { place, real: realPath(sandbox, pin.path) };
  } catch (error) {
    if (error instanceof ToolError) return undefined;
    throw error;
  }
}

// Models send absolute globs; what stands before the searched directory is dropped.
function relativeGlob(glob: string, opened: readonly OpenRoot[]): string {
  for (const { place } of opened)
    if (glob.startsWith(`${place.shown}/`)) return `./${glob.slice(place.shown.length + 1)}`;
  return glob;
}

function nameOfFile(name: string, { glob, ignoreCase }: Query, start: Position): Omit<RunResult, "late"> {
  const matches = start.key <= name && (glob === undefined || compileGlob(glob, { ignoreCase }).matches([name], false));
  return { found: matches ? [{ root: 0, key: name }] : [], next: undefined, skipped: nothingSkipped(), entries: 1 };
}

interface PageOptions {
  readonly opened: readonly OpenRoot[];
  readonly hash: string;
  readonly limit: number;
  readonly lines: boolean;
  readonly problems: readonly string[];
}

function page(
  { found, next, skipped, entries, late = false }: Omit<RunResult, "late"> & { late?: boolean },
  { opened, hash, limit, lines, problems }: PageOptions,
): SearchResult {
  const shown = found.slice(0, fitting(found, limit));
  const last = shown.at(-1);
  const position =
    shown.length === found.length || !last
      ? next
      : lines
        ? { root: last.root, key: last.key, resume: { line: last.line ?? 0, count: 0 } }
        : behind(last.root, last.key);
  const directories = opened.map(({ place, root }, index) => {
    // Of a file, the directory is said once and the name is the hit.
    const path = root.file ? place.shown.slice(0, -(shownName(root.file.name).length + 1)) || "/" : place.shown;
    return { path, hits: hitsOf(shown.filter((one) => one.root === index)) };
  });
  const result = { directories, skipped, entries, late, problems };
  return position ? { ...result, cursor: encodeCursor(hash, position) } : result;
}

/** How many results fit on a page. */
function fitting(found: readonly Found[], limit: number): number {
  const most = limit <= USUAL_LIMIT ? PAGE_TEXT : LARGE_PAGE_TEXT;
  let text = 0;
  let key: string | undefined;
  for (const [i, one] of found.entries()) {
    if (i >= limit) return limit;
    if (one.key !== key) text += one.key.length + 1;
    key = one.key;
    text += (one.text?.length ?? 0) + 8;
    for (const [, line] of one.context ?? []) text += line.length + 8;
    if (text > most && i > 0) return i;
  }
  return found.length;
}

function hitsOf(found: readonly Found[]): SearchHit[] {
  const hits: SearchHit[] = [];
  for (let i = 0; i < found.length;) {
    const { key, directory, count, line } = found[i] as Found;
    const path = shownName(key.replaceAll("\0", "/"));
    if (line === undefined) {
      hits.push({ path, ...(directory ? { directory } : {}), ...(count === undefined ? {} : { count }) });
      i++;
      continue;
    }
    const lines = new Map<number, SearchLine>();
    for (; i < found.length && found[i]?.key === key; i++) addLines(lines, found[i] as Found);
    hits.push({ path, lines: [...lines.values()].toSorted((a, b) => a.line - b.line) });
  }
  return hits;
}

// A line of context that matches itself is a match.
function addLines(lines: Map<number, SearchLine>, { line, text = "", context = [] }: Found): void {
  if (line === undefined) return;
  lines.set(line, { line, text: shownText(text), match: true });
  for (const [number, near] of context)
    if (!lines.has(number)) lines.set(number, { line: number, text: shownText(near), match: false });
}

/** Text of a line as one printable line: invisible characters as marks, bytes that are not UTF-8 as `\xff`. */
function shownText(text: string): string {
  return showInvisible(text)
    .replaceAll("\r", "⟨U+000D⟩")
    .replace(/[\ud800-\udfff]/gu, (unit) => {
      const code = unit.charCodeAt(0);
      return code >= 0xdc80 && code <= 0xdcff
        ? `\\x${(code - 0xdc00).toString(16)}`
        : `⟨U+${code.toString(16).toUpperCase()}⟩`;
    });
}
