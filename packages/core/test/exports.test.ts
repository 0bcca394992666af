// What @mooring/core promises: a name that goes or comes here is a change for everybody who builds on it.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { exported } from "./support/exported.ts";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");

test("the subpaths", () => {
  const { exports } = JSON.parse(read("../package.json")) as { exports: Record<string, unknown> };
  expect(Object.keys(exports)).toEqual([".", "./stdio", "./http", "./docs", "./bundle", "./testing", "./package.json"]);
});

test.for(["index", "stdio", "http", "docs", "bundle", "testing"])(
  "%s: what its text says is what it exports",
  async (entry) => {
    const values = exported(entry).filter((name) => !name.startsWith("type "));
    expect(Object.keys((await import(`../src/${entry}.ts`)) as object).toSorted()).toEqual(values);
  },
);

test("@mooring/core", () => {
  expect(exported("index")).toMatchInlineSnapshot(`
    [
      "ConfigError",
      "HttpApiError",
      "ToolError",
      "accessLevels",
      "accessOf",
      "byArgument",
      "cacheKey",
      "contentGuardModes",
      "contentVerdict",
      "countInvisible",
      "createCache",
      "createCursors",
      "createFetch",
      "createHttpApi",
      "createTokenStore",
      "currentRef",
      "defineOptions",
      "defineServer",
      "duration",
      "errorKinds",
      "fetchErrorToToolError",
      "findSecrets",
      "httpApiError",
      "isAlive",
      "kindOfStatus",
      "limitArgument",
      "lines",
      "login",
      "logout",
      "makeFolder",
      "more",
      "nearest",
      "openStateFolder",
      "outboundProblems",
      "page",
      "poll",
      "prepare",
      "promptFactory",
      "resolveCredential",
      "resourceFactory",
      "scopeMemory",
      "secretMembers",
      "showInvisible",
      "stateFile",
      "stateFolder",
      "storedCredential",
      "toToolError",
      "toolFactory",
      "type Access",
      "type AccessLevel",
      "type AccessRule",
      "type Aliases",
      "type AnyTool",
      "type AuditVerdict",
      "type BreakerState",
      "type Cache",
      "type CallContext",
      "type CheckLine",
      "type CommonConfig",
      "type Completers",
      "type ConfigOf",
      "type ContentBlock",
      "type ContentGuardMode",
      "type Credential",
      "type Cursors",
      "type ErrorDetails",
      "type ErrorKind",
      "type ErrorMapper",
      "type Host",
      "type HttpApi",
      "type HttpApiOptions",
      "type HttpApiRequest",
      "type LockOptions",
      "type Log",
      "type LoginOptions",
      "type OAuthService",
      "type Option",
      "type Options",
      "type OutboundOptions",
      "type Prepared",
      "type PromptDefinition",
      "type PromptMessage",
      "type Question",
      "type RecordTool",
      "type Resource",
      "type ResourceContent",
      "type ResourceDefinition",
      "type ResourcePage",
      "type RuntimeOptions",
      "type ScopeMemory",
      "type SecretSpan",
      "type ServerDefinition",
      "type StateFile",
      "type StoredToken",
      "type TextTool",
      "type TokenStore",
      "type ToolContext",
      "type Toolset",
      "type Upstream",
      "type UpstreamOptions",
      "type Verdict",
      "untrusted",
      "upstream",
      "verifyAudit",
      "withLock",
      "writeAtomically",
    ]
  `);
});

test("@mooring/core/stdio", () => {
  expect(exported("stdio")).toMatchInlineSnapshot(`
    [
      "exitCodes",
      "runServer",
      "type Answer",
      "type CheckLine",
      "type Command",
      "type Host",
      "type RunOptions",
    ]
  `);
});

test("@mooring/core/http", () => {
  expect(exported("http")).toMatchInlineSnapshot(`
    [
      "serveOverHttp",
      "type HttpOptions",
      "type HttpServing",
    ]
  `);
});

test("@mooring/core/docs", () => {
  expect(exported("docs")).toMatchInlineSnapshot(`
    [
      "DocumentError",
      "budgetTable",
      "budgets",
      "commonOptions",
      "configurations",
      "exitCodeTable",
      "fillSections",
      "hostSnippets",
      "hosts",
      "informationFlags",
      "informationTable",
      "jsonText",
      "mcpbManifest",
      "optionTable",
      "pipeline",
      "publishedLaunch",
      "readPackageManifest",
      "readmeSections",
      "replaceSection",
      "resourceTable",
      "sectionNames",
      "serverJson",
      "table",
      "toolTable",
      "type Budget",
      "type Host",
      "type Launch",
      "type McpbField",
      "type McpbManifest",
      "type PackageManifest",
      "type RegistryInput",
      "type Sections",
      "type ServerJson",
    ]
  `);
});

test("@mooring/core/testing", () => {
  expect(exported("testing")).toMatchInlineSnapshot(`
    [
      "connect",
      "eras",
      "lintTools",
      "serverSurface",
      "surface",
      "type ConnectOptions",
      "type Era",
      "type TestClient",
    ]
  `);
});

test("@mooring/core/bundle", () => {
  expect(exported("bundle")).toMatchInlineSnapshot(`
    [
      "bundle",
      "type BundleOptions",
    ]
  `);
});
