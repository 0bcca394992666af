import { expect, test } from "vitest";
import type { Service } from "../../src/services/service.ts";
import { startAll } from "../../src/services/start-all.ts";

const stopped: string[] = [];

function starter(name: string, ms: number): () => Promise<Service> {
  return async () => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    const stop = () => Promise.resolve(void stopped.push(name));
    return { url: `x://${name}`, mode: "process", describe: name, logs: () => "", stop, [Symbol.asyncDispose]: stop };
  };
}

test("services stand under their names and stop together", async () => {
  {
    await using services = await startAll({ db: starter("db", 5), github: starter("github", 0) });
    expect([services.db.url, services.github.url]).toEqual(["x://db", "x://github"]);
    expect(stopped).toEqual([]);
  }
  expect(stopped.splice(0)).toEqual(["db", "github"]);
});

test("when one fails, those that came up are stopped before its error is thrown", async () => {
  const failing = startAll({ slow: starter("slow", 20), bad: () => Promise.reject(new Error("no port")) });
  await expect(failing).rejects.toThrow("no port");
  expect(stopped.splice(0)).toEqual(["slow"]);
});
