/**
 * For a resource's `watch` where the service tells nobody of changes: looks every `everyMs` milliseconds and calls `changed`
 * when what `look` answers (as JSON) is another than before. The first look happens at once; what it throws is thrown.
 * A later look that fails is no change. Resolves to the end of it, which also aborts a look under way.
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
