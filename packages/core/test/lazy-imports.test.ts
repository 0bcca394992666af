import { execFile } from "node:child_process";
import nodeModule from "node:module";
import { promisify } from "node:util";
import { expect, test } from "vitest";

// What a server that asks no service must not pay for at its start.
const HEAVY = ["undici", "cockatiel", "lru-cache", "child_process", "node:http", "node:https", "node:tls"];

test("the outward side loads nothing heavy until it is used", async ({ skip }) => {
  if (!("registerHooks" in nodeModule)) skip("needs module.registerHooks of Node 22.15");
  const modules = ["credentials", "token-store", "oauth", "fetch", "upstream", "cache", "state", "lock"];
  const program = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ resolve(specifier, context, next) { loaded.push(specifier); return next(specifier, context); } });
    const all = await Promise.all(${JSON.stringify(modules.map((name) => new URL(`../src/${name}.ts`, import.meta.url).href))}.map((url) => import(url)));
    const [credentials, , oauth, fetch, upstream, cache] = all;
    credentials.resolveCredential("X", { env: { X: "value" }, onSecret() {} });
    fetch.createFetch({ env: { HTTPS_PROXY: "http://proxy:1" } });
    upstream.upstream("Example").state();
    cache.createCache({ maxBytes: 10 });
    console.log(JSON.stringify({ modules: loaded.length, heavy: loaded.filter((name) => ${JSON.stringify(HEAVY)}.some((heavy) => name.includes(heavy))) }));`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--no-warnings",
    "--experimental-strip-types",
    "--input-type=module",
    "-e",
    program,
  ]);
  const { modules: count, heavy } = JSON.parse(stdout) as { modules: number; heavy: string[] };
  expect(count).toBeGreaterThan(modules.length);
  expect(heavy).toEqual([]);
});
