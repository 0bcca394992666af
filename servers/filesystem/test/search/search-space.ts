import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createSandbox, type SandboxOptions } from "../../src/sandbox/create.ts";
import { createSearch, type SearchOptions, type SearchRequest, type SearchResult } from "../../src/search/engine.ts";

export type Files = Readonly<Record<string, string | Uint8Array>>;

/** A fresh directory with files, a sandbox over `root` in it, and an engine; disposed together. */
export function searchSpace(
  files: Files = {},
  { search: options = {}, ...sandboxOptions }: Partial<SandboxOptions> & { search?: SearchOptions } = {},
) {
  const base = mkdtempSync(join(tmpdir(), "search-"));
  const root = join(base, "root");
  mkdirSync(root);
  const write = (added: Files) => {
    for (const [path, content] of Object.entries(added)) {
      const at = join(root, path);
      mkdirSync(dirname(at), { recursive: true });
      writeFileSync(at, content);
    }
  };
  write(files);
  const sandbox = createSandbox({ directories: [root], ...sandboxOptions });
  const engine = createSearch({
    sandbox,
    options: { ...(sandboxOptions.allow ? { allow: sandboxOptions.allow } : {}), ...options },
  });
  const search = (
    request: Partial<SearchRequest>,
    call: { signal?: AbortSignal; deadline?: number; progress?: (done: number) => void } = {},
  ) =>
    engine.search(
      { limit: 200, ...request },
      { signal: new AbortController().signal, deadline: Date.now() + 60_000, progress: () => {}, ...call },
    );
  return {
    base,
    root,
    sandbox,
    engine,
    write,
    search,
    /** Every page until the last, and how many there were. */
    async pages(request: Partial<SearchRequest>, between: (page: SearchResult) => void = () => {}) {
      const pages: SearchResult[] = [];
      let cursor: string | undefined;
      do {
        const page = await search({ ...request, cursor });
        pages.push(page);
        cursor = page.cursor;
        between(page);
        if (pages.length > 1000) throw new Error("the pages do not end");
      } while (cursor !== undefined);
      return pages;
    },
    async [Symbol.asyncDispose]() {
      await engine.close();
      sandbox.close();
      rmSync(base, { recursive: true, force: true });
    },
  };
}

/** Paths found, directories with a slash. */
export function paths(result: SearchResult): string[] {
  return result.directories.flatMap(({ hits }) => hits.map(({ path, directory }) => (directory ? `${path}/` : path)));
}

/** `path:line:text` of the matching lines. */
export function matches(result: SearchResult): string[] {
  return result.directories.flatMap(({ hits }) =>
    hits.flatMap(({ path, lines = [] }) =>
      lines.flatMap(({ line, text, match }) => (match ? [`${path}:${line}:${text}`] : [])),
    ),
  );
}
