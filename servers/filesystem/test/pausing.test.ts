import { expect, it } from "vitest";
import { finish, type Pausing } from "../src/pausing.ts";

function* counting(to: number, ended: () => void): Pausing<number> {
  try {
    for (let at = 0; at < to; at++) yield;
    return to;
  } finally {
    ended();
  }
}

it("lets others have their turn at each pause", async () => {
  let turns = 0;
  let ended = false;
  const other = () => {
    turns++;
    if (!ended) setImmediate(other);
  };
  setImmediate(other);
  const work = finish(
    counting(50, () => {}),
    { signal: new AbortController().signal },
  );
  expect(await work).toBe(50);
  ended = true;
  expect(turns).toBeGreaterThanOrEqual(49);
});

it("lets go of what the work holds when the call is cancelled", async () => {
  let ended = false;
  const cancelled = new AbortController();
  const work = finish(
    counting(Infinity, () => (ended = true)),
    cancelled,
  );
  setTimeout(() => cancelled.abort(new Error("cancelled")), 5);
  await expect(work).rejects.toThrow("cancelled");
  expect(ended).toBe(true);
});
