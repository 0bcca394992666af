import { kindOfStatus } from "@mooring/core";
import { print } from "./code.ts";
import { literal, quoted, text } from "./literals.ts";
import { requestOf } from "./request.ts";
import { sampleOf } from "./sample.ts";
import type { Status } from "./statuses.ts";
import { accessOf, type ToolPlan } from "./tool-file.ts";

/** Beyond that a test shows what has to be given, and no more. */
const MOST_LINES = 30;

/** The source of `test/tools/<tool>.test.ts`. */
export function testFile(plan: ToolPlan): string {
  const { operation, tool, list } = plan;
  const isAsked = accessOf(operation.method) === "destructive";
  const all = inputOf(plan, () => true);
  const input =
    print(literal(all)).split("\n").length > MOST_LINES ? inputOf(plan, ({ isRequired }) => isRequired) : all;
  const request = requestOf(operation, list, new Map(Object.entries(input)));
  const name = quoted(tool);
  const call = list.length === 0 ? `mcp.call(${name})` : `mcp.call(${name}, INPUT)`;
  const options = `{ deps, access: "full"${isAsked ? ", answer: () => true" : ""} }`;
  return [
    imports(),
    [
      ...(list.length === 0 ? [] : [`const INPUT = ${print(literal(input), 0, 14)};`]),
      `const REQUEST = ${print(literal(request), 0, 16)};`,
    ].join("\n"),
    sends({ call, options }),
    ...(isAsked ? [asks(call)] : []),
    explains(plan, { call, options }),
    refuses(name, list.length > 0, options),
  ].join("\n\n");
}

/** Sample arguments of the tool: those that `isTaken`. */
export function inputOf(
  { list }: ToolPlan,
  isTaken: (argument: ToolPlan["list"][number]) => boolean,
): Record<string, unknown> {
  return Object.fromEntries(list.filter(isTaken).map(({ name, shape }) => [name, sampleOf(shape)]));
}

function imports(): string {
  return [
    'import { HttpApiError } from "@mooring/core";',
    'import { connect } from "@mooring/testing";',
    'import { expect, test } from "vitest";',
    'import { server } from "../../src/server.ts";',
    'import { fakeApi } from "../fake-api.ts";',
  ].join("\n");
}

interface Parts {
  readonly call: string;
  readonly options: string;
}

const KEY = "[`${REQUEST.method} ${REQUEST.path}`]";

function sends({ call, options }: Parts): string {
  return `test("sends one request, and shows the answer", async () => {
  const { deps, sent } = fakeApi({ ${KEY}: { told: "so" } });
  await using mcp = await connect(server, ${options});
  const { isError, content } = await ${call};
  expect(sent).toEqual([REQUEST]);
  expect(isError).not.toBe(true);
  expect(content).toEqual([{ type: "text", text: expect.stringContaining("told") }]);
});`;
}

function asks(call: string): string {
  return `test.for([true, false])("asks a person, and does what they say (%s)", async (agrees) => {
  const { deps, sent } = fakeApi({ ${KEY}: { told: "so" } });
  const asked: string[] = [];
  const answer = (question: string) => asked.push(question) > 0 && agrees;
  await using mcp = await connect(server, { deps, access: "full", answer });
  const { isError } = await ${call};
  expect(asked).toHaveLength(1);
  expect(sent).toHaveLength(agrees ? 1 : 0);
  expect(isError === true).toBe(!agrees);
});`;
}

function explains({ statuses }: ToolPlan, { call, options }: Parts): string {
  const shown: Status = statuses.find(({ meaning }) => meaning !== undefined) ?? statuses[0] ?? { status: 403 };
  const { status, meaning } = shown;
  const check =
    meaning === undefined
      ? ""
      : `\n  ${declared("text", meaning)}\n  expect(content).toEqual([{ type: "text", text: expect.stringContaining(text) }]);`;
  return `test("says what status ${status} means", async () => {
  const { deps } = fakeApi({ ${KEY}: new HttpApiError("The service", ${status}, "") });
  await using mcp = await connect(server, ${options});
  const { _meta${meaning === undefined ? "" : ", content"} } = await ${call};
  expect(_meta?.["mooring/error"]).toMatchObject({ kind: ${quoted(kindOfStatus(status))} });${check}
});`;
}

/** A constant with a text, on two lines where it is long. */
function declared(name: string, value: string): string {
  const printed = print(
    { kind: "call", callee: "", parameters: [text(value)] },
    2,
    2 + `const ${name} = `.length - 2,
    1,
  );
  return printed.includes("\n") ? `const ${name} =\n    ${quoted(value)};` : `const ${name} = ${quoted(value)};`;
}

function refuses(name: string, hasInput: boolean, options: string): string {
  return `test("refuses an argument that it does not have", async () => {
  const { deps, sent } = fakeApi({});
  await using mcp = await connect(server, ${options});
  const input = { ${hasInput ? "...INPUT, " : ""}no_such_argument: 1 };
  const { _meta } = await mcp.call(${name}, input);
  expect(_meta?.["mooring/error"]).toMatchObject({ kind: "invalid_input" });
  expect(sent).toEqual([]);
});
`;
}
