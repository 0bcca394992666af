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
  const timer = setInterval(() => turns++, 0);
  const work = finish(
    counting(50, () => {}),
    { signal: new AbortController().signal },
  );
  const others = Array.from({ length: 10 }, () => new Promise((resolve) => setTimeout(resolve, 0)));
  await Promise.race([work, Promise.all(others)]);
  expect(await work).toBe(50);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(0);
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
