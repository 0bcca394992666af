import { ToolError, toToolError } from "@mooring/core";
import { mapError } from "../errors.ts";
import type { Pausing } from "../pausing.ts";
import { shownName } from "../sandbox/names.ts";
import type { Entry, Place, Sandbox } from "../sandbox/sandbox.ts";
import { isForeignText, type TextFormat } from "./decode.ts";
import { hexDump, hexRow, hexRowText } from "./hex.ts";
import { type Media, mediaOf } from "./media.ts";
import type { LineRange } from "./range.ts";
import { openPosition, sealPosition } from "./read-cursor.ts";
import { type FileReport, FOREIGN, type ReadFile } from "./report.ts";
import { type Look, look, pastEnd, viewText } from "./view.ts";

export interface Wanted {
  readonly path: string;
  readonly range: LineRange;
}

export interface ReadContext {
  readonly sandbox: Sandbox;
  readonly as: "auto" | "text" | "media" | "hex" | "info";
  readonly encoding: string | undefined;
  readonly cursor: string | undefined;
  /** Bytes of media that the answer may still take. */
  mediaLeft: number;
}

/** Reads one path as it was asked for; what goes wrong with it becomes its report. */
export function* readOne({ path, range }: Wanted, budget: number, context: ReadContext): Pausing<ReadFile> {
  let place: Place | undefined;
  try {
    place = context.sandbox.parse(path);
    const { shown } = place;
    if (context.as === "info") return info(place, context);
    using file = context.sandbox.openFile(place);
    const seen = look(file, context.encoding);
    const start = context.cursor === undefined ? undefined : openPosition(context.cursor, file.entry);
    const report = { path: shown, hash: seen.version, size: seen.size, changed: start?.changed ?? false };
    if (context.as === "hex")
      return { ...report, ...hex(seen, range, start?.position.offset, budget, shown, file.entry) };
    const media = context.as === "text" ? undefined : mediaIn(seen);
    if (context.as === "media" || media?.common) return { ...report, ...mediaContent(seen, media, shown, context) };
    if (!isText(seen)) {
      const foreign =
        media === undefined && context.encoding === undefined && isForeignText(seen.source.read(0, 65_536));
      if (context.as === "text") throw binary(shown, foreign);
      return { ...report, binary: media?.mimeType ?? (foreign ? FOREIGN : "binary") };
    }
    const view = yield* viewText(seen, { range, from: start?.position, budget });
    const { next, ...rest } = view;
    return { ...report, ...rest, cursor: next && sealPosition(next, shown, file.entry) };
  } catch (error) {
    // What is no path: cut, and on one line.
    return { path: place?.shown ?? shownName(path.slice(0, 300)), error: toToolError(error, mapError) };
  }
}

function isText(seen: Look): seen is Look & { format: TextFormat } {
  return seen.format !== undefined;
}

function mediaIn({ format, source }: Look): Media | undefined {
  // A text that begins like an image is a text.
  return format === undefined ? mediaOf(source.read(0, 32)) : undefined;
}

function mediaContent(seen: Look, media: Media | undefined, shown: string, context: ReadContext): Partial<FileReport> {
  if (!media)
    throw new ToolError("invalid_input", `${shown} is neither an image nor audio.`, {
      hint: 'Leave `as` out, or use `as: "hex"`.',
    });
  if (seen.size > context.mediaLeft) {
    if (context.as === "media")
      throw new ToolError(
        "too_large",
        `${shown} has ${seen.size.toLocaleString("en")} bytes; media of at most ${context.mediaLeft.toLocaleString("en")} bytes are sent.`,
        {
          hint: "Ask the person to open it, or to make it smaller.",
        },
      );
    return { binary: `${media.mimeType}, too large to be sent` };
  }
  context.mediaLeft -= seen.size;
  const bytes = seen.bytes ?? seen.source.read(0, seen.size);
  return { media: { kind: media.kind, mimeType: media.mimeType, data: bytes.toString("base64") } };
}

function hex(
  seen: Look,
  range: LineRange,
  from: number | undefined,
  budget: number,
  shown: string,
  entry: Entry,
): Partial<FileReport> {
  const rows = Math.max(1, Math.floor(budget / hexRowText));
  const all = Math.ceil(seen.size / hexRow);
  const first = from === undefined ? firstRow(range, all) : Math.floor(from / hexRow);
  const last = range.kind === "from" ? Math.min(range.last, all) : all;
  const start = from ?? first * hexRow;
  if (start > seen.size) throw from === undefined ? noSuchRow(shown, all) : pastEnd();
  const end = Math.min(start + rows * hexRow, last * hexRow, seen.size);
  const bytes = seen.source.read(start, Math.max(0, end - start));
  const cursor =
    end < Math.min(last * hexRow, seen.size)
      ? sealPosition({ offset: end, line: 0, last: 0 }, shown, entry)
      : undefined;
  return { hex: { text: hexDump(bytes, start), first: start, end }, cursor };
}

function noSuchRow(shown: string, rows: number): ToolError {
  return new ToolError("invalid_input", `${shown} has ${rows.toLocaleString("en")} lines of 16 bytes.`, {
    hint: 'Ask for lines it has; "-20" gives the last 20.',
  });
}

function firstRow(range: LineRange, all: number): number {
  if (range.kind === "tail") return Math.max(0, all - range.count);
  return range.kind === "from" ? range.first - 1 : 0;
}

// Of anything that has a name inside, also of what cannot be read.
function info(place: Place, { sandbox, encoding }: ReadContext): ReadFile {
  const entry = sandbox.stat(place, { follow: true });
  const link = entry.kind !== "link" && sandbox.stat(place).kind === "link";
  const report = { path: place.shown, entry, link, changed: false };
  if (entry.kind !== "file") return { ...report, size: entry.size };
  let file: ReturnType<Sandbox["openFile"]>;
  try {
    file = sandbox.openFile(place);
  } catch (error) {
    // Refused by the file's own mode, not by policy: what is known of it may still be said.
    if (error instanceof ToolError && error.kind === "denied" && error.cause !== undefined)
      return { ...report, size: entry.size, unreadable: true };
    throw error;
  }
  using open = file;
  const seen = look(open, encoding);
  const type = seen.format ? undefined : (mediaIn(seen)?.mimeType ?? "binary");
  return {
    ...report,
    entry: open.entry,
    hash: seen.version,
    size: seen.size,
    ...(seen.format ? { encoding: seen.format.encoding, bom: seen.format.bom > 0 } : { binary: type }),
  };
}

function binary(shown: string, foreign: boolean): ToolError {
  if (foreign)
    return new ToolError("invalid_input", `${shown} is not UTF-8, and its encoding is unknown.`, {
      hint: 'The person can name it by starting the server with `--encoding`; `as: "hex"` shows the bytes.',
    });
  return new ToolError("invalid_input", `${shown} is binary, not text.`, {
    hint: 'Use `as: "hex"`, or leave `as` out.',
  });
}
