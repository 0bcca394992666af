import { constants, promises as fs } from "node:fs";
import { join } from "node:path";
import { ToolError } from "@mooring/core";

// No separator, nothing hidden, and nothing that a system gives a meaning of its own.
const NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._-]{0,99}$/u;
// Windows has neither; a pipe that nobody writes to would hold the call for ever.
const TO_READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

export type Notes = ReturnType<typeof openNotes>;

/**
 * The Markdown files that lie directly in one folder: no name leads out of it, and no link is followed. That guards against
 * arguments, not against hard links or programs that swap the folder: for those see the sandbox of @mooring/filesystem.
 */
export function openNotes(directory = "") {
  const folder = async () =>
    fs.realpath(directory).catch((cause: unknown) => {
      const hint = "Ask the person to name one that is there, at the end of the command line.";
      throw new ToolError("unavailable", "There is no folder of notes.", { hint, retryable: false, cause });
    });
  async function pathOf(name: string): Promise<string> {
    if (NAME.test(name)) return join(await folder(), `${name}.md`);
    const hint = "Use up to 100 letters, digits, spaces and . _ -, a letter or digit first.";
    throw new ToolError("invalid_input", "That cannot be a note's name.", { hint });
  }
  return {
    /** All names, in order. */
    async list(): Promise<string[]> {
      const entries = await fs.readdir(await folder(), { withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(".md"));
      const names = files.map(({ name }) => name.slice(0, -".md".length));
      return names.filter((name) => NAME.test(name)).sort();
    },
    async read(name: string): Promise<string> {
      const path = await pathOf(name);
      if ((await fs.lstat(path)).size <= 1_000_000) return fs.readFile(path, { encoding: "utf8", flag: TO_READ });
      throw new ToolError("too_large", "The note is longer than a megabyte.", { hint: "Use another one." });
    },
    // begin: write
    async add(name: string, text: string): Promise<void> {
      const path = await pathOf(name);
      const file = await fs.open(path, "wx"); // never over another note, nor through a link
      try {
        await file.writeFile(text);
      } catch (error) {
        await fs.unlink(path);
        throw error;
      } finally {
        await file.close();
      }
    },
    // end: write
    // begin: full
    remove: async (name: string): Promise<void> => fs.unlink(await pathOf(name)),
    // end: full
  };
}
