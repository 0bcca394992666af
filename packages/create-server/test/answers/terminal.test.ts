import { PassThrough } from "node:stream";
import { expect, test, vi } from "vitest";
import { askInTerminal } from "../../src/answers/terminal.ts";
import { kinds } from "../../src/kinds.ts";
import { Problem } from "../../src/problem.ts";

/** Streams as a terminal's; `type` waits until what was asked can be seen. */
function terminal({ isTTY = false } = {}) {
  const input = Object.assign(new PassThrough(), { isTTY, setRawMode: () => input }) as unknown as NodeJS.ReadStream &
    PassThrough;
  const output = Object.assign(new PassThrough(), { isTTY, columns: 100 }) as unknown as NodeJS.WriteStream &
    PassThrough;
  let shown = "";
  output.on("data", (chunk: Buffer) => (shown += chunk.toString()));
  const type = async (text: string, after: string) => {
    await vi.waitFor(() => expect(shown).toContain(after));
    shown = "";
    input.write(text);
  };
  return { input, output, type, shown: () => shown };
}

const read = (answer: string) => {
  if (answer === "bad") throw new Problem("bad is bad.");
  return answer.length;
};

test("Enter takes what stands in brackets, and every answer is read", async () => {
  const { input, output, type } = terminal();
  using questions = askInTerminal(input, output);
  const first = questions.text("Name", "weather", read);
  await type("\n", "Name [weather] ");
  expect(await first).toBe(7);
  const second = questions.text("Name", "weather", read);
  await type("  abc \n", "Name [weather] ");
  expect(await second).toBe(3);
});

test.for([
  ["", "http-api"],
  ["2", "database"],
  ["local", "local"],
  ["LOCAL", "local"],
] as const)("%j chooses %s", async ([answer, kind]) => {
  const { input, output, type, shown } = terminal();
  using questions = askInTerminal(input, output);
  const chosen = questions.choice("What does it wrap?", kinds, "http-api");
  await vi.waitFor(() => expect(shown()).toContain("What does it wrap?\n  1 http-api  a service with an HTTP API\n"));
  await type(`${answer}\n`, "Number or name [http-api] ");
  expect(await chosen).toBe(kind);
});

test("a wrong answer is told why, and asked again", async () => {
  const { input, output, type } = terminal();
  using questions = askInTerminal(input, output);
  const chosen = questions.choice("What?", kinds, "http-api");
  await type("4\n", "Number or name");
  await type("0\n", 'There is no "4" in the list.\n');
  await type("-1\n", 'There is no "0" in the list.\n');
  await type("1.5\n", 'There is no "-1" in the list.\n');
  await type("databse\n", 'There is no "1.5" in the list.\n');
  await type("local\n", 'There is no "databse" in the list; did you mean database?\n');
  expect(await chosen).toBe("local");
  const name = questions.text("Name", "weather", read);
  await type("bad\n", "Name [weather] ");
  await type("good\n", "bad is bad.\nName [weather] ");
  expect(await name).toBe(4);
});

test("lines that come before they are asked for are not lost", async () => {
  const { input, output } = terminal();
  using questions = askInTerminal(input, output);
  input.write("abc\n2\n\n");
  expect(await questions.text("Name", "weather", read)).toBe(3);
  expect(await questions.choice("What?", kinds, "http-api")).toBe("database");
  expect(await questions.choice("What?", kinds, "local")).toBe("local");
});

const STOPPED = new Problem("Stopped. Nothing was written.");

test("the end of input stops, now and at every later question", async () => {
  const { input, output, type } = terminal();
  using questions = askInTerminal(input, output);
  const name = questions.text("Name", "weather", read);
  await type("bad\n", "Name");
  input.end();
  await expect(name).rejects.toThrow(STOPPED);
  await expect(questions.text("Name", "weather", read)).rejects.toThrow(STOPPED);
  await expect(questions.choice("What?", kinds, "local")).rejects.toThrow(STOPPED);
});

test("an input that ended before its last question still answers what it has", async () => {
  const { input, output } = terminal();
  using questions = askInTerminal(input, output);
  input.end("abc\n");
  await vi.waitFor(() => expect(input.readableEnded).toBe(true));
  expect(await questions.text("Name", "weather", read)).toBe(3);
  await expect(questions.text("Name", "weather", read)).rejects.toThrow(STOPPED);
});

test.for([
  ["Ctrl-C", "\u0003"],
  ["Ctrl-D", "\u0004"],
])("%s stops", async ([, key = ""]) => {
  const { input, output, type, shown } = terminal({ isTTY: true });
  using questions = askInTerminal(input, output);
  const name = questions.text("Name", "weather", read);
  await type(key, "Name [weather] ");
  await expect(name).rejects.toThrow(STOPPED);
  // What is said then stands on a line of its own.
  expect(shown().endsWith("\n")).toBe(true);
});

test("an error that is not the person's is not asked about again", async () => {
  const { input, output, type } = terminal();
  using questions = askInTerminal(input, output);
  const name = questions.text("Name", "weather", () => {
    throw new TypeError("ours");
  });
  await type("x\n", "Name");
  await expect(name).rejects.toThrow(TypeError);
});
