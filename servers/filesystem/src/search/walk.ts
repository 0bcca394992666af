import { closeSync, fstatSync, readSync } from "node:fs";
import type { ContentSearch, ContextLine, Resume } from "./content.ts";
import type { DenyPolicy } from "../sandbox/deny.ts";
import type { Glob } from "./glob.ts";
import { type IgnoreScope, mostRules, type OwnRules, rootScope } from "../patterns/gitignore.ts";
import { DIRECTORY, FILE, type Handle, type Kind, type Listing, type Opener, topHandle } from "./open.ts";
import { behind, type Key, type Position, type Range } from "./position.ts";
import { QueryProblem } from "./problem.ts";
import type { Found, Query, SearchRoot, Skipped } from "./protocol.ts";

/** Each level holds a descriptor; nothing people keep is as deep. */
const MAX_DEPTH = 500;
/** Entries handled between two looks at what other threads want. */
const POLL_EVERY = 16;
/** Fewer files are not worth another thread's descent. */
const MIN_DONATION = 32;
/** A task ends with more text than this: no page needs it. */
const ENOUGH_TEXT = 2_000_000;

export interface WalkContext {
  readonly query: Query;
  readonly glob: Glob | undefined;
  /** Present when contents are searched. */
  readonly content: ContentSearch | undefined;
  readonly opener: Opener;
  readonly policy: DenyPolicy;
  readonly hardlinks: "allow" | "deny";
  readonly enough: number;
  readonly skipped: Skipped;
  shouldStop(): boolean;
  /** Whether another thread waits for a part of the walk. */
  wanted(): boolean;
  donate(range: Range): void;
  saw(entries: number): void;
  /** Nothing found later stands before `position`. */
  found(found: Found, position: () => Position): void;
}

interface Frame {
  readonly handle: Handle;
  /** Key of what is in it, without the name. */
  readonly prefix: string;
  /** The same from the allowed directory, with slashes. */
  readonly path: string;
  readonly names: readonly string[];
  readonly kinds: readonly Kind[];
  next: number;
  end: number;
  /** It lies on the way to a bound of the range. */
  readonly bounded: boolean;
  /** Directories among the entries from `next` to `end`. */
  directories: number;
  /** Key of the first entry that another thread has taken over. */
  cut: Key | undefined;
  readonly scope: IgnoreScope | undefined;
  /** The directory was seen to be inside after it was listed. */
  held: boolean;
  /** A pattern for secrets may match one of the names. */
  readonly suspicious: boolean;
}

/** Walks one range in the order of keys. Returns what is left when it was stopped. */
export function walk(context: WalkContext, root: SearchRoot, range: Range): { left: Range[]; capped: boolean } {
  const { query, glob, content, opener, policy, skipped } = context;
  const frames: Frame[] = [];
  /** Names from the searched directory down to the top frame. */
  const names: string[] = [];
  /** Position inside the file that is next, when it was stopped in there. */
  let stoppedIn: Resume | undefined;
  /** Found in the file that is searched now. */
  let pending: Found[] = [];
  let pendingKey: Key = "";
  let pendingText = 0;
  let results = 0;
  let text = 0;
  let tick = 0;
  let seen = 0;

  const top = () => frames[frames.length - 1];
  const full = () => results > context.enough || text > ENOUGH_TEXT;

  const resumeAt = (key: Key) => stoppedIn ?? (range.resume && key === range.key ? range.resume : undefined);

  function positionAt(key: Key): Position {
    const resume = resumeAt(key);
    return resume ? { root: range.root, key, resume } : { root: range.root, key };
  }

  // In a frame that is through, \uffff stands behind its last entry and before everything else.
  const here = (): Position => {
    const frame = top();
    return positionAt(frame ? frame.prefix + (frame.names[frame.next] ?? "\uffff") : range.key);
  };

  function emit(found: Found, position: () => Position = here): void {
    results++;
    text += (found.text?.length ?? 0) + (found.context ?? []).reduce((sum, [, line]) => sum + line.length, 0);
    context.found(found, position);
  }

  function run(): { left: Range[]; capped: boolean } {
    if (root.file) {
      const { fd, name } = root.file;
      if (range.key > name || searchOpen(fd, name) === "done") return { left: [], capped: false };
      return { left: [{ ...positionAt(name), end: range.end }], capped: full() };
    }
    enter(topHandle(root), "");
    try {
      for (let frame = top(); frame; frame = top()) {
        if (frame.next >= frame.end) {
          opener.leave(frame.handle);
          frames.pop();
          names.pop();
          continue;
        }
        const kind = frame.kinds[frame.next];
        if (kind === DIRECTORY || ++tick >= POLL_EVERY) {
          context.saw(seen);
          tick = seen = 0;
          if (context.shouldStop()) return { left: left(), capped: false };
          if (context.wanted()) {
            donate();
            if (frame.next >= frame.end) continue;
          }
        }
        if (full()) return { left: left(), capped: true };
        if (visit(frame, frame.names[frame.next] ?? "", kind) === "stopped") return { left: left(), capped: full() };
      }
      return { left: [], capped: false };
    } finally {
      context.saw(seen);
      for (const { handle } of frames) opener.leave(handle);
    }
  }

  function visit(frame: Frame, name: string, kind: Kind | undefined): "stopped" | undefined {
    const directory = kind === DIRECTORY;
    // Others are only on the way to the first of the range.
    const inRange = !frame.bounded || frame.prefix + name >= range.key;
    if (inRange) seen++;
    if (frame.scope?.ignores(name, directory)) {
      if (name !== ".git") skipped.ignored++;
      frame.next++;
      if (directory) frame.directories--;
      return undefined;
    }
    if (content) {
      if (kind === FILE && inRange && (!glob || globMatches(name, false)) && searchFile(frame, name) === "stopped")
        return "stopped";
    } else if (inRange && (!glob || globMatches(name, directory))) {
      frame.held ||= opener.holds(frame.handle);
      // Moved away: what was listed may come from outside.
      if (!frame.held) {
        frame.next = frame.end;
        return undefined;
      }
      const key = frame.prefix + name;
      emit(directory ? { root: range.root, key, directory } : { root: range.root, key }, () => behind(range.root, key));
    }
    frame.next++;
    if (!directory) return undefined;
    frame.directories--;
    descend(frame, name);
    return undefined;
  }

  function globMatches(name: string, directory: boolean): boolean {
    names.push(name);
    const matches = glob?.matches(names, directory) === true;
    names.pop();
    return matches;
  }

  function descend(frame: Frame, name: string): void {
    names.push(name);
    if ((glob && !glob.mayContain(names)) || refused(frame, name)) {
      names.pop();
      return;
    }
    if (frames.length >= MAX_DEPTH) {
      skipped.deep++;
      names.pop();
      return;
    }
    let handle: Handle;
    try {
      handle = opener.enter(frame.handle, name);
    } catch (error) {
      names.pop();
      countUnreadable(error);
      return;
    }
    enter(handle, `${frame.prefix}${name}\0`, frame.scope, name);
  }

  function refused(frame: Frame, name: string): boolean {
    if (!frame.suspicious || policy.refuses((frame.path + name).split("/"), "read") === undefined) return false;
    skipped.denied++;
    return true;
  }

  function enter(handle: Handle, prefix: string, outer?: IgnoreScope, name?: string): void {
    let listing: Listing;
    try {
      listing = opener.list(handle);
    } catch (error) {
      opener.leave(handle);
      names.pop();
      countUnreadable(error);
      return;
    }
    const scope = query.all ? undefined : scopeFor(handle, listing, outer, name);
    const { key: start, end } = range;
    // Only the directories on the way to a bound can hold entries beyond it.
    const bounded = start.startsWith(prefix) || end?.startsWith(prefix) === true;
    if (bounded) listing = within(listing, prefix);
    const { names: entries, kinds } = listing;
    const path = [...root.components, ...names, ""].join("/");
    frames.push({
      handle,
      prefix,
      path,
      names: entries,
      kinds,
      next: 0,
      end: entries.length,
      bounded,
      directories: countDirectories(kinds),
      cut: undefined,
      scope,
      held: false,
      // One look at all names instead of one at each.
      suspicious: policy.mayRefuse(path + entries.join("/")),
    });
  }

  function within({ names: entries, kinds }: Listing, prefix: string): Listing {
    const { key: start, end } = range;
    const kept = [...entries.keys()].filter((i) => {
      const key = prefix + (entries[i] ?? "");
      return (key >= start || start.startsWith(`${key}\0`)) && (end === undefined || key < end);
    });
    return { names: kept.map((i) => entries[i] ?? ""), kinds: kept.map((i) => kinds[i] ?? 0) };
  }

  function scopeFor(handle: Handle, listing: Listing, outer?: IgnoreScope, name?: string): IgnoreScope {
    let own: OwnRules = {};
    const rules = listing.names.indexOf(".gitignore");
    if (listing.kinds[rules] === FILE) own = { ...own, gitignore: readRules(handle, ".gitignore") };
    if (listing.names.includes(".git")) own = { ...own, repository: true, exclude: excludeOf(handle) };
    if (outer && name !== undefined) return outer.enter(name, own);
    const [first, ...others] = root.inherited;
    if (!first) return rootScope(own);
    const inherited = others.reduce((scope, level) => scope.enter(level.name, level.own), rootScope(first.own));
    return inherited.enter(root.components.at(-1) ?? "", own);
  }

  function excludeOf(handle: Handle): string | undefined {
    const entered: Handle[] = [];
    try {
      let at = handle;
      for (const name of [".git", "info"]) {
        at = opener.enter(at, name);
        entered.push(at);
      }
      return readRules(at, "exclude");
    } catch {
      return undefined;
    } finally {
      for (const one of entered) opener.leave(one);
    }
  }

  function readRules(handle: Handle, name: string): string | undefined {
    try {
      const fd = opener.openPinned(handle, name);
      try {
        const stats = fstatSync(fd);
        if (!stats.isFile()) return undefined;
        const bytes = Buffer.alloc(Math.min(stats.size, mostRules));
        return bytes.toString("utf8", 0, readSync(fd, bytes, 0, bytes.length, 0));
      } finally {
        closeSync(fd);
      }
    } catch {
      return undefined;
    }
  }

  function searchFile(frame: Frame, name: string): "stopped" | undefined {
    if (refused(frame, name)) return undefined;
    const key = frame.prefix + name;
    let fd = -1;
    try {
      fd = opener.openFile(frame.handle, name);
      let outcome = searchOpen(fd, key, (opened) => opener.isOf(opened, frame.handle, name));
      if (outcome === "doubtful") {
        closeSync(fd);
        fd = -1;
        fd = opener.openPinned(frame.handle, name);
        outcome = searchOpen(fd, key, () => opener.holds(frame.handle));
      }
      return outcome === "stopped" ? "stopped" : undefined;
    } catch (error) {
      if (error instanceof QueryProblem) throw error;
      countUnreadable(error);
      return undefined;
    } finally {
      if (fd >= 0) closeSync(fd);
    }
  }

  const onlyCount = () => true;

  function sink(line: number, shown: string, near: readonly ContextLine[]): boolean {
    pendingText += shown.length + near.reduce((sum, [, one]) => sum + one.length, 0);
    const found = { root: range.root, key: pendingKey, line, text: shown };
    pending.push(near.length > 0 ? { ...found, context: near } : found);
    return results + pending.length <= context.enough && text + pendingText <= ENOUGH_TEXT;
  }

  /** Searches an open file. Nothing of it counts unless it is `certain`, which is asked afterwards and only if there is something. */
  function searchOpen(
    fd: number,
    key: Key,
    certain: (fd: number) => boolean = () => true,
  ): "done" | "stopped" | "doubtful" {
    if (!content) return "done";
    // Before the search: that something was found in it must not be told either.
    if (context.hardlinks === "deny" && fstatSync(fd).nlink > 1) {
      skipped.denied++;
      stoppedIn = undefined;
      return "done";
    }
    if (pending.length > 0) pending = [];
    pendingKey = key;
    pendingText = 0;
    const resume = resumeAt(key);
    const lines = query.mode === "lines";
    const outcome = content.search(fd, resume, lines ? sink : onlyCount);
    if (outcome.kind === "done" && outcome.count === 0 && pending.length === 0) {
      stoppedIn = undefined;
      return "done";
    }
    if (!certain(fd)) return "doubtful";
    stoppedIn = undefined;
    if (outcome.kind === "binary" || outcome.kind === "large") skipped[outcome.kind]++;
    if (!lines && outcome.kind === "done")
      pending.push(
        query.mode === "count" ? { root: range.root, key, count: outcome.count } : { root: range.root, key },
      );
    for (const found of pending) emit(found);
    if (outcome.kind !== "stopped") return "done";
    stoppedIn = outcome.resume;
    return "stopped";
  }

  function countUnreadable(error: unknown): void {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    // Gone or exchanged since it was listed: not an entry any more.
    if (code !== "ENOENT" && code !== "ENOTDIR" && code !== "ELOOP") skipped.unreadable++;
  }

  /** Gives the later half of the outermost directory that has something left to another thread. */
  function donate(): void {
    for (const [depth, frame] of frames.entries()) {
      // In the top frame the next entry is ours.
      const own = depth === frames.length - 1 ? 1 : 0;
      const files = content ? frame.end - frame.next - frame.directories : 0;
      if (frame.directories - own < 1 && files - own < MIN_DONATION) continue;
      const work: number[] = [];
      for (let i = frame.next + own; i < frame.end; i++)
        if (frame.kinds[i] === DIRECTORY || (content && frame.kinds[i] === FILE)) work.push(i);
      const middle = work[Math.floor(work.length / 2)];
      if (middle === undefined) continue;
      const key = frame.prefix + (frame.names[middle] ?? "");
      context.donate({ root: range.root, key, end: endOf(depth) });
      frame.directories -= frame.kinds.slice(middle, frame.end).filter((kind) => kind === DIRECTORY).length;
      frame.end = middle;
      frame.cut = key;
      return;
    }
  }

  /** The first key behind what the frame covers. */
  function endOf(depth: number): Key | undefined {
    const frame = frames[depth];
    if (!frame) return range.end;
    if (frame.cut !== undefined) return frame.cut;
    if (depth === 0) return range.end;
    // \u0001 is the least that can follow a name and is not the NUL before what is in it.
    const natural = `${frame.prefix.slice(0, -1)}\u0001`;
    return range.end !== undefined && range.end < natural ? range.end : natural;
  }

  function left(): Range[] {
    const ranges: Range[] = [];
    let open: Position | undefined;
    for (let depth = frames.length - 1; depth >= 0; depth--) {
      const frame = frames[depth];
      if (!frame) continue;
      if (!open && frame.next < frame.end) {
        const key = frame.prefix + (frame.names[frame.next] ?? "");
        open = depth === frames.length - 1 ? positionAt(key) : { root: range.root, key };
      }
      if (open && frame.cut !== undefined) {
        ranges.push({ ...open, end: frame.cut });
        open = undefined;
      }
    }
    if (open) ranges.push({ ...open, end: range.end });
    return ranges;
  }

  return run();
}

function countDirectories(kinds: readonly Kind[]): number {
  return kinds.reduce<number>((sum, kind) => (kind === DIRECTORY ? sum + 1 : sum), 0);
}
