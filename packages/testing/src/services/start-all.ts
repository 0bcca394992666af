import type { Service } from "./service.ts";

type Started<T extends Record<string, () => Promise<Service>>> = { [K in keyof T]: Awaited<ReturnType<T[K]>> };

/**
 * Starts services side by side: `await using services = await startAll({ db: startPostgres, github: startGitHub })`.
 * If one fails, those that came up are stopped before its error is thrown.
 */
export async function startAll<T extends Record<string, () => Promise<Service>>>(
  starters: T,
): Promise<Started<T> & AsyncDisposable> {
  const results = await Promise.allSettled(Object.values(starters).map((start) => start()));
  const started = results.filter((result) => result.status === "fulfilled").map((result) => result.value);
  const stop = async () => void (await Promise.allSettled(started.map((service) => service.stop())));
  const failed = results.find((result) => result.status === "rejected");
  if (failed) {
    await stop();
    throw failed.reason;
  }
  const named = Object.fromEntries(Object.keys(starters).map((name, index) => [name, started[index]]));
  return { ...(named as Started<T>), [Symbol.asyncDispose]: stop };
}
