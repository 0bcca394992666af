/**
 * What known secrets look like: data for `secret-scan.ts`. Formats of the issuers' own documentation as of 2026-11;
 * a format is listed only when its prefix or its context makes a mistake unlikely (no bare hex, no entropy guesses).
 */

/** A set of ASCII characters, as a table by char code. */
export type Alphabet = Uint8Array;

export function alphabet(ranges: string): Alphabet {
  const table = new Uint8Array(128);
  const each = new RegExp(`[${ranges}]`);
  for (let code = 0; code < 128; code++) if (each.test(String.fromCharCode(code))) table[code] = 1;
  return table;
}

const ALNUM = alphabet("A-Za-z0-9");
const BASE64 = alphabet("A-Za-z0-9+/=");
const COOKIE = alphabet("A-Za-z0-9%+/=_\\-");
/** base64url, and what nearly every token is made of. */
export const WORD = alphabet("A-Za-z0-9_\\-");

/** A token with a fixed prefix, directly followed by or part of at least {@link SHORTEST_RUN} `WORD` characters in a row. */
export interface TokenFormat {
  /** What the mask names: `⟨masked:github-token⟩`. */
  readonly kind: string;
  readonly prefixes: readonly string[];
  readonly body: Alphabet;
  /** Characters after the prefix, without full stops and dashes at the end. */
  readonly min: number;
  /** A longer run is something else. Left out: no limit. */
  readonly max?: number;
  /** A letter or digit before the prefix rules the match out. Required of prefixes without `_` and `-`. */
  readonly startsWord?: true;
  /** The body has a digit; words joined by dashes have none. */
  readonly digit?: true;
}

/** A scan for tokens looks at no shorter run of `WORD` characters. */
export const SHORTEST_RUN = 20;

export const tokenFormats: readonly TokenFormat[] = [
  // ghs_ tokens are JWTs since 2026-04: github.blog/changelog/2026-05-15-github-app-installation-tokens-per-request-override-header
  { kind: "github-token", prefixes: ["ghs_"], body: alphabet("A-Za-z0-9_.\\-"), min: 36 },
  { kind: "github-token", prefixes: ["ghp_", "gho_", "ghu_", "ghr_"], body: alphabet("A-Za-z0-9_"), min: 36 },
  { kind: "github-token", prefixes: ["github_pat_"], body: alphabet("A-Za-z0-9_"), min: 50 },
  {
    kind: "gitlab-token",
    prefixes: ["glpat-", "gldt-", "glrt-", "glcbt-"],
    body: alphabet("A-Za-z0-9_.\\-"),
    min: 20,
    digit: true,
  },
  {
    kind: "slack-token",
    prefixes: ["xoxa-", "xoxb-", "xoxc-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-", "xapp-"],
    body: alphabet("A-Za-z0-9\\-"),
    min: 16,
    startsWord: true,
    digit: true,
  },
  // session cookies of Slack's own clients: base64, percent-encoded
  { kind: "slack-token", prefixes: ["xoxd-"], body: COOKIE, min: 35 },
  { kind: "aws-access-key", prefixes: ["AKIA", "ASIA"], body: ALNUM, min: 16, max: 16, startsWord: true },
  { kind: "google-api-key", prefixes: ["AIza"], body: WORD, min: 35, max: 35, startsWord: true },
  { kind: "google-token", prefixes: ["ya29."], body: alphabet("A-Za-z0-9_.\\-"), min: 40, startsWord: true },
  { kind: "google-client-secret", prefixes: ["GOCSPX-"], body: WORD, min: 24, max: 40 },
  { kind: "anthropic-key", prefixes: ["sk-ant-"], body: WORD, min: 24, startsWord: true, digit: true },
  {
    kind: "openai-key",
    prefixes: ["sk-proj-", "sk-svcacct-", "sk-admin-"],
    body: WORD,
    min: 24,
    startsWord: true,
    digit: true,
  },
  { kind: "openrouter-key", prefixes: ["sk-or-v1-"], body: ALNUM, min: 32, startsWord: true },
  // Without dashes: class names such as sk-circle-fade-dot are none.
  { kind: "api-key", prefixes: ["sk-"], body: ALNUM, min: 32, startsWord: true, digit: true },
  {
    kind: "stripe-key",
    prefixes: ["sk_live_", "sk_test_", "rk_live_", "rk_test_", "whsec_"],
    body: ALNUM,
    min: 16,
    startsWord: true,
  },
  { kind: "npm-token", prefixes: ["npm_"], body: ALNUM, min: 36, max: 36, startsWord: true },
  { kind: "pypi-token", prefixes: ["pypi-AgE"], body: WORD, min: 50 },
  { kind: "huggingface-token", prefixes: ["hf_"], body: ALNUM, min: 34, max: 40, startsWord: true },
  { kind: "digitalocean-token", prefixes: ["dop_v1_", "doo_v1_", "dor_v1_"], body: ALNUM, min: 64, max: 64 },
  { kind: "docker-token", prefixes: ["dckr_pat_"], body: WORD, min: 24 },
  { kind: "vault-token", prefixes: ["hvs.", "hvb."], body: WORD, min: 24, startsWord: true, digit: true },
  // SG.<22>.<43>
  { kind: "sendgrid-key", prefixes: ["SG."], body: alphabet("A-Za-z0-9_.\\-"), min: 66, max: 66, startsWord: true },
];

/** A secret that is no single run, or that its surroundings give away; found at a literal that is rare in ordinary text. */
export interface ContextFormat {
  readonly kind: string;
  readonly anchor: string;
  /** The secret around the anchor at `at`, or how far the search saw that there is none. Linear: no character twice. */
  find(text: string, at: number): Found;
}

export type Found = { readonly start: number; readonly end: number } | { readonly none: number };

/** Index after the run of `set` that starts at `from`. */
export function runEnd(text: string, from: number, set: Alphabet, limit = Number.POSITIVE_INFINITY): number {
  const end = Math.min(text.length, limit);
  let i = from;
  while (i < end && set[text.charCodeAt(i)]) i++;
  return i;
}

function runStart(text: string, to: number, set: Alphabet): number {
  let i = to;
  while (i > 0 && set[text.charCodeAt(i - 1)]) i--;
  return i;
}

/** A run of exactly `length` characters of `set` after the anchor. */
function valueAfter(anchor: string, set: Alphabet, length: number) {
  return (text: string, at: number): Found => {
    const start = at + anchor.length;
    const end = runEnd(text, start, set, start + length + 1);
    return end - start === length ? { start, end } : { none: start };
  };
}

// `aws_secret_access_key = …`, `"SecretAccessKey": "…"`, `\"…\":\"…\"`
const ASSIGN = alphabet(" \\t:='\">\\\\");
function assigned(word: string, anchor: string, min: number, max: number) {
  return (text: string, at: number): Found => {
    const after = at + anchor.length;
    const start = runEnd(text, after, ASSIGN, after + 12);
    if (start === after || !text.slice(Math.max(0, at - word.length), at).endsWith(word)) return { none: after };
    const end = runEnd(text, start, BASE64);
    return end - start >= min && end - start <= max ? { start, end } : { none: Math.max(end, after) };
  };
}

// eyJ is base64 of '{"': header, payload and signature (RFC 7519); the signature may be empty. Found at the payload.
function jwt(text: string, at: number): Found {
  const before = runStart(text, at, WORD);
  // The run may begin with the end of an escape: \neyJ…
  const header = text.slice(before, at).indexOf("eyJ");
  const payload = runEnd(text, at + 1, WORD);
  const start = before + header;
  if (header < 0 || text.charCodeAt(payload) !== 46 || payload - start < 30) return { none: at + 1 };
  return { start, end: runEnd(text, payload + 1, WORD) };
}

// The long run may stand far behind the prefix.
function slackCookie(text: string, at: number): Found {
  const end = runEnd(text, at, COOKIE);
  return end - at >= 40 ? { start: at, end } : { none: end };
}

// RFC 7468; line breaks may be real, escaped (JSON) or spaces. A block that was cut off is masked as far as it goes.
const PEM_BODY = alphabet("A-Za-z0-9+/=\\\\\\s:,\\-");
const PEM_LABEL = /^PRIVATE KEY(?: BLOCK)?-----/;
const PEM_CONTENT = /^(?:\s|\\+[nr])*(?:[A-Za-z0-9+/=]{16}|Proc-Type)/;
function privateKey(text: string, at: number): Found {
  const from = Math.max(0, at - 40);
  const begin = text.slice(from, at).lastIndexOf("-----BEGIN ");
  const label = PEM_LABEL.exec(text.slice(at, at + 24));
  if (begin < 0 || !label) return { none: at + 1 };
  const body = at + label[0].length;
  let end = body;
  while (PEM_BODY[text.charCodeAt(end)] && !text.startsWith("-----", end)) end++;
  const close = text.startsWith("-----END ", end) ? text.indexOf("-----", end + 9) : -1;
  if (close >= 0 && close - end < 60) return { start: from + begin, end: close + 5 };
  return PEM_CONTENT.test(text.slice(body, body + 40)) ? { start: from + begin, end } : { none: body };
}

// RFC 3986 authority: only the password goes, so that an error still says which user and host.
const PLACEHOLDER = /^(?:[$<{%⟨[].*|[*.x]+|pass|password|secret|pwd|token|your.*)$/i;
function urlPassword(text: string, at: number): Found {
  let colon = -1;
  let last = -1;
  let i = at + 3;
  for (; i < text.length; i++) {
    const code = text.charCodeAt(i);
    // space and controls, " # ' / < > ? ` and the backslash of an escape end the authority
    if (code <= 32 || code === 34 || code === 35 || code === 39 || code === 47 || code === 60 || code === 62) break;
    if (code === 63 || code === 92 || code === 96) break;
    if (code === 58 && colon < 0) colon = i;
    if (code === 64 && colon >= 0) last = i;
  }
  // What ended it may be the slash of another address: leak://redis://:secret@host
  if (last < 0 || last === colon + 1) return { none: i - 1 };
  const start = colon + 1;
  return last - start <= 256 && PLACEHOLDER.test(text.slice(start, last)) ? { none: i - 1 } : { start, end: last };
}

const BEARER = alphabet("A-Za-z0-9._~+/=\\-");
function bearer(text: string, at: number): Found {
  const start = at + "Bearer ".length;
  const end = runEnd(text, start, BEARER);
  return end - start >= 16 && /\d/.test(text.slice(start, end)) ? { start, end } : { none: end };
}

// RFC 7617: base64 of user:password; prose after the word "basic" does not decode to that.
function basic(text: string, at: number): Found {
  const start = at + "Basic ".length;
  const end = runEnd(text, start, BASE64);
  if (end - start < 8) return { none: end };
  const decoded = Buffer.from(text.slice(start, Math.min(end, start + 1024)), "base64").toString("latin1");
  return /^[\x20-\x7e]*:[\x20-\x7e]*$/.test(decoded) ? { start, end } : { none: end };
}

const SLACK_PATH = alphabet("A-Za-z0-9/_\\-");
function slackWebhook(text: string, at: number): Found {
  const start = at + "://hooks.slack.com/".length;
  if (!text.startsWith("slack.com/", start - 10)) return { none: at + 1 };
  const end = runEnd(text, start, SLACK_PATH);
  return end - start >= 20 && /\d/.test(text.slice(start, end)) ? { start, end } : { none: end };
}

// Entra client secrets: three characters, a digit, "Q~", 31 to 34 more.
const ENTRA = alphabet("A-Za-z0-9_~.\\-");
function entraSecret(text: string, at: number): Found {
  const start = at - 4;
  const body = at + 2;
  const digit = text.charCodeAt(at - 1);
  if (start < 0 || !(digit >= 48 && digit <= 57) || runEnd(text, start, ENTRA, at) < at) return { none: body };
  const end = runEnd(text, body, ENTRA, body + 35);
  return end - body >= 31 && end - body <= 34 ? { start, end } : { none: body };
}

const SAS = alphabet("A-Za-z0-9%+/=_\\-");
function sasSignature(text: string, at: number): Found {
  const start = at + "&sig=".length;
  const end = runEnd(text, start, SAS);
  return end - start >= 40 ? { start, end } : { none: end };
}

// Anchors begin with a character that prose rarely has: that is what makes looking for them cheap.
export const contextFormats: readonly ContextFormat[] = [
  { kind: "jwt", anchor: ".eyJ", find: jwt },
  { kind: "slack-token", anchor: "xoxd-", find: slackCookie },
  { kind: "slack-webhook", anchor: "://hooks.", find: slackWebhook },
  { kind: "private-key", anchor: "PRIVATE KEY", find: privateKey },
  { kind: "url-password", anchor: "://", find: urlPassword },
  { kind: "bearer-token", anchor: "Bearer ", find: bearer },
  { kind: "basic-credentials", anchor: "Basic ", find: basic },
  { kind: "aws-secret-key", anchor: "_access_key", find: assigned("secret", "_access_key", 40, 40) },
  { kind: "aws-secret-key", anchor: "_ACCESS_KEY", find: assigned("SECRET", "_ACCESS_KEY", 40, 40) },
  { kind: "aws-secret-key", anchor: "AccessKey", find: assigned("ecret", "AccessKey", 40, 40) },
  { kind: "aws-session-token", anchor: "_session_token", find: assigned("aws", "_session_token", 100, Infinity) },
  { kind: "aws-session-token", anchor: "_SESSION_TOKEN", find: assigned("AWS", "_SESSION_TOKEN", 100, Infinity) },
  { kind: "aws-session-token", anchor: "SessionToken", find: assigned("", "SessionToken", 100, Infinity) },
  { kind: "azure-storage-key", anchor: "AccountKey=", find: valueAfter("AccountKey=", BASE64, 88) },
  { kind: "azure-shared-key", anchor: "AccessKey=", find: valueAfter("AccessKey=", BASE64, 44) },
  { kind: "azure-sas", anchor: "?sig=", find: sasSignature },
  { kind: "azure-sas", anchor: "&sig=", find: sasSignature },
  { kind: "azure-client-secret", anchor: "Q~", find: entraSecret },
];

/**
 * `password=…`, `"token": "…"` and header lines: for records only. In a result they would also hit program text, which
 * has to stay editable. Group 1 is the value. Linear: a bounded key, then one run.
 */
export const assignments: readonly { readonly kind: string; readonly pattern: RegExp }[] = [
  {
    kind: "password",
    pattern:
      /(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)(?:=["']?|\\{0,3}["'] ?: ?\\{0,3}["'])([^\s"'\\&;,<>(){}[\]⟨]{4,})/gi,
  },
  {
    kind: "header",
    pattern:
      /(?:authorization|x-api-key|private-token|x-auth-token)["']? ?[:=] ?["']?(?:[a-z]{3,12} )?([\w.~+/=-]{8,})/gi,
  },
  { kind: "cookie", pattern: /cookie["']? ?: ?["']?([\w.-]{1,64}=[^\r\n"']{4,})/gi },
];
