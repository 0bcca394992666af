import { ToolError, type Verdict } from "@mooring/core";
import * as z from "zod";
import { readRange } from "../descriptor.ts";
import { find } from "../journal/capture.ts";
import { undoInWords, undoNote } from "../journal/describe.ts";
import type { Changed, Journal } from "../journal/journal.ts";
import { deadLink } from "../journal/plan.ts";
import { inBytes } from "../sandbox/describe.ts";
import type { Entry, Place, Sandbox } from "../sandbox/sandbox.ts";
import { matchesVersion, versionConflict } from "../sandbox/version.ts";
import { type Encoding, encodeContent, type Existing } from "../text/encode-content.ts";
import { newVersion, versionNow } from "../text/new-version.ts";
import { existsAlready } from "../errors.ts";
import { tool } from "../tool.ts";

/** Bytes of a file that are looked at for its encoding and line ends. */
const HEAD = 4_194_304;

export const write = tool({
  name: "write",
  title: "Write a file",
  description: "Writes a whole file and missing directories above it. A path ending in / makes a directory.",
  access: { by: "mode", create: "write", append: "write", replace: "write", overwrite: "destructive" },
  openWorld: false,
  input: z.strictObject({
    path: z.string(),
    content: z.string().default(""),
    mode: z
      .enum(["create", "append", "replace", "overwrite"])
      .default("create")
      .describe("create: only where nothing is; replace: needs `if_hash`."),
    encoding: z
      .enum(["utf8", "base64", "keep"])
      .default("utf8")
      .describe("keep: as the file is, with its BOM and line ends."),
    if_hash: z.string().optional().describe("Refused if it differs."),
  }),

  async guard(input, { sandbox, journal, encoding, signal }): Promise<Verdict> {
    if (input.mode !== "overwrite") return "allow";
    if (namesDirectory(input.path)) throw noContent();
    const place = sandbox.parse(input.path);
    const { found } = look(place, input, { sandbox, fallback: encoding });
    if (found) await journal.refuseUnlessKept([{ do: "put", place, content: new Uint8Array(), expect: "any" }], signal);
    return "allow";
  },

  question({ path, content, encoding }, { sandbox, journal }) {
    const place = sandbox.parse(path);
    const found = find(place, sandbox, true);
    const size = Buffer.byteLength(content, encoding === "base64" ? "base64" : "utf8");
    const effect = found
      ? `Replaces the whole file (${inBytes(found.size)}) by ${inBytes(size)}. ${undoInWords(journal)}`
      : `Makes a new file of ${inBytes(size)}.`;
    return { target: place.shown, effect };
  },

  run(input, { sandbox, journal, encoding, signal }) {
    const { path, mode } = input;
    if (namesDirectory(path)) return makeDirectory(sandbox.parse(path), input, { sandbox, journal, signal });
    const place = sandbox.parse(path);
    return sandbox.lock([place], async (): Promise<Written> => {
      const { found, bytes } = look(place, input, { sandbox, fallback: encoding });
      const expect = mode === "create" ? "absent" : mode === "replace" ? "present" : "any";
      const changed =
        mode === "append"
          ? await journal.change("write", [{ do: "append", place, content: bytes }], { mustKeep: false, signal })
          : await journal.change("write", [{ do: "put", place, content: bytes, expect, current: found && { found } }], {
              mustKeep: found !== undefined,
              signal,
            });
      const hash = mode === "append" && found ? versionNow(sandbox, place) : newVersion(sandbox, place, bytes);
      const did = !found ? "Created" : mode === "append" ? "Appended to" : "Replaced";
      return { ...changed, text: `${did} ${place.shown}: ${inBytes(bytes.length)}, hash ${hash}.` };
    });
  },

  render: ({ text, ...changed }) => text + undoNote(changed),
});

interface Written extends Changed {
  readonly text: string;
}

interface Input {
  readonly content: string;
  readonly mode: "create" | "append" | "replace" | "overwrite";
  readonly encoding: Encoding["encoding"];
  readonly if_hash?: string | undefined;
}

/** Checks a call against what is there: everything that can be known before anything changes. */
function look(
  place: Place,
  { content, mode, encoding, if_hash: version }: Input,
  { sandbox, fallback }: { readonly sandbox: Sandbox; readonly fallback: string | undefined },
): { readonly found: Entry | undefined; readonly bytes: Buffer } {
  if (mode === "replace" && version === undefined)
    throw new ToolError("invalid_input", 'mode "replace" needs `if_hash`.', {
      hint: 'Take it from `read`; `as: "info"` is enough.',
    });
  const thing = find(place, sandbox, true);
  if (mode === "create" && thing) throw exists(place, thing);
  if (!thing) {
    if (find(place, sandbox)) throw deadLink(place);
    if (mode === "replace")
      throw new ToolError("not_found", `${place.shown} was not found or is not allowed.`, {
        hint: 'Use mode "create" for a new file.',
      });
    if (version !== undefined)
      throw new ToolError("conflict", `${place.shown} does not exist, so it has no hash.`, {
        hint: "Leave `if_hash` out to make it.",
      });
    return {
      found: undefined,
      bytes: encodeContent(content, { encoding, fallback, append: mode === "append", existing: undefined }),
    };
  }
  using file = sandbox.openFile(place);
  if (version !== undefined && !matchesVersion(file, version)) throw versionConflict(place.shown, file);
  const { size } = file.entry;
  const needsHead = encoding === "keep" || (mode === "append" && encoding === "utf8");
  const head = needsHead ? readRange(file.fd, 0, Math.min(size, HEAD)) : Buffer.alloc(0);
  const existing: Existing = { shown: place.shown, head, complete: head.length === size };
  return {
    found: file.entry,
    bytes: encodeContent(content, { encoding, fallback, append: mode === "append", existing }),
  };
}

function exists({ shown }: Place, { kind }: Entry): ToolError {
  if (kind === "directory")
    return new ToolError("conflict", `${shown} is a directory.`, { hint: "Add a file name to the path." });
  return existsAlready(shown);
}

function namesDirectory(path: string): boolean {
  return path.endsWith("/") || (process.platform === "win32" && path.endsWith("\\"));
}

function makeDirectory(
  place: Place,
  { content, mode }: Input,
  { sandbox, journal, signal }: { sandbox: Sandbox; journal: Journal; signal: AbortSignal },
): Promise<Written> {
  if (content !== "" || mode !== "create") throw noContent();
  return sandbox.lock([place], async () => {
    const there = find(place, sandbox, true) !== undefined;
    const changed = await journal.change("write", [{ do: "makeDirectory", place }], { mustKeep: false, signal });
    const text = there ? `The directory ${place.shown} was there already.` : `Created the directory ${place.shown}.`;
    return { ...changed, text };
  });
}

function noContent(): ToolError {
  return new ToolError("invalid_input", "A path ending in / names a directory, which has no content.", {
    hint: 'Leave `content` out and use mode "create", or take the / away.',
  });
}
