import type { Redactor } from "./redact.ts";

const LONGEST_TEXT = 4_096;
const MOST_ENTRIES = 50;
const DEEPEST = 5;

/** Fields whose name says that the value is a secret, whatever it looks like. */
const SECRET_NAME =
  /(?:authorization|cookie|passw(?:or)?d|passphrase|secret|token|(?:access|account|api|private)[_-]?key|credentials?)$/i;

/** Whether a member's name says that its value is a secret: `token`, `clientSecret`, `PGPASSWORD`. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

export interface FieldOptions {
  readonly redactor: Redactor;
  /** Whether errors keep their stack. */
  readonly stacks: boolean;
}

/** A copy of `value` that JSON can hold: masked, bounded in size and depth, total over getters, cycles and strange types. */
export function loggable(value: unknown, options: FieldOptions, depth = 0): unknown {
  try {
    return copy(value, options, depth);
  } catch {
    return "[unreadable]";
  }
}

function copy(value: unknown, options: FieldOptions, depth: number): unknown {
  switch (typeof value) {
    case "string":
      return text(value, options.redactor);
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "boolean":
    case "undefined":
      return value;
    case "bigint":
      return String(value);
    case "function":
    case "symbol":
      return undefined;
    case "object":
      break;
  }
  if (value === null) return null;
  if (depth >= DEEPEST) return "[deeper]";
  if (value instanceof Error) return errorFields(value, options, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "[invalid date]" : value.toISOString();
  if (value instanceof URL) return text(value.href, options.redactor);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value))
    return value.slice(0, MOST_ENTRIES).map((item) => loggable(item, options, depth + 1) ?? null);
  const entries: [string, unknown][] = [];
  for (const key of Object.keys(value).slice(0, MOST_ENTRIES)) {
    const shown = text(key, options.redactor);
    const secret = isSecretName(key) && typeof (value as Record<string, unknown>)[key] === "string";
    entries.push([shown, secret ? "⟨masked:field⟩" : field(value as Record<string, unknown>, key, options, depth)]);
  }
  return Object.fromEntries(entries);
}

// One getter that throws must not hide the other fields.
function field(object: Readonly<Record<string, unknown>>, key: string, options: FieldOptions, depth: number): unknown {
  try {
    return loggable(object[key], options, depth + 1);
  } catch {
    return "[unreadable]";
  }
}

/** Name, masked message and code; the stack only where somebody debugs. */
function errorFields(error: Error, options: FieldOptions, depth: number): Record<string, unknown> {
  const { code } = error as { code?: unknown };
  return {
    name: text(String(error.name), options.redactor),
    message: text(String(error.message), options.redactor),
    ...((typeof code === "string" || typeof code === "number") && {
      code: typeof code === "string" ? text(code, options.redactor) : code,
    }),
    ...(options.stacks && typeof error.stack === "string" && { stack: text(error.stack, options.redactor) }),
    ...(error.cause !== undefined && { cause: loggable(error.cause, options, depth + 1) }),
  };
}

// Masked before it is cut: half a secret no longer looks like one.
function text(value: string, redactor: Redactor): string {
  const masked = redactor.record(value.length > 8 * LONGEST_TEXT ? value.slice(0, 8 * LONGEST_TEXT) : value);
  return masked.length > LONGEST_TEXT ? `${masked.slice(0, LONGEST_TEXT)}… [${value.length} characters]` : masked;
}
