import { afterEach, beforeEach, expect, test, vi } from "vitest";

let lines: string[];

beforeEach(() => {
  lines = [];
  vi.spyOn(console, "error").mockImplementation((line: string) => void lines.push(line));
  // Nobody listens there, whatever engine this machine has.
  vi.stubEnv("DOCKER_HOST", "tcp://127.0.0.1:1");
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** As a new process would decide. */
async function decide(wanted: string) {
  vi.stubEnv("TEST_SERVICES", wanted);
  vi.resetModules();
  const { mode, modeFor } = await import("../../src/services/mode.ts");
  return { mode, modeFor };
}

test("process asks no engine and says nothing", async () => {
  const { mode } = await decide("process");
  expect(await mode()).toEqual({ mode: "process", why: "TEST_SERVICES=process" });
  expect(lines).toEqual([]);
});

test("containers without an engine is an error that names the way on", async () => {
  const { mode } = await decide("containers");
  await expect(mode()).rejects.toThrow(/no engine answers.*scripts\/ensure-docker\.sh/);
});

test.for(["auto", ""])("%j without an engine means processes, and one line that says so", async (wanted) => {
  const { mode, modeFor } = await decide(wanted);
  expect(await mode()).toEqual({ mode: "process", why: "no container engine answers" });
  expect(await modeFor("postgres:18-alpine")).toEqual(await mode());
  expect(lines).toEqual([expect.stringMatching(/services run as PROCESSES: no container engine answers/)]);
});

test("anything else is an error", async () => {
  const { mode } = await decide("docker");
  await expect(mode()).rejects.toThrow('TEST_SERVICES is "docker", which is none of containers, process, auto.');
});
