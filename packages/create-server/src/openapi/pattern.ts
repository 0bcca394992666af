/** A regular expression that is known to be plain and quick, and a text that it takes. */
export interface Pattern {
  readonly source: string;
  readonly sample: string;
}

const CLASS = String.raw`\[(?:[A-Za-z0-9_ @:.,/+]|[a-z]-[a-z]|[A-Z]-[A-Z]|\d-\d|\\[dw])+-?\]`;
const ATOM = String.raw`(?:[A-Za-z0-9_ @:,-]|\\[dw.+]|${CLASS})`;
const REPEAT = String.raw`(?:\{\d{1,3}(?:,(?:\d{1,3})?)?\}|[*+?])?`;
const WHOLE = new RegExp(`^\\^(?:${ATOM}${REPEAT}){1,20}\\$$`);
const PART = new RegExp(`(${ATOM})(${REPEAT})`, "g");

/**
 * The patterns that are taken over: from start to end, without groups and alternatives, and with one unlimited repetition
 * at most, so that no text makes the check slow. Any other is left to the service.
 */
export function readPattern(source: string): Pattern | undefined {
  if (source.length > 80 || !WHOLE.test(source)) return undefined;
  const parts = [...source.slice(1, -1).matchAll(PART)];
  if (parts.filter(([, , repeat = ""]) => /^[*+]$|,\}$/.test(repeat)).length > 1) return undefined;
  const sample = parts.map(([, atom = "", repeat = ""]) => sampleOf(atom).repeat(least(repeat))).join("");
  try {
    return new RegExp(source).test(sample) ? { source, sample } : undefined;
  } catch {
    return undefined;
  }
}

function least(repeat: string): number {
  if (repeat === "") return 1;
  if (repeat === "*" || repeat === "?" || repeat === "+") return 1;
  const [, low = "1", high] = /^\{(\d+)(?:,(\d*))?\}$/.exec(repeat) ?? [];
  return high === undefined || high === "" || Number(high) > 0 ? Math.max(Number(low), high === undefined ? 0 : 1) : 0;
}

function sampleOf(atom: string): string {
  if (atom === "\\d") return "1";
  if (atom === "\\w") return "a";
  if (atom.startsWith("\\")) return atom.slice(1);
  if (!atom.startsWith("[")) return atom;
  const [first = "", second = ""] = atom.slice(1);
  return first === "\\" ? sampleOf(first + second) : first;
}
