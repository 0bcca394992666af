import type { ContentBlock, ToolError } from "@mooring/core";
import { modeInWords, timeInWords } from "../sandbox/describe.ts";
import type { Entry } from "../sandbox/sandbox.ts";
import type { Eol } from "./lines.ts";
import type { TextView } from "./view.ts";

/** What `read` found out about one file. */
export interface FileReport extends Partial<Omit<TextView, "next">> {
  /** As shown. */
  readonly path: string;
  readonly hash?: string | undefined;
  /** Bytes. */
  readonly size: number;
  /** The file is not what it was when the cursor was given. */
  readonly changed: boolean;
  readonly cursor?: string | undefined;
  readonly media?: { readonly kind: "image" | "audio"; readonly mimeType: string; readonly data: string };
  readonly hex?: { readonly text: string; readonly first: number; readonly end: number };
  /** Why there is no content: what kind of bytes it has. */
  readonly binary?: string | undefined;
  /** Metadata only. */
  readonly entry?: Entry;
  /** The path is a link, and all this is about what it leads to. */
  readonly link?: boolean;
  readonly unreadable?: boolean;
}

/** In `binary`: text, but in which encoding nobody said. */
export const FOREIGN = "not UTF-8: the person can name its encoding with `--encoding`";

export type ReadFile = FileReport | { readonly path: string; readonly error: ToolError };

/** One text per file: a header line, then the content and nothing else. Media follow their header. */
export function fileBlocks(file: ReadFile): ContentBlock[] {
  if ("error" in file) return [{ type: "text", text: failureLine(file) }];
  const { media, hex, text } = file;
  const header = headerLine(file);
  if (media)
    return [
      { type: "text", text: header },
      { type: media.kind, data: media.data, mimeType: media.mimeType },
    ];
  const content = hex ? hex.text : text;
  return [{ type: "text", text: content === undefined || content === "" ? header : `${header}\n${content}` }];
}

function failureLine({ path, error }: { path: string; error: ToolError }): string {
  const named = error.message.includes(path) ? error.message : `${path}: ${error.message}`;
  return `Not read (${error.kind}): ${named}${error.hint ? ` ${error.hint}` : ""}`;
}

function headerLine(file: FileReport): string {
  const facts = [
    file.hash && `hash ${file.hash}`,
    bytes(file.size),
    ...(file.entry ? metadata(file.entry, file) : []),
    file.media?.mimeType,
    file.binary && file.binary !== "binary" ? file.binary : undefined,
    ...textFacts(file),
    ...warnings(file),
    ...more(file),
  ];
  return `${file.path}: ${facts.filter((fact) => fact !== undefined && fact !== "").join(", ")}`;
}

function metadata({ kind, mode, mtimeMs, nlink }: Entry, { link, unreadable }: FileReport): (string | undefined)[] {
  return [
    kind,
    link ? "through a link" : undefined,
    `mode ${modeInWords(mode)}`,
    `modified ${timeInWords(mtimeMs)}`,
    kind === "file" && nlink > 1 ? `${nlink} hard links` : undefined,
    unreadable ? "may not be read by the server's user" : undefined,
  ];
}

function textFacts({ lines, encoding, bom, eol, endsWithoutNewline }: FileReport): (string | undefined)[] {
  if (encoding === undefined) return [];
  return [
    lines === undefined ? undefined : `${lines} ${lines === 1 ? "line" : "lines"}`,
    encoding + (bom ? " with BOM" : ""),
    eolInWords(eol),
    endsWithoutNewline ? "no newline at the end" : undefined,
  ];
}

function eolInWords(eol: Eol | undefined): string | undefined {
  return eol === undefined || eol === "none" ? undefined : eol;
}

function warnings({ invisible, changed, binary, hex, entry }: FileReport): (string | undefined)[] {
  return [
    invisible ? `invisible or control characters: ${invisible}` : undefined,
    changed ? "CHANGED since the cursor was given" : undefined,
    binary === undefined || hex || entry
      ? undefined
      : `${binary === FOREIGN ? "" : "binary: "}\`as: "hex"\` shows its bytes`,
  ];
}

function more({ shown, hex, cursor }: FileReport): (string | undefined)[] {
  const part = hex ? `bytes ${hex.first}-${hex.end}` : shown && partInWords(shown, cursor);
  return [
    part && (hex && !cursor && hex.first === 0 ? undefined : `showing ${part}`),
    cursor && `more with cursor "${cursor}"`,
  ];
}

function partInWords({ first, last, part }: NonNullable<FileReport["shown"]>, cursor: string | undefined): string {
  // The number of a line near the end of a large file would cost reading all of it.
  if (first === 0) return cursor === undefined ? "the last lines" : "a part near the end";
  const suffix = part ? " (cut within the line)" : "";
  return first >= last ? `line ${first}${suffix}` : `lines ${first}-${last}${suffix}`;
}

function bytes(size: number): string {
  return `${size} ${size === 1 ? "byte" : "bytes"}`;
}
