import { ToolError } from "@mooring/core";
import * as z from "zod";
import { finish } from "../pausing.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { fileBlocks, type FileReport, type ReadFile } from "../text/report.ts";
import { allLines, type LineRange, parseRange } from "../text/range.ts";
import { cursorOwner } from "../text/read-cursor.ts";
import { shareFairly } from "../text/share.ts";
import { readOne, type Wanted } from "../text/read-one.ts";
import { tool } from "../tool.ts";

// Core caps a text at 1,000,000 bytes: the header needs some of them.
const MOST_CONTENT = 995_000;
// Of media in one answer, before base64: hosts refuse more, and the connection ends at 10 MiB.
const MOST_MEDIA = 5_000_000;

export const read = tool({
  name: "read",
  title: "Read files",
  description:
    "Content of files, each after a header line (hash for `if_hash`, size, lines, encoding). For the next page repeat the call with `cursor`. Images and audio come as such.",
  access: "read",
  openWorld: false,
  maxBytes: 1_000_000,
  input: z.strictObject({
    paths: z.array(z.string()).min(1).max(50).describe("Absolute, or relative to the first allowed directory."),
    lines: z.string().optional().describe('"10-40", "100-", or "-20" for the last 20.'),
    ranges: z.array(z.string()).optional().describe("Instead of `lines`: one per path."),
    cursor: z.string().optional(),
    as: z
      .enum(["auto", "text", "media", "hex", "info"])
      .default("auto")
      .describe("info: metadata only. In hex, a line is 16 bytes."),
    max_bytes: z.int().min(1).max(1_000_000).default(65_536).describe("In all."),
  }),

  async run({ paths, lines, ranges, cursor, as, max_bytes }, call) {
    const { sandbox, encoding } = call;
    const wanted = wantedParts({ paths, lines, ranges });
    const context = { sandbox, as, encoding, cursor, mediaLeft: MOST_MEDIA };
    if (cursor !== undefined) keepOwner(wanted, cursor, sandbox);
    const budgets = wanted.length === 1 ? [max_bytes] : shareFairly(needs(wanted, sandbox), max_bytes);
    const files: ReadFile[] = [];
    for (const [index, each] of wanted.entries()) {
      // Small files end at the first step; large ones let other calls run.
      const work = readOne(each, Math.min(budgets[index] ?? 0, MOST_CONTENT), context);
      files.push(await finish(work, call));
    }
    failWhenNothing(files);
    return { files };
  },

  render: ({ files }) => files.flatMap(fileBlocks),
});

function wantedParts({
  paths,
  lines,
  ranges,
}: {
  paths: string[];
  lines: string | undefined;
  ranges: string[] | undefined;
}): Wanted[] {
  if (lines !== undefined && ranges !== undefined)
    throw new ToolError("invalid_input", "`lines` and `ranges` exclude each other.", {
      hint: "Use `ranges` with one range per path.",
    });
  if (ranges && ranges.length !== paths.length)
    throw new ToolError("invalid_input", `There are ${paths.length} paths and ${ranges.length} ranges.`, {
      hint: 'Give one range per path; "1-" is the whole file.',
    });
  const all = lines === undefined ? allLines : parseRange(lines);
  return paths.map((path, index) => ({ path, range: ranges ? rangeAt(ranges, index) : all }));
}

function rangeAt(ranges: readonly string[], index: number): LineRange {
  return parseRange(ranges[index] as string);
}

// The same call goes on: of several files only the one the cursor came from.
function keepOwner(wanted: Wanted[], cursor: string, sandbox: Sandbox): void {
  const isOwner = cursorOwner(cursor);
  const owner = wanted.find(({ path }) => {
    try {
      return isOwner(sandbox.parse(path).shown);
    } catch {
      return false;
    }
  });
  if (!owner)
    throw new ToolError("invalid_input", "The cursor belongs to another file.", {
      hint: "Send the path it was given for.",
    });
  wanted.splice(0, wanted.length, owner);
}

function needs(wanted: readonly Wanted[], sandbox: Sandbox): number[] {
  return wanted.map(({ path }) => {
    try {
      return sandbox.stat(sandbox.parse(path), { follow: true }).size + 512;
    } catch {
      return 0;
    }
  });
}

// Some files are an answer; none is a failure, of the kind of the first.
function failWhenNothing(files: readonly ReadFile[]): void {
  const failures = files.filter((file): file is FileReport & { error: ToolError } => "error" in file);
  const [first] = failures;
  if (!first || failures.length < files.length) return;
  if (files.length === 1) throw first.error;
  const messages = failures.map(({ error }) => error.message);
  throw new ToolError(first.error.kind, `None of the ${files.length} paths could be read. ${messages.join(" ")}`, {
    hint: first.error.hint,
  });
}
