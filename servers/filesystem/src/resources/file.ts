import { isUtf8 } from "node:buffer";
import { basename } from "node:path";
import { resourceFactory } from "@mooring/core";
import type { Entry, Place, Sandbox } from "../sandbox/sandbox.ts";
import type { Deps } from "../tool.ts";
import { completePath } from "./complete-path.ts";
import { pathOfUri, uriOfPath } from "./file-uri.ts";
import { mimeOf } from "./mime.ts";
import { readWhole } from "./read-whole.ts";

const MAX_BYTES = 1_000_000;
const MAX_ENTRIES = 5000;
const DIRECTORY = "inode/directory";

/** Files and directories below the allowed directories, by file URI. */
export const file = resourceFactory<Deps>()({
  name: "file",
  title: "Files",
  description:
    "A file (text as it is, else bytes; 1 MB at most) or the listing of a directory. Subscribe to hear of changes.",
  uri: "file:///{+path}",
  list: (_cursor, { sandbox }) => ({
    resources: sandbox.roots.map(({ path }) => ({
      uri: uriOfPath(path),
      name: basename(path) || path,
      description: "An allowed directory.",
      mimeType: DIRECTORY,
    })),
  }),
  read(uri, _variables, { sandbox }) {
    const place = sandbox.parse(pathOfUri(uri));
    if (sandbox.stat(place, { follow: true }).kind === "directory")
      return [{ uri, mimeType: DIRECTORY, text: listing(sandbox, place) }];
    const bytes = readWhole(sandbox, place, MAX_BYTES);
    const isText = !bytes.includes(0) && isUtf8(bytes);
    const mimeType = mimeOf(place.components.at(-1) ?? "", bytes, isText);
    return [
      isText ? { uri, mimeType, text: bytes.toString("utf8") } : { uri, mimeType, blob: bytes.toString("base64") },
    ];
  },
  complete: { path: (typed, { sandbox }) => completePath(sandbox, typed) },
  watch: (uri, changed, { sandbox, watcher }) => watcher.watch(sandbox.parse(pathOfUri(uri)), changed),
});

function listing(sandbox: Sandbox, place: Place): string {
  const { entries, complete } = sandbox.readDirectory(place, { limit: MAX_ENTRIES });
  const lines = entries.map(shown).toSorted();
  if (!complete) lines.push(`(more than ${MAX_ENTRIES} entries; the list tool shows them all)`);
  return lines.map((line) => `${line}\n`).join("");
}

function shown({ name, kind }: Entry): string {
  if (kind === "directory") return `${name}/`;
  return kind === "file" ? name : `${name} (${kind})`;
}
