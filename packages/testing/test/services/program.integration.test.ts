import { beforeEach, expect, test, vi } from "vitest";
import { keepArtifacts } from "../../src/artifacts.ts";
import { startProgram } from "../../src/services/program.ts";
import { allowedModes } from "../allowed-modes.ts";

const file = new URL("../fixtures/program.js", import.meta.url);

beforeEach(keepArtifacts);

test("runs as TEST_SERVICES says, with its own variables and nothing of ours", async () => {
  vi.stubEnv("SECRET_OF_THE_TESTS", "1");
  await using program = await startProgram("greeter", { file, env: { GREETING: "Hello" } });
  expect(allowedModes()).toContain(program.mode);
  const { GREETING, variables } = (await (await fetch(program.url)).json()) as {
    GREETING: string;
    variables: string[];
  };
  expect(GREETING).toBe("Hello");
  expect(variables).toEqual(expect.arrayContaining(["PORT", "HOST", "PATH"]));
  expect(variables).not.toContain("SECRET_OF_THE_TESTS");
  vi.unstubAllEnvs();
});

test("keeps what it says, and stops", async () => {
  const program = await startProgram("greeter", { file });
  await fetch(`${program.url}/somewhere`);
  await vi.waitUntil(async () => (await program.logs()).includes("asked for /somewhere"), { timeout: 5_000 });
  expect(await program.logs()).toContain("listens on");
  await program.stop();
  await program.stop();
  await expect(fetch(program.url)).rejects.toThrow("fetch failed");
});

test("is ready when the path says so, however the others answer", async () => {
  const env = { STATUS: "503" };
  await using program = await startProgram("broken", { file, env, ready: "/healthy" });
  expect((await fetch(program.url)).status).toBe(503);
});

test("a status below 500 is ready, as an API without a token answers", async () => {
  await using program = await startProgram("guarded", { file, env: { STATUS: "401" } });
  expect((await fetch(program.url)).status).toBe(401);
});

test("what never gets ready is stopped, and named with what it said", async () => {
  const started = startProgram("broken", { file, env: { STATUS: "503" }, timeoutMs: 3_000 });
  await expect(started).rejects.toThrow(/^broken .*3000 ?ms[^]*asked for \//);
});

test("what ends is named at once, with what it said", async () => {
  const began = performance.now();
  await expect(startProgram("dying", { file, env: { BREAK: "out of milk" } })).rejects.toThrow(
    /^dying [^]*out of milk/,
  );
  expect(performance.now() - began).toBeLessThan(15_000);
});

test("a file that is not there is named", async () => {
  await expect(startProgram("absent", { file: "/nowhere/program.js" })).rejects.toThrow(/^absent [^]*nowhere/);
});
