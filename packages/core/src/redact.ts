import { formsOf } from "./own-credentials.ts";
import { findSecrets, findSecretsInRecord, type SecretSpan } from "./secret-scan.ts";

/** What results are searched for: the server's own credentials, or known secret formats as well. */
export type RedactMode = "own" | "patterns";

export interface Redactor {
  /**
   * Registers one of the server's own credentials, with its base64, base64url and percent-encoded forms. Values of fewer
   * than 6 characters are ignored; of renewed tokens the oldest, long expired, are forgotten.
   */
  add(secret: string): void;
  /** For errors, logs, spans and audit: own credentials, known formats and `password=…` assignments. Linear, never throws. */
  record(text: string): string;
  /** For results: `own` masks own credentials only, `patterns` known formats as well. The same string when nothing was masked. */
  result(text: string): { readonly text: string; readonly masked: number };
}

/** The first credentials are those of the configuration; they stay. */
const KEPT = 64;
/** Of those that come later, tokens that are renewed for days, the newest count: every text is searched for each. */
const ROTATING = 32;

export function createRedactor(mode: RedactMode): Redactor {
  let own: readonly string[] = [];
  const secrets: string[] = [];
  let shortest = Number.POSITIVE_INFINITY;
  // Under a flood the same refusal is said a thousand times.
  let last = { text: "", clean: "" };

  function maskOwn(text: string): { text: string; masked: number } {
    if (text.length < shortest) return { text, masked: 0 };
    let masked = 0;
    let rest = text;
    for (const form of own) {
      if (!rest.includes(form)) continue;
      const parts = rest.split(form);
      masked += parts.length - 1;
      rest = parts.join(mask("credential"));
    }
    return { text: rest, masked };
  }

  return {
    add(secret) {
      if (secrets.includes(secret)) return;
      last = { text: "", clean: "" };
      secrets.push(secret);
      if (secrets.length > KEPT + ROTATING) secrets.splice(KEPT, 1);
      // longest first, so that no form leaves the tail of a longer one behind
      own = [...new Set(secrets.flatMap(formsOf))].sort((a, b) => b.length - a.length);
      shortest = own.at(-1)?.length ?? shortest;
    },
    record(text) {
      if (text === last.text) return last.clean;
      const { text: rest } = maskOwn(text);
      last = { text, clean: replace(rest, findSecretsInRecord(rest)) };
      return last.clean;
    },
    result(text) {
      const ours = maskOwn(text);
      if (mode === "own") return ours;
      const spans = findSecrets(ours.text);
      return { text: replace(ours.text, spans), masked: ours.masked + spans.length };
    },
  };
}

function mask(kind: string): string {
  return `⟨masked:${kind}⟩`;
}

function replace(text: string, spans: readonly SecretSpan[]): string {
  if (spans.length === 0) return text;
  let out = "";
  let at = 0;
  for (const { start, end, kind } of spans) {
    out += text.slice(at, start) + mask(kind);
    at = end;
  }
  return out + text.slice(at);
}

const MARK = /⟨(?:masked:[a-z0-9-]+|U\+[0-9A-F]{4,6})⟩/;

/** Whether `text` holds a mask (`⟨masked:…⟩`) or a mark of an invisible character (`⟨U+…⟩`): it must not be written back. */
export function holdsMark(text: string): boolean {
  return text.includes("⟨") && MARK.test(text);
}
