import type { Answers } from "./answers/answers.ts";
import type { Level } from "./kinds.ts";
import { type Auth, type GeneratedTool, generateTools, OpenApiError } from "./openapi/index.ts";
import { print } from "./openapi/code.ts";
import { literal } from "./openapi/literals.ts";
import { Problem } from "./problem.ts";
import type { DescribedApi, GeneratedTools } from "./project/render.ts";

const allowed: Readonly<Record<Level, readonly GeneratedTool["access"][]>> = {
  read: ["read"],
  write: ["read", "write"],
  full: ["read", "write", "destructive"],
};

/**
 * The tools of an API's description, and the files that go with them: a stand-in for the service, the sample call of suites
 * across servers, and the skill.
 * @throws Problem for a description or operations that cannot be used
 */
export async function toolsOfApi(
  described: string,
  file: string,
  operations: readonly string[],
  { names, access, token = `${names.variable}_TOKEN` }: Answers,
): Promise<GeneratedTools> {
  const { files, tools, title, baseUrl, auth, checkPath, notes } = await told(
    generateTools({ file, text: described }, operations),
  );
  const above = tools.filter((tool) => !allowed[access].includes(tool.access));
  if (above.length > 0)
    throw new Problem(
      `--access ${access} leaves out ${above.map(({ operation }) => operation).join(", ")}. Name a higher level, or other operations.`,
    );
  return {
    files: new Map([
      ...files,
      ["SKILL.md", skill(names, title ?? names.title, tools)],
      ["test/sample.ts", sample(tools, credentialOf(auth) && token)],
      ["test/service.integration.test.ts", INTEGRATION],
      ["test/service.mjs", SERVICE],
    ]),
    api: {
      url: baseUrl,
      credential: credentialOf(auth),
      checkPath,
      // Generous: the author lowers it to what the first test run says.
      budget: 100 + tools.length * 400,
    },
    notes,
  };
}

/** @throws Problem that lists the operations of a description, or says what is wrong with it */
export async function refuseWithoutOperations(described: string, file: string): Promise<void> {
  await told(generateTools({ file, text: described }, []));
}

async function told<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof OpenApiError)
      throw new Problem(`${error.message}${error.message.includes("\n") ? "\n" : " "}Nothing was written.`, {
        cause: error,
      });
    throw error;
  }
}

function credentialOf(auth: Auth): DescribedApi["credential"] {
  if (auth.kind === "bearer") return { header: "authorization", prefix: "Bearer " };
  if (auth.kind === "basic") return { header: "authorization", prefix: "Basic " };
  return auth.kind === "header" ? { header: auth.name.toLowerCase(), prefix: "" } : undefined;
}

function skill({ server, title: name }: Answers["names"], title: string, tools: readonly GeneratedTool[]): string {
  const lines = tools.map((tool, i) => `${i + 1}. \`${tool.name}\`: ${tool.title}.`);
  return `---
name: ${server}
description: Work with ${title}. Use it when a task involves it.
---

# Working with ${name}

${lines.join("\n")}

An error says what to do next: do that. A tool that is missing was switched off by the operator; tell your person which option turns it on instead of working around it.
`;
}

/** The first tool that reads; where there is none, any, with the operator's consent to what it does to a stand-in. */
function sample(tools: readonly GeneratedTool[], token: string | undefined): string {
  const reading = tools.find((tool) => tool.access === "read");
  const tool = reading ?? (tools[0] as GeneratedTool);
  const [method = ""] = tool.operation.split(" ");
  const level = reading ? "" : ', "--access", "full", "--confirm", "host"';
  const call = { tool: tool.name, arguments: tool.input, contains: `answered: ${method}` };
  return `import { fileURLToPath } from "node:url";
import { type Sample, startProgram } from "@mooring/testing";

/** What suites across servers need to run this one: a service to talk to, and a call with a known answer. */
export const sample: Sample = {
  call: ${print(literal(call), 2, 8)},
  async start() {
    const service = await startProgram("service", { file: fileURLToPath(new URL("service.mjs", import.meta.url)) });
    return {
      args: ["--url", service.url${level}],
      ${token === undefined ? "" : `env: { ${token}: "test-token" },\n      `}services: [service],
      [Symbol.asyncDispose]: () => service.stop(),
    };
  },
};
`;
}

const SERVICE = `// A stand-in for the service: it answers every request with what it was asked. Make it as true as your tests need it.
import { createServer } from "node:http";

createServer((request, response) => {
  const { pathname } = new URL(request.url, "http://service");
  request.resume();
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ answered: \`\${request.method} \${pathname}\` }));
}).listen(Number(process.env.PORT), process.env.HOST ?? "127.0.0.1");
`;

const INTEGRATION = `import { fileURLToPath } from "node:url";
import { connectStdio, eras, keepArtifacts } from "@mooring/testing";
import { beforeEach, expect, test } from "vitest";
import { sample } from "./sample.ts";

const bin = fileURLToPath(new URL("../dist/bin.js", import.meta.url));
beforeEach(keepArtifacts);

// The built program against a running service; what the stand-in is to the real one, the real one's image can replace.
test.for(eras)("a call reaches the service and comes back (era %s)", async (era) => {
  await using started = await sample.start("");
  await using session = await connectStdio(process.execPath, [bin, ...started.args], { era, env: started.env });
  const { content } = await session.call(sample.call.tool, { ...sample.call.arguments });
  expect(JSON.stringify(content)).toContain(sample.call.contains);
});
`;
