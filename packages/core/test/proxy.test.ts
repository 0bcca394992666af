import { expect, test } from "vitest";
import { hasProxy, isExempt, proxyFor } from "../src/proxy.ts";

const exempt: [string, string, boolean][] = [
  ["https://api.example.com/", "*", true],
  ["https://api.example.com/", "", false],
  ["https://api.example.com/", "example.com", true],
  ["https://api.example.com/", ".example.com", true],
  ["https://api.example.com/", "*.example.com", true],
  ["https://example.com/", ".example.com", true],
  ["https://badexample.com/", "example.com", false],
  ["https://example.com.evil.test/", "example.com", false],
  ["https://API.example.com./", "other.test, Example.COM", true],
  ["https://example.com/", "example.com:443", true],
  ["https://example.com/", "example.com:8443", false],
  ["https://example.com:8443/", "other example.com:8443", true],
  ["http://10.1.2.3/", "10.0.0.0/8", true],
  ["http://11.1.2.3/", "10.0.0.0/8", false],
  ["http://10.1.2.3:81/", "10.1.2.3:80", false],
  ["http://10.1.2.3/", "10.1.2.3", true],
  ["http://210.1.2.3/", "10.1.2.3", false],
  ["http://[fd00::1]/", "fd00::/8", true],
  ["http://[::1]:8080/", "::1", true],
  ["http://[::1]:8080/", "[::1]:8080", true],
  ["http://[::1]:8080/", "[0:0:0:0:0:0:0:1]", true],
  ["http://example.com/", "10.0.0.0/99, a/b, :80, .", false],
];
test.for(exempt)("%s with NO_PROXY=%s is exempt: %s", ([url, noProxy, expected]) => {
  expect(isExempt(new URL(url), noProxy)).toBe(expected);
});

test("each scheme has its variable, lower case first, ALL_PROXY for the rest", () => {
  const name = (url: string, env: NodeJS.ProcessEnv) => proxyFor(new URL(url), env)?.name;
  expect(name("https://x/", { HTTPS_PROXY: "http://a:1", HTTP_PROXY: "http://b:2" })).toBe("a:1");
  expect(name("http://x/", { HTTPS_PROXY: "http://a:1", HTTP_PROXY: "http://b:2" })).toBe("b:2");
  expect(name("http://x/", { http_proxy: "http://a:1", HTTP_PROXY: "http://b:2" })).toBe("a:1");
  expect(name("http://x/", { HTTP_PROXY: " ", all_proxy: "https://c" })).toBe("c:443");
  expect(name("http://x/", { HTTPS_PROXY: "http://a:1" })).toBeUndefined();
  expect(name("https://x/", { HTTPS_PROXY: "http://a:1", no_proxy: "x" })).toBeUndefined();
  expect(hasProxy({ NO_PROXY: "*" })).toBe(false);
});

test("credentials become a header and leave the address", () => {
  expect(proxyFor(new URL("https://x/"), { HTTPS_PROXY: "http://ada:p%40ss@proxy:3128/" })).toEqual({
    uri: "http://proxy:3128",
    name: "proxy:3128",
    password: "p@ss",
    authorization: `Basic ${Buffer.from("ada:p@ss").toString("base64")}`,
  });
  expect(proxyFor(new URL("https://x/"), { HTTPS_PROXY: "http://ada@proxy:3128" })?.authorization).toBe(
    "Basic YWRhOg==",
  );
});

test.for(["http://", "http://ada:s3cret@", "ftp://ada:s3cret@proxy", "http://ada:s3cret@proxy:port"])(
  "%s is refused without being shown",
  (value) => {
    expect(() => proxyFor(new URL("https://x/"), { HTTPS_PROXY: value })).toThrow(
      /^HTTPS_PROXY does not hold the address of a proxy\.$/,
    );
  },
);
