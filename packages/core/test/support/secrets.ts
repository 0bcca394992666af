import { createHash } from "node:crypto";

export interface Sample {
  readonly name: string;
  readonly kind: string;
  /** What must not be seen. */
  readonly secret: string;
  /** The text that gives it away; the secret alone when left out. */
  readonly inside?: string;
}

// Made of hashes and put together here, so that no scanner takes this file for a leak.
const hex = (seed: string, length: number) =>
  createHash("sha512").update(seed).digest("hex").repeat(2).slice(0, length);
function alnum(seed: string, length: number): string {
  const letters = createHash("sha512")
    .update(seed)
    .digest("base64")
    .replaceAll(/[^A-Za-z0-9]/g, "");
  // starts like a token: letter, digit, both cases
  return `a1B${letters.repeat(Math.ceil(length / letters.length) + 1)}`.slice(0, length);
}
const upper = (seed: string, length: number) =>
  hex(seed, length)
    .toUpperCase()
    .replaceAll(/[018 9]/g, "Q");
const base64 = (seed: string, bytes: number) => Buffer.from(hex(seed, bytes * 2), "hex").toString("base64");
const url64 = (value: string) => Buffer.from(value).toString("base64url");
const jwt = (seed: string) =>
  `${url64('{"alg":"RS256","typ":"JWT"}')}.${url64('{"sub":"1234567890","name":"A"}')}.${alnum(seed, 86)}`;
const pem = (label: string, newline = "\n") =>
  [`-----BEGIN ${label}-----`, base64(label, 48), base64(`${label}2`, 40), `-----END ${label}-----`].join(newline);
const sample = (name: string, kind: string, secret: string, inside?: string): Sample => ({
  name,
  kind,
  secret,
  ...(inside && { inside }),
});

export const samples: readonly Sample[] = [
  ...["ghp", "gho", "ghu", "ghs", "ghr"].map((prefix) =>
    sample(prefix, "github-token", `${prefix}_${alnum(prefix, 36)}`),
  ),
  sample("fine-grained", "github-token", `github_pat_${alnum("pat", 22)}_${alnum("pat2", 59)}`),
  sample("stateless installation token", "github-token", `ghs_123456_${jwt("ghs")}`),
  sample("personal", "gitlab-token", `glpat-${alnum("gl", 20)}`),
  sample("bot", "slack-token", `xoxb-123456789012-1234567890123-${alnum("xoxb", 24)}`),
  sample("user", "slack-token", `xoxp-123456789012-123456789012-123456789012-${hex("xoxp", 32)}`),
  sample("rotated", "slack-token", `xoxe-1-${alnum("xoxe", 100)}`),
  sample("app-level", "slack-token", `xapp-1-A0123456789-1234567890123-${hex("xapp", 64)}`),
  sample(
    "session cookie",
    "slack-token",
    `xoxd-${alnum("xoxd", 12)}%2F${alnum("xoxd2", 14)}%2B${alnum("xoxd3", 30)}%3D`,
  ),
  sample(
    "incoming",
    "slack-webhook",
    `services/T01234567/B01234567/${alnum("hook", 24)}`,
    `https://hooks.slack.com/services/T01234567/B01234567/${alnum("hook", 24)}`,
  ),
  sample("long-lived", "aws-access-key", `AKIA${upper("aws", 16)}`),
  sample("temporary", "aws-access-key", `ASIA${upper("aws2", 16)}`),
  sample("credentials file", "aws-secret-key", base64("sec", 30), `aws_secret_access_key = ${base64("sec", 30)}`),
  sample("environment", "aws-secret-key", base64("sec1", 30), `AWS_SECRET_ACCESS_KEY=${base64("sec1", 30)}`),
  sample("JSON", "aws-secret-key", base64("sec2", 30), `"SecretAccessKey": "${base64("sec2", 30)}"`),
  sample("environment", "aws-session-token", base64("ses", 120), `export AWS_SESSION_TOKEN="${base64("ses", 120)}"`),
  sample("JSON", "aws-session-token", base64("ses2", 120), `"SessionToken": "${base64("ses2", 120)}"`),
  sample("key", "google-api-key", `AIza${alnum("google", 33)}-_`),
  sample("OAuth", "google-token", `ya29.${alnum("ya29", 60)}_-${alnum("ya29b", 60)}`),
  sample("OAuth client", "google-client-secret", `GOCSPX-${alnum("gocspx", 28)}`),
  sample("key", "anthropic-key", `sk-ant-api03-${alnum("ant", 60)}-${alnum("ant2", 20)}AA`),
  sample("project", "openai-key", `sk-proj-${alnum("oai", 48)}_${alnum("oai2", 48)}`),
  sample("router", "openrouter-key", `sk-or-v1-${hex("or", 64)}`),
  sample("old OpenAI", "api-key", `sk-${alnum("oai3", 48)}`),
  ...["sk_live", "sk_test", "rk_live", "whsec"].map((prefix) =>
    sample(prefix, "stripe-key", `${prefix}_${alnum(prefix, 24)}`),
  ),
  sample("granular", "npm-token", `npm_${alnum("npm", 36)}`),
  sample("API", "pypi-token", `pypi-AgEIcHlwaS5vcmc${alnum("pypi", 80)}`),
  sample("user", "huggingface-token", `hf_${alnum("hf", 34)}`),
  sample("personal", "digitalocean-token", `dop_v1_${hex("do", 64)}`),
  sample("personal", "docker-token", `dckr_pat_${alnum("dckr", 27)}`),
  sample("service", "vault-token", `hvs.${alnum("hvs", 90)}`),
  sample("key", "sendgrid-key", `SG.${alnum("sg", 22)}.${alnum("sg2", 43)}`),
  sample("signed", "jwt", jwt("jwt")),
  sample("unsigned", "jwt", `${url64('{"alg":"none","typ":"JWT"}')}.${url64('{"sub":"admin"}')}.`),
  ...[
    "PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "OPENSSH PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "PGP PRIVATE KEY BLOCK",
  ].map((label) => sample(label, "private-key", pem(label))),
  sample("in JSON", "private-key", pem("PRIVATE KEY", "\\n"), `"private_key": "${pem("PRIVATE KEY", "\\n")}"`),
  sample("cut off", "private-key", pem("EC PRIVATE KEY").slice(0, 100), `${pem("EC PRIVATE KEY").slice(0, 100)}"`),
  sample("database", "url-password", "hunter22", "postgres://app:hunter22@db:5432/shop"),
  sample("with an @", "url-password", "hunt@r22", "redis://:hunt@r22@cache:6379"),
  sample("header", "bearer-token", alnum("bearer", 40), `Bearer ${alnum("bearer", 40)}`),
  sample(
    "header",
    "basic-credentials",
    Buffer.from("user:hunter22").toString("base64"),
    `Authorization: Basic ${Buffer.from("user:hunter22").toString("base64")}`,
  ),
  sample(
    "connection string",
    "azure-storage-key",
    base64("az", 64),
    `AccountName=x;AccountKey=${base64("az", 64)};EndpointSuffix=y`,
  ),
  sample(
    "connection string",
    "azure-shared-key",
    base64("sb", 32),
    `SharedAccessKeyName=x;SharedAccessKey=${base64("sb", 32)}`,
  ),
  sample(
    "URL",
    "azure-sas",
    `${alnum("sas", 41)}%2B%3D`,
    `https://x.blob.core.windows.net/c?sv=2024-11-04&sig=${alnum("sas", 41)}%2B%3D`,
  ),
  sample("Entra", "azure-client-secret", `aB~8Q~${alnum("entra", 34)}`),
];

export const lookalikes: readonly { readonly name: string; readonly text: string }[] = [
  { name: "UUIDs", text: "3f2504e0-4f89-41d3-9a0c-0305e82c3301 {3F2504E0-4F89-41D3-9A0C-0305E82C3301}" },
  { name: "git hashes", text: `commit ${hex("git", 40)}\nsha256:${hex("sha", 64)} ${hex("md5", 32)}` },
  { name: "integrity hashes", text: `sha512-${base64("integrity", 64)}` },
  {
    name: "a base64 image",
    text: `data:image/png;base64,${Array.from({ length: 4_000 }, (_, i) => base64(`image${i}`, 48)).join("")}`,
  },
  { name: "wrapped base64", text: Array.from({ length: 500 }, (_, i) => base64(`wrapped${i}`, 57)).join("\n") },
  {
    name: "class names",
    text: "sk-circle-fade-dot-container-4 task-force-2026-planning-board disk-encryption-key-2 risk-aa1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  },
  { name: "npm's variables", text: "npm_config_registry npm_package_dependencies_typescript npm_lifecycle_event=test" },
  { name: "placeholders of Slack", text: "SLACK_BOT_TOKEN=xoxb-your-bot-token-here xapp-your-app-level-token" },
  {
    name: "placeholders in URLs",
    text: "postgres://user:password@localhost/db postgres://u:${PGPASSWORD}@h mysql://u:<password>@h redis://:***@h",
  },
  {
    name: "URLs without a password",
    text: "https://example.com:8080/@scope/a:b@c ssh://git@github.com/o/r https://user@host/ file:///a:b@c http://[::1]:80/",
  },
  { name: "emails and handles", text: "mailto:a@example.com npm:@scope/name@1.2.3 git@github.com:owner/repo.git" },
  {
    name: "prose about bearers",
    text: "Bearer authentication is used. A bearer of news. The Bearer responsibilities-and-duties section.",
  },
  { name: "prose about basics", text: "Basic authentication, Basic usage of the library, Basic instructions" },
  {
    name: "base64 of JSON without signature",
    text: "eyJ2ZXJzaW9uIjozLCJzb3VyY2VzIjpbImEuanMiXSwibmFtZXMiOltdLCJtYXBwaW5ncyI6IkFBQUEifQ==",
  },
  {
    name: "certificates and public keys",
    text: `-----BEGIN CERTIFICATE-----\n${base64("cert", 48)}\n-----END CERTIFICATE-----\n-----BEGIN PUBLIC KEY-----\n${base64("pub", 44)}\n-----END PUBLIC KEY-----`,
  },
  { name: "prose about keys", text: "Put the PRIVATE KEY where nobody reads it. PRIVATE KEY handling: see below." },
  {
    name: "long identifiers",
    text: "noPropertyAccessFromIndexSignature AWS_SECRET_ACCESS_KEY SecretAccessKey secretAccessKey: string; AccountKey=",
  },
  {
    name: "program text",
    text: 'const password = process.env["PASSWORD"]; token=token; headers.authorization = `Bearer ${token}`;',
  },
  {
    name: "AWS identifiers",
    text: "AKIA ASIAN AKIAX arn:aws:iam::123456789012:role/AKIAIOSFODNN7 AROAIOSFODNN7EXAMPLEID",
  },
  { name: "shelves", text: "shelf_abcdefghijklmnopqrstuvwxyzabcdefgh12" },
];
