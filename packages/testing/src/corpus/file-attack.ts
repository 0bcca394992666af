import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expandVariables, NotApplicable } from "./case.ts";
import type { FileCase, FileOperation, FileRace } from "./file-case.ts";
import { type Evidence, whyNot } from "./file-check.ts";
import { type Answer, ask, type FileTarget, type StartTarget } from "./file-target.ts";
import { openWorkspace, type Workspace } from "./file-workspace.ts";
import { cpuSeconds } from "./process-tree.ts";
import type { Findings } from "./result.ts";
import { startSwapper } from "./swapper.ts";

const TIMEOUT_MS = 6000;

/** Runs one case against a fresh server in fresh directories; what is wrong with what it did. */
export async function attackFiles(testCase: FileCase, start: StartTarget): Promise<Findings> {
  using workspace = openWorkspace(testCase.id);
  try {
    for (const command of testCase.setup) await mustRun(workspace, command);
    const target = await start({
      roots: [workspace.root, ...(testCase.roots ?? []).map((root) => workspace.expand(root))],
      clientRoots: testCase.clientRoots?.map((uri) => workspace.expand(uri)),
      home: workspace.home,
      stateDir: workspace.stateDir,
      base: workspace.base,
    });
    try {
      return await examine(testCase, { target, workspace });
    } finally {
      await target.close();
    }
  } finally {
    for (const command of testCase.cleanup ?? []) await workspace.shell(command);
  }
}

interface Scene {
  readonly target: FileTarget;
  readonly workspace: Workspace;
}

async function examine(testCase: FileCase, scene: Scene): Promise<Findings> {
  const notes: string[] = [];
  const evidence = testCase.race ? await race(testCase, testCase.race, scene, notes) : await once(testCase, scene);
  if (testCase.checks.some(({ kind }) => kind === "info")) notes.push(evidence.answer.text.slice(0, 200));
  const problems: string[] = [];
  for (const check of testCase.checks) {
    const problem = await whyNot(check, evidence, scene);
    if (problem !== undefined) problems.push(problem);
  }
  const faults = scene.target.faults?.() ?? [];
  problems.push(...faults.slice(0, 3).map((fault) => `fault: ${fault}`));
  return { problems, notes };
}

async function mustRun(workspace: Workspace, command: string): Promise<void> {
  const { code, said } = await workspace.shell(command);
  if (code !== 0) throw new Error(`The setup "${command}" ended with ${code}: ${said}`);
}

/** Variables in every string but what is written into files. */
function expanded(operation: FileOperation, workspace: Workspace, attempt?: number): FileOperation {
  const expand = (value: unknown, key?: string): unknown => {
    if (key === "content" || key === "edits") return value;
    if (typeof value === "string") {
      const text = workspace.expand(value);
      return attempt === undefined ? text : expandVariables(text, { i: String(attempt) });
    }
    if (Array.isArray(value)) return value.map((each) => expand(each));
    if (typeof value === "object" && value !== null)
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, expand(each, name)]));
    return value;
  };
  return expand(operation) as FileOperation;
}

async function once(testCase: FileCase, scene: Scene): Promise<Evidence> {
  const operation = expanded(testCase.op, scene.workspace);
  const timeout = testCase.timeout ?? TIMEOUT_MS;
  const composite = COMPOSITES[operation.op];
  if (composite) return composite(operation, scene, timeout);
  return single(await ask(scene.target, operation, timeout));
}

function single(answer: Answer): Evidence {
  return { answer, answers: [answer] };
}

type Composite = (operation: FileOperation, scene: Scene, timeout: number) => Promise<Evidence>;

/** Operations that are more than one call. */
const COMPOSITES: Readonly<Record<string, Composite>> = {
  async read_each({ paths = [] }, { target }) {
    const answers: Answer[] = [];
    for (const path of paths) answers.push(await ask(target, { op: "read", path }, 800));
    return { answer: answers.at(-1) ?? nothing(), answers };
  },

  async stat_pair({ a = "", b = "" }, { target }, timeout) {
    const first = await ask(target, { op: "stat", path: a }, timeout);
    const second = await ask(target, { op: "stat", path: b }, timeout);
    return {
      answer: second,
      answers: [first, second],
      pair: [first.text.replaceAll(a, "P"), second.text.replaceAll(b, "P")],
    };
  },

  async edit_all({ path = "", lines = 0, dry_run }, { target }, timeout) {
    const block = (letter: string) => Array.from({ length: lines }, (_, at) => `${letter}${at + 1}`).join("\n");
    const edits = [{ old: block("a"), new: block("b") }];
    return single(
      await ask(target, { op: "edit", path, edits, ...(dry_run === undefined ? {} : { dry_run }) }, timeout),
    );
  },

  async parallel_edits({ path = "", n = 0 }, { target }, timeout) {
    const answers = await Promise.all(
      Array.from({ length: n }, (_, at) =>
        ask(target, { op: "edit", path, edits: [{ old: `line${at + 1}!`, new: `line${at + 1}DONE` }] }, timeout),
      ),
    );
    return { answer: answers.at(-1) ?? nothing(), answers };
  },

  cancel_find: ({ path = "", pattern = "", after = 0 }, scene) => cancel({ op: "find", path, pattern }, after, scene),

  /** Ours: any first step, cancelled. */
  cancel: ({ steps = [], after = 0 }, scene) => cancel(steps[0] ?? { op: "none" }, after, scene),

  async revoke_roots_then_read({ path = "" }, { target }, timeout) {
    if (!target.setClientRoots) throw new NotApplicable("the client of this run declares no roots");
    await target.setClientRoots([]);
    await sleep(300);
    return single(await ask(target, { op: "read", path }, timeout));
  },

  /** Ours, not of the shared corpus: steps one after the other; the last answer counts. */
  async sequence({ steps = [] }, scene, timeout) {
    const answers: Answer[] = [];
    const kept: Record<string, string> = {};
    for (const each of steps) {
      const step = JSON.parse(expandVariables(JSON.stringify(each), kept)) as FileOperation;
      if (step.op === "shell") await mustRun(scene.workspace, step.cmd ?? "");
      else if (step.op === "sleep") await sleep(step.after ?? 0);
      else {
        const answer = await ask(scene.target, step, timeout);
        answers.push(answer);
        for (const [name, pattern] of Object.entries(step.keep ?? {})) {
          const found = new RegExp(pattern, "m").exec(answer.text)?.[1];
          if (found === undefined)
            throw new Error(`No ${name} (${pattern}) in ${JSON.stringify(answer.text.slice(0, 300))}.`);
          kept[name] = found;
        }
      }
    }
    return { answer: answers.at(-1) ?? nothing(), answers };
  },

  /** Ours: the same call `n` times at once. */
  async parallel({ steps = [], n = 1 }, { target }, timeout) {
    const calls = Array.from({ length: n }, (_, at) =>
      steps.map((step) =>
        ask(target, JSON.parse(expandVariables(JSON.stringify(step), { k: String(at + 1) })) as FileOperation, timeout),
      ),
    );
    const answers = await Promise.all(calls.flat());
    return { answer: answers.at(-1) ?? nothing(), answers };
  },
};

/** Cancels an operation after a while, then measures what the server still computes. */
async function cancel(operation: FileOperation, after: number, { target }: Scene): Promise<Evidence> {
  const controller = new AbortController();
  const pending = target.call(operation, controller.signal).catch(() => undefined);
  await sleep(after);
  controller.abort(new Error("cancelled by the case"));
  await sleep(20);
  const before = cpuSeconds(target.pid);
  await sleep(2000);
  const now = cpuSeconds(target.pid);
  await Promise.race([pending, sleep(100)]);
  const cpuAfterSeconds = before === undefined || now === undefined ? undefined : now - before;
  return { ...single(nothing()), cpuAfterSeconds };
}

function nothing(): Answer {
  return { error: true, text: "", strings: "", ms: 0 };
}

async function race(testCase: FileCase, settings: FileRace, scene: Scene, notes: string[]): Promise<Evidence> {
  if (testCase.op.op === "move_fresh") return moveFresh(testCase, settings, scene);
  const { workspace } = scene;
  const call = (attempt: number) =>
    ask(scene.target, expanded(testCase.op, workspace, attempt), testCase.timeout ?? TIMEOUT_MS);
  if (settings.watch_mode) {
    const watching = await watchModes(dirname(expanded(testCase.op, workspace).path ?? ""));
    const [answers] = await Promise.all([loop(settings, call), sleep(2500)]);
    return { answer: answers.at(-1) ?? nothing(), answers, wideModes: await watching.stop() };
  }
  const [a, b] = settings.swap ?? [];
  if (a === undefined || b === undefined) throw new Error("The race names nothing to exchange.");
  const below = (name: string) => (isAbsolute(name) ? name : join(workspace.base, name));
  const swapper = await startSwapper({
    names: [below(workspace.expand(a)), below(workspace.expand(b))],
    us: settings.us ?? 0,
  });
  let answers: Answer[] = [];
  let exchanges = 0;
  try {
    answers = await loop(settings, call);
  } finally {
    exchanges = await swapper.stop();
  }
  const good = answers.filter(({ error }) => !error).length;
  notes.push(`${exchanges} exchanges by ${swapper.means} during ${answers.length} calls, ${good} of them answered`);
  return { answer: answers.at(-1) ?? nothing(), answers };
}

/** `n` calls, `concurrency` at a time. */
async function loop({ n, concurrency = 1 }: FileRace, call: (attempt: number) => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  let next = 0;
  const lane = async () => {
    while (next < n) answers.push(await call(next++));
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return answers;
}

/** Somebody else creates the destination while it is moved to: what they made must survive. */
async function moveFresh(testCase: FileCase, settings: FileRace, { target, workspace }: Scene): Promise<Evidence> {
  const precious: string[] = [];
  const answers = await loop(settings, async (attempt) => {
    const { src = "", dst = "" } = expanded(testCase.op, workspace, attempt);
    await writeFile(src, "moved");
    const moving = ask(target, { op: "move", src, dst }, testCase.timeout ?? TIMEOUT_MS);
    await sleep(Math.random() * 2);
    await writeFile(dst, "PRECIOUS", { flag: "wx" }).then(
      () => precious.push(dst),
      () => undefined,
    );
    return moving;
  });
  return { answer: answers.at(-1) ?? nothing(), answers, precious };
}

async function watchModes(directory: string): Promise<{ stop(): Promise<number> }> {
  const script = fileURLToPath(new URL("../../src/corpus/watch-modes.mjs", import.meta.url));
  const child = spawn(process.execPath, [script, directory], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  await new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      resolve();
    });
  });
  return {
    async stop() {
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGTERM");
      await ended;
      const [modes] = output.trim().split("\n").at(-1)?.split(" ") ?? [];
      return Number.parseInt(modes ?? "", 8);
    },
  };
}
