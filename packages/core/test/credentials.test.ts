import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { parseCommand } from "../src/credential-command.ts";
import { type CredentialOptions, resolveCredential } from "../src/credentials.ts";

let folder: string;
let secrets: string[];
let warnings: string[];
let now: number;
beforeEach(async () => {
  secrets = [];
  warnings = [];
  now = 1_000_000;
  folder = await mkdtemp(join(tmpdir(), "credential-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

function token(env: NodeJS.ProcessEnv, more: Partial<CredentialOptions> = {}) {
  return resolveCredential("GITHUB_TOKEN", {
    env,
    onSecret: (value) => secrets.push(value),
    now: () => now,
    log: { warn: (message) => warnings.push(message) },
    ...more,
  });
}

async function file(content: string, mode = 0o600): Promise<string> {
  const path = join(folder, "secret");
  await writeFile(path, content);
  await chmod(path, mode);
  return path;
}

/** A command that counts its runs and prints what the script says; `n` is the number of the run. */
async function command(script: string): Promise<{ argv: string; runs: () => Promise<number> }> {
  const path = join(folder, "command.mjs");
  const count = join(folder, "count");
  await writeFile(
    path,
    `import { appendFileSync, readFileSync } from "node:fs";
     appendFileSync(${JSON.stringify(count)}, "x");
     const n = readFileSync(${JSON.stringify(count)}, "utf8").length;
     ${script}`,
  );
  const { readFile } = await import("node:fs/promises");
  return {
    argv: JSON.stringify([process.execPath, path]),
    runs: async () => (await readFile(count, "utf8").catch(() => "")).length,
  };
}

describe("sources", () => {
  test("the variable counts before its file, the file before its command", async () => {
    const { argv, runs } = await command(`console.log("by-command");`);
    const env = {
      GITHUB_TOKEN: " by-variable\n",
      GITHUB_TOKEN_FILE: await file("by-file\n"),
      GITHUB_TOKEN_COMMAND: argv,
    };
    const first = token(env);
    expect([first.name, first.present, first.source(), await first.get()]).toEqual([
      "GITHUB_TOKEN",
      true,
      "GITHUB_TOKEN",
      "by-variable",
    ]);
    const second = token({ ...env, GITHUB_TOKEN: "" });
    expect([second.source(), await second.get()]).toEqual(["GITHUB_TOKEN_FILE", "by-file"]);
    expect(await runs()).toBe(0);
    const third = token({ GITHUB_TOKEN_COMMAND: argv });
    expect([third.source(), await third.get()]).toEqual(["GITHUB_TOKEN_COMMAND", "by-command"]);
    expect(secrets).toEqual(["by-variable", "by-file", "by-command"]);
  });

  test("a variable is known to the redactor before anybody asks for it", () => {
    token({ GITHUB_TOKEN: "early" });
    expect(secrets).toEqual(["early"]);
  });

  test("a missing one says what to set", async () => {
    const missing = token({});
    expect([missing.present, missing.source(), missing.problem]).toEqual([false, undefined, undefined]);
    await expect(missing.get()).rejects.toMatchObject({
      kind: "unauthenticated",
      message: "GITHUB_TOKEN is not set.",
      hint: "Set GITHUB_TOKEN, GITHUB_TOKEN_FILE or GITHUB_TOKEN_COMMAND in the server's environment.",
    });
  });

  test.for(["${GITHUB_TOKEN}", "${env:GITHUB_TOKEN}", "${input:token}"])(
    "%s is named as not expanded",
    async (value) => {
      const literal = token({ GITHUB_TOKEN: value });
      expect(literal.present).toBe(false);
      expect(literal.problem).toBe(`GITHUB_TOKEN is literally ${value}: the host did not expand it`);
      await expect(literal.get()).rejects.toMatchObject({ kind: "unauthenticated", message: `${literal.problem}.` });
      expect(secrets).toEqual([]);
    },
  );

  test("an empty one is named too", async () => {
    const empty = token({ GITHUB_TOKEN: " " });
    expect(empty.problem).toBe("GITHUB_TOKEN is empty: the host did not expand it, or it was left out");
    await expect(empty.get()).rejects.toMatchObject({ kind: "unauthenticated" });
  });

  test("the fallback serves when nothing is set, but not in place of a variable that was not expanded", async () => {
    const fallback = token({ GITHUB_TOKEN: "stored" });
    expect(await token({}, { fallback }).get()).toBe("stored");
    expect(await token({ GITHUB_TOKEN: "" }, { fallback }).get()).toBe("stored");
    expect(await token({ GITHUB_TOKEN: "own" }, { fallback }).get()).toBe("own");
    await expect(token({ GITHUB_TOKEN: "${X}" }, { fallback }).get()).rejects.toMatchObject({
      kind: "unauthenticated",
    });
    await expect(token({}, { fallback: token({}) }).get()).rejects.toMatchObject({
      hint: expect.stringContaining("or run its login command") as string,
    });
  });
});

describe("files", () => {
  test("open ones are warned of, once", async ({ skip }) => {
    if (process.platform === "win32") skip("no modes on Windows");
    const open = token({ GITHUB_TOKEN_FILE: await file("s", 0o644) });
    const value = await open.get();
    open.reject(value);
    await open.get();
    expect(warnings).toEqual([expect.stringContaining("GITHUB_TOKEN_FILE can be read by other users")]);
    await token({ GITHUB_TOKEN_FILE: await file("s", 0o600) }).get();
    expect(warnings).toHaveLength(1);
  });

  test("a replaced file is read anew after the service refused the old value", async () => {
    const rotating = token({ GITHUB_TOKEN_FILE: await file("old") });
    expect(await rotating.get()).toBe("old");
    await file("new");
    expect(await rotating.get()).toBe("old");
    rotating.reject("old");
    expect(await rotating.get()).toBe("new");
    rotating.reject("old");
    await file("newer");
    expect(await rotating.get()).toBe("new");
  });

  test("what cannot be a secret is refused", async () => {
    const message = async (path: string) => {
      const error: unknown = await token({ GITHUB_TOKEN_FILE: path })
        .get()
        .catch((reason: unknown) => reason);
      return (error as Error).message;
    };
    expect(await message(join(folder, "none"))).toBe("The file named by GITHUB_TOKEN_FILE cannot be read (ENOENT).");
    expect(await message(folder)).toBe("The file named by GITHUB_TOKEN_FILE is not a regular file.");
    expect(await message(await file(" \n"))).toBe("The file named by GITHUB_TOKEN_FILE is empty.");
    expect(await message(await file("x".repeat(70_000)))).toBe(
      "The file named by GITHUB_TOKEN_FILE is far larger than a secret.",
    );
  });
});

describe("commands", () => {
  test("many callers at once are one run, and the value is kept", async () => {
    const { argv, runs } = await command(`setTimeout(() => console.log("v" + n), 50);`);
    const one = token({ GITHUB_TOKEN_COMMAND: argv });
    const controller = new AbortController();
    const leaving = one.get(controller.signal);
    const all = Promise.all([one.get(), one.get(), one.get()]);
    controller.abort();
    await expect(leaving).rejects.toMatchObject({ name: "AbortError" });
    expect(await all).toEqual(["v1", "v1", "v1"]);
    expect(await one.get()).toBe("v1");
    expect(await runs()).toBe(1);
  });

  test("after a 401 it runs again, once; a value that is refused again is not asked for all the time", async () => {
    const { argv, runs } = await command(`console.log("same");`);
    const one = token({ GITHUB_TOKEN_COMMAND: argv });
    for (let call = 0; call < 5; call += 1) {
      const value = await one.get();
      one.reject(value);
      one.reject(value);
    }
    expect(await runs()).toBe(2);
    now += 31_000;
    one.reject("same");
    await one.get();
    expect(await runs()).toBe(3);
  });

  test.for(["new Date(1_300_000).toISOString()", "1300"])("an expiry is honoured (%s)", async (expires) => {
    const { argv, runs } = await command(
      `console.log(JSON.stringify({ token: "t" + n, expires_at: JSON.parse(process.env.EXPIRES) }));`,
    );
    const at: unknown = expires === "1300" ? 1300 : new Date(1_300_000).toISOString();
    const one = token({ GITHUB_TOKEN_COMMAND: argv, EXPIRES: JSON.stringify(at) });
    expect(await one.get()).toBe("t1");
    now = 1_239_000;
    expect(await one.get()).toBe("t1");
    now = 1_240_000;
    expect(await one.get()).toBe("t2");
    expect([await runs(), secrets]).toEqual([2, ["t1", "t2"]]);
  });

  test("no shell reads it", async () => {
    const path = join(folder, "touched");
    const { argv } = await command(`console.log(process.argv.slice(2).join("|"));`);
    const [node, script] = JSON.parse(argv) as [string, string];
    const one = token({ GITHUB_TOKEN_COMMAND: `${node} ${script} $HOME '; touch ${path}' \`id\`` });
    expect(await one.get()).toBe(`$HOME|; touch ${path}|\`id\``);
  });

  test("failures say how, and nothing secret of what the command said", async () => {
    const failure = async (argv: string) => {
      const error: unknown = await token({ GITHUB_TOKEN_COMMAND: argv, PATH: "" })
        .get()
        .catch((reason: unknown) => reason);
      expect(
        JSON.stringify(
          error,
          Object.getOwnPropertyNames(error).filter((key) => key !== "stack"),
        ),
      ).not.toMatch(/s3cr3t|planted|hunter2/);
      return (error as Error).message;
    };
    const failing = async (line: string) =>
      (
        await command(
          `console.error(${JSON.stringify(`${line}\nplanted second line`)}); console.log("s3cr3t-out"); process.exit(3);`,
        )
      ).argv;
    expect(await failure(await failing("vault is locked."))).toBe(
      "The command in GITHUB_TOKEN_COMMAND failed with exit code 3: vault is locked.",
    );
    expect(await failure(await failing("bad token: s3cr3t"))).toBe(
      "The command in GITHUB_TOKEN_COMMAND failed with exit code 3: bad token ….",
    );
    expect(await failure(await failing("cannot open https://ada:s3cr3t@vault.example/x"))).toContain(
      "failed with exit code 3: cannot open …",
    );
    expect(await failure(await failing("no entry planted1234 hunter2"))).toContain("no entry … …");
    expect(await failure('["/does/not/exist", "s3cr3t"]')).toBe("The command in GITHUB_TOKEN_COMMAND was not found.");
    expect(await failure('["s3cr3t", 1]')).toBe("GITHUB_TOKEN_COMMAND is not a command.");
    expect(await failure((await command("")).argv)).toBe("The command in GITHUB_TOKEN_COMMAND printed nothing.");
    expect(await failure((await command(`console.log('{"token": ');`)).argv)).toContain("printed JSON that is not");
    expect(await failure((await command(`console.log('{"secret": "s3cr3t"}');`)).argv)).toContain(
      "printed JSON that is not",
    );
  });

  test("a failure is not kept", async () => {
    const { argv } = await command(`if (n === 1) process.exit(1); console.log("second");`);
    const one = token({ GITHUB_TOKEN_COMMAND: argv });
    await expect(one.get()).rejects.toMatchObject({ kind: "unauthenticated" });
    expect(await one.get()).toBe("second");
  });
});

test.for<[string, string[] | undefined]>([
  ["gh auth token", ["gh", "auth", "token"]],
  ["  op  read 'op://vault/my item/x' ", ["op", "read", "op://vault/my item/x"]],
  ["pass \"a b\"c ''", ["pass", "a bc", ""]],
  ["C:\\tools\\pass.exe show x", ["C:\\tools\\pass.exe", "show", "x"]],
  ['["gh", "auth token"]', ["gh", "auth token"]],
  ["pass 'open", undefined],
  ["[broken", undefined],
  ["[]", undefined],
  ['["", "x"]', undefined],
  ["  ", undefined],
])("%j is the argument vector %j", ([text, expected]) => {
  expect(parseCommand(text)).toEqual(expected);
});
