import { open, rm, stat } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { type ContentBlock, ToolError } from "@mooring/core";
import { copyText } from "./connection/copying.ts";
import type { Database } from "./database.ts";
import type { Proof } from "./guard/proof.ts";

export interface ExportOptions {
  /** The folder that the operator opened for this. */
  readonly folder: string | undefined;
  /** `name.csv` */
  readonly name: string;
  readonly signal: AbortSignal;
  progress(done: number, total?: number, message?: string): void;
}

/** One plain name: no folders, no hidden files, nothing that some file system reads as another name. */
const plainName = /^[\p{L}\p{N}_][\p{L}\p{N}_. -]{0,120}\.csv$/u;
/** Windows opens these whatever follows the dot. https://learn.microsoft.com/windows/win32/fileio/naming-a-file */
const device = /^(con|prn|aux|nul|(com|lpt)[\d¹²³])[ .]/i;

/**
 * Writes all rows of a proved SELECT as CSV into a new file, streamed by COPY. An unfinished file is removed.
 * Throws `denied` for a name that is none, `conflict` for one that is taken, `invalid_input` for what COPY cannot take.
 */
export async function exportCsv(
  database: Database,
  statement: Proof,
  { folder, name, signal, progress }: ExportOptions,
): Promise<ContentBlock[]> {
  if (folder === undefined)
    throw new ToolError("denied", "Exports are switched off.", { hint: "Ask the person for --export-dir." });
  if (!plainName.test(name) || device.test(name))
    throw new ToolError("invalid_input", "The name of an export is one file name that ends in .csv.", {
      hint: "Use letters, digits, _, - and dots: orders.csv.",
    });
  await refuseOtherTree(database, statement, signal);
  const file = path.join(path.resolve(folder), name);
  const target = await create(file, name);
  let bytes = 0;
  let rows: number;
  try {
    ({ rows } = await database.copyOut(statement, {
      signal,
      async onChunk(chunk) {
        await target.writeFile(chunk);
        bytes += chunk.length;
        progress(bytes, undefined, `${(bytes / 1e6).toFixed(1)} MB written`);
      },
    }));
    await target.sync();
  } catch (error) {
    await target.close();
    await rm(file, { force: true });
    throw error;
  }
  await target.close();
  return [
    { type: "text", text: `Wrote ${rows} rows, ${bytes} bytes, to ${name}.` },
    { type: "resource_link", name, uri: pathToFileURL(file).href, mimeType: "text/csv", size: bytes },
  ];
}

/** The wrapper around the text must hold the very tree that was proved. */
async function refuseOtherTree(database: Database, { sql, inspection }: Proof, signal: AbortSignal): Promise<void> {
  const problem = new ToolError("invalid_input", "This statement cannot be exported.", {
    hint: "Give one SELECT, WITH or VALUES, without a semicolon.",
  });
  const [wrapped, ...more] = await database.trees(copyText(sql)).catch(() => {
    throw problem;
  });
  const copied = (wrapped?.["CopyStmt"] as { query?: { SelectStmt?: unknown }; filename?: unknown } | undefined)?.query;
  signal.throwIfAborted();
  if (more.length > 0 || inspection.kind !== "select" || !copied?.SelectStmt) throw problem;
  const [alone] = await database.trees(sql);
  if (withoutPlaces(copied) !== withoutPlaces(alone)) throw problem;
}

function withoutPlaces(tree: unknown): string {
  return JSON.stringify(tree, (key, value: unknown) =>
    typeof value === "number" && /(^|_)location$|^list_(start|end)$|_list_(start|end)$/.test(key) ? undefined : value,
  );
}

async function create(file: string, name: string) {
  try {
    // Never over a file, never through a link that waits there.
    return await open(file, "wx", 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST")
      throw new ToolError("conflict", `There is a file ${name} already.`, {
        hint: "Choose another name.",
        cause: error,
      });
    const there = await stat(path.dirname(file)).then(
      (found) => found.isDirectory(),
      () => false,
    );
    throw new ToolError(
      "unavailable",
      there ? "The export folder cannot be written." : "The export folder does not exist.",
      {
        hint: "Ask the person to correct --export-dir.",
        cause: error,
      },
    );
  }
}
