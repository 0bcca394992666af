import { ToolError } from "./errors.ts";

/** No JSON. */
const GONE = "gone";

/**
 * For a resource's `watch` where the service tells nobody of changes: looks every `everyMs` milliseconds and calls `changed`
 * when what `look` answers (as JSON) is another than before. The first look happens at once; what it throws is thrown.
 * A later look that fails is no change, unless it says that what was followed is gone (`not_found`, or the system's ENOENT). Resolves to the end
 * of it, which also aborts a look under way.
 */
export async function poll(
  look: (signal: AbortSignal) => Promise<unknown>,
  everyMs: number,
  changed: () => void,
): Promise<() => void> {
  const ended = new AbortController();
  const seen = async () => JSON.stringify(await look(ended.signal));
  let before = await seen();
  let timer = setTimeout(again, everyMs);
  function again(): void {
    seen()
      .catch((error: unknown) => {
        if (isGone(error)) return GONE;
        throw error;
      })
      .then((now) => {
        if (ended.signal.aborted) return;
        if (now !== before) changed();
        before = now;
      })
      .catch(() => {})
      .finally(() => {
        // From the end of a look: a slow service is not asked twice at once.
        if (!ended.signal.aborted) timer = setTimeout(again, everyMs);
      });
  }
  return () => {
    ended.abort();
    clearTimeout(timer);
  };
}

function isGone(error: unknown): boolean {
  return error instanceof ToolError
    ? error.kind === "not_found"
    : error instanceof Error && "code" in error && error.code === "ENOENT";
}
