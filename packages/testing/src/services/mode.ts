import { existsSync } from "node:fs";
import { isLocalOnly } from "./pull-policy.ts";

/** How services run: in containers, or as plain processes of this machine. */
export type Mode = "containers" | "process";

export interface Decision {
  readonly mode: Mode;
  readonly why: string;
}

/** An environment variable; `undefined` when it is empty. */
export function variable(name: string): string | undefined {
  return process.env[name] || undefined;
}

let decided: Promise<Decision> | undefined;

/**
 * How services run, decided once per process by `TEST_SERVICES`: `containers` (throws where no engine answers), `process`
 * (Docker is never asked), or `auto` and unset (containers where an engine answers, else processes and one line on stderr).
 */
export function mode(): Promise<Decision> {
  decided ??= decide();
  return decided;
}

const said = new Set<string>();

/** Nothing is skipped in silence: whoever expected containers reads why there are none. */
function processes(why: string): Decision {
  if (!said.has(why))
    console.error(`@mooring/testing: services run as PROCESSES: ${why} (TEST_SERVICES=containers makes this an error)`);
  said.add(why);
  return { mode: "process", why };
}

async function decide(): Promise<Decision> {
  const wanted = variable("TEST_SERVICES") ?? "auto";
  if (wanted === "process") return { mode: "process", why: "TEST_SERVICES=process" };
  if (wanted !== "auto" && wanted !== "containers")
    throw new Error(`TEST_SERVICES is "${wanted}", which is none of containers, process, auto.`);
  const engine = await answeringEngine();
  if (engine) return { mode: "containers", why: `Docker ${engine} answers` };
  if (wanted === "auto") return processes("no container engine answers");
  throw new Error(
    "TEST_SERVICES=containers, but no engine answers. Run scripts/ensure-docker.sh, or set TEST_SERVICES=process.",
  );
}

async function answeringEngine(): Promise<string | undefined> {
  // Loading testcontainers takes most of a second: only where it is asked.
  const { getContainerRuntimeClient } = await import("testcontainers");
  if (engineIsHere()) process.env["TESTCONTAINERS_HOST_OVERRIDE"] ??= "127.0.0.1";
  try {
    return String((await getContainerRuntimeClient()).info.containerRuntime.serverVersion);
  } catch {
    return undefined;
  }
}

/**
 * A machine that has a `/.dockerenv` looks like a container to testcontainers, which then asks for published ports at the
 * bridge's address. An engine whose bridge is ours runs here, and may publish on loopback alone (scripts/ensure-docker.sh).
 */
function engineIsHere(): boolean {
  const host = variable("DOCKER_HOST");
  return (host === undefined || host.startsWith("unix:")) && existsSync("/sys/class/net/docker0");
}

const asked = new Map<string, Promise<Decision>>();

/**
 * How a service runs that needs this image: as {@link mode} says, but under `auto` an image that cannot be had means a
 * process, and one line on stderr. Throws where containers were asked for and the image is missing.
 */
export async function modeFor(image: string): Promise<Decision> {
  const decision = await mode();
  if (decision.mode === "process") return decision;
  const known = asked.get(image) ?? images(image, decision);
  asked.set(image, known);
  return known;
}

async function images(image: string, decision: Decision): Promise<Decision> {
  const reaper = process.env["TESTCONTAINERS_RYUK_DISABLED"] === "true" ? [] : [reaperImage()];
  for (const name of [...reaper, image]) {
    const problem = await missing(name);
    if (problem === undefined) continue;
    if (variable("TEST_SERVICES") !== "containers") return processes(problem);
    throw new Error(
      `TEST_SERVICES=containers, but ${problem}. Run scripts/ensure-images.sh and export the lines it prints.`,
    );
  }
  return decision;
}

/** testcontainers' own default, so that a missing one is named before the first start fails on it. */
function reaperImage(): string {
  return variable("RYUK_CONTAINER_IMAGE") ?? "testcontainers/ryuk:0.14.0";
}

/** Why an image cannot be had; pulls what is neither here nor ours. */
async function missing(image: string): Promise<string | undefined> {
  const { getContainerRuntimeClient, ImageName } = await import("testcontainers");
  const client = await getContainerRuntimeClient();
  const name = ImageName.fromString(image);
  if (await client.image.exists(name)) return undefined;
  if (isLocalOnly(image)) return `there is no image ${image}`;
  try {
    await client.image.pull(name);
    return undefined;
  } catch {
    return `the image ${image} is not here and cannot be pulled`;
  }
}
