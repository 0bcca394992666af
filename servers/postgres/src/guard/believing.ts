/** What the catalog said is believed so long, in milliseconds; and so long again what was concluded from it: half a minute. */
export const BELIEVED = 15_000;
const MOST = 1_000;

/** Asks once for each key and believes the answer for a while; a failure is asked again. */
export function believing<Key extends string, Answer>(
  ask: (key: Key, signal: AbortSignal) => Promise<Answer>,
): (key: Key, signal: AbortSignal) => Promise<Answer> {
  const known = new Map<Key, { readonly answer: Answer; readonly until: number }>();
  return async (key, signal) => {
    const found = known.get(key);
    if (found && found.until > Date.now()) return found.answer;
    // As old as the question: what changes meanwhile is not believed longer for it.
    const until = Date.now() + BELIEVED;
    const answer = await ask(key, signal);
    if (known.size >= MOST) known.clear();
    known.set(key, { answer, until });
    return answer;
  };
}
