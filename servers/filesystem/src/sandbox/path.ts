import { ToolError } from "@mooring/core";
import { notFound } from "../errors.ts";
import { shownName } from "./names.ts";
import type { Place, Root } from "./sandbox.ts";

const NAME_BYTES = 255;
const PATH_BYTES = 4096;

/** What the parser needs of a root: the ways it may be named. */
export interface NamedRoot {
  readonly root: Root;
  /** Components of its absolute paths: as the operator named it, and its real one. */
  readonly prefixes: readonly (readonly string[])[];
}

/** A root with the ways it may be named, for {@link parsePath}. */
export function nameRoot(root: Root, real: string, { windows }: PathRules): NamedRoot {
  const components = (path: string) => resolveDots(path.split(windows ? /[\\/]/ : "/")) ?? [];
  return { root, prefixes: root.path === real ? [components(real)] : [components(root.path), components(real)] };
}

/** The platform's rules, a parameter so that Windows' are tested everywhere. */
export interface PathRules {
  readonly windows: boolean;
  /** Whether `A` and `a` may be one name: Windows and macOS. Only used to recognise roots. */
  readonly foldsCase: boolean;
}

/**
 * Parses what a caller sent, without any I/O: nothing is trimmed, decoded or folded, so what is checked is what is opened.
 * Throws `invalid_input` for what is no path at all, and the `not_found` of missing files for what lies outside.
 */
export function parsePath(path: string, roots: readonly NamedRoot[], rules: PathRules): Place {
  refuseNonPaths(path, rules);
  const separators = rules.windows ? /[\\/]/ : "/";
  const absolute = isAbsolute(path, rules);
  const first = roots[0];
  if (!first) throw notFound(shownName(path));
  const names = path.split(separators);
  for (const name of names) refuseName(name, rules);
  const components = resolveDots(names);
  if (components === undefined) throw notFound(shownName(path));
  if (!absolute) return place(first.root, components, rules);
  let best: { root: Root; rest: string[] } | undefined;
  for (const { root, prefixes } of roots)
    for (const prefix of prefixes) {
      const rest = below(components, prefix, rules);
      // Of roots inside each other the innermost answers.
      if (rest && (!best || rest.length < best.rest.length)) best = { root, rest };
    }
  if (!best) throw notFound(shownName(path));
  return place(best.root, best.rest, rules);
}

/** A place from its parts; what is printed is derived, never parsed again. */
export function place(root: Root, components: readonly string[], { windows }: PathRules): Place {
  let known: string | undefined;
  return {
    root,
    components,
    get shown() {
      return (known ??= shown());
    },
  };

  function shown(): string {
    const separator = windows ? "\\" : "/";
    const base = windows || root.path === "/" ? root.path.replace(/[\\/]$/, "") : root.path;
    // On Windows a backslash only separates; names cannot hold one.
    const path = components.length === 0 ? root.path : base + separator + components.join(separator);
    return windows ? shownName(path).replaceAll("\\\\", "\\") : shownName(path);
  }
}

/** Refuses what can be no component of a path. */
export function refuseName(name: string, { windows }: PathRules): void {
  // Three bytes a character is the most UTF-8 needs for one UTF-16 unit.
  if (name.length * 3 > NAME_BYTES && Buffer.byteLength(name) > NAME_BYTES)
    throw invalid(
      `A name in the path is longer than ${NAME_BYTES} bytes.`,
      "No file has such a name: use a shorter one.",
    );
  if (windows) refuseWindowsName(name);
}

function refuseNonPaths(path: string, { windows }: PathRules): void {
  if (path === "") throw invalid("The path is empty.", "Use `.` for the first allowed directory.");
  if (path.includes("\0"))
    throw invalid("The path contains a NUL character.", "No file has such a name: leave it out.");
  if (path.length * 3 > PATH_BYTES && Buffer.byteLength(path) > PATH_BYTES)
    throw invalid(
      `The path is longer than ${PATH_BYTES} bytes.`,
      "Send a path relative to the first allowed directory.",
    );
  if (!windows && /^[a-zA-Z]:[\\/]/.test(path))
    throw invalid(
      `${shownName(path)} is a Windows path, and this server runs on another system.`,
      "Call `list` without a path to see how paths look here.",
    );
  if (/^[a-zA-Z][a-zA-Z0-9+.-]+:\/\//.test(path) || /^file:/i.test(path))
    throw invalid(`${shownName(path)} is a URI, not a path.`, "Send the plain path, without percent-encoding.");
  if (path === "~" || /^~[^/\\]*[/\\]/.test(path))
    throw invalid(
      `${shownName(path)} starts with a home directory shorthand, which is not expanded.`,
      "Send the whole path, or one relative to the first allowed directory.",
    );
  if (windows) refuseWindowsPath(path);
}

function isAbsolute(path: string, { windows }: PathRules): boolean {
  return windows ? /^(?:[a-zA-Z]:[\\/]|[\\/])/.test(path) : path.startsWith("/");
}

// `..` is resolved on the text alone; more of them than names means leaving.
function resolveDots(names: readonly string[]): string[] | undefined {
  const components: string[] = [];
  for (const name of names) {
    if (name === "" || name === ".") continue;
    if (name !== "..") components.push(name);
    else if (components.pop() === undefined) return undefined;
  }
  return components;
}

function below(path: readonly string[], prefix: readonly string[], { foldsCase }: PathRules): string[] | undefined {
  if (path.length < prefix.length) return undefined;
  for (let index = 0; index < prefix.length; index += 1) {
    const given = path[index] as string;
    const name = prefix[index] as string;
    if (given !== name && !(foldsCase && given.toLowerCase() === name.toLowerCase())) return undefined;
  }
  return path.slice(prefix.length);
}

const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$)(?:[ .:].*)?$/i;

// All of it before any I/O: opening a UNC path already sends the user's credentials.
function refuseWindowsPath(path: string): void {
  if (/^[\\/]{2}/.test(path)) throw invalid("Network and device paths are not allowed.", LISTED);
  if (/^[a-zA-Z]:(?![\\/])/.test(path))
    throw invalid("A path with a drive needs a separator after the colon.", "Write C:\\folder.");
}

const LISTED = "Send names as `list` shows them.";

function refuseWindowsName(name: string): void {
  if (/^[a-zA-Z]:$/.test(name)) return;
  if (name.includes(":"))
    throw invalid("A name in the path contains a colon: alternate data streams are not allowed.", LISTED);
  if (name !== "." && name !== ".." && /[ .]$/.test(name))
    throw invalid("A name in the path ends in a dot or a space, which Windows drops.", "Leave it out.");
  if (DEVICE.test(name)) throw invalid("A name in the path is a device name of Windows.", "Choose another name.");
  if (/~\d/.test(name)) throw invalid("Short (8.3) names are not allowed.", "Use the long name, as `list` shows it.");
  // oxlint-disable-next-line no-control-regex
  if (/[<>"|?*\u0001-\u001f]/.test(name))
    throw invalid("A name in the path contains a character Windows does not allow.", LISTED);
}

/** Without a usable directory every call says so, and what the person has to do. */
export function noRoots(unusable: readonly { readonly path: string; readonly reason: string }[]): ToolError {
  const reasons = unusable.map(({ path, reason }) => `${shownName(path)}: ${reason}`).join("; ");
  return new ToolError("unavailable", `The server shares no usable directory${reasons && ` (${reasons})`}.`, {
    retryable: false,
    hint: "Ask the person to put the directories to share at the end of the server's command line and to restart it.",
  });
}

function invalid(message: string, hint: string): ToolError {
  return new ToolError("invalid_input", message, { hint });
}
