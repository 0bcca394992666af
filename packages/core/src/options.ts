import * as z from "zod";
import type { Credential } from "./credentials.ts";

/** One setting of a server: declared once; flags, variables, file keys, help, README and manifests derive from it. */
export interface Option<T extends z.ZodType = z.ZodType> {
  readonly schema: T;
  /** One sentence for `--help` and the README. */
  readonly description: string;
  /** The variable; `MOORING_<SERVER>_<KEY>` unless a service has its own name for it. */
  readonly env?: string;
  /** The flag without dashes; the key in kebab-case unless said, `false` for none. */
  readonly flag?: string | false;
  /** Takes all that stands on the command line without a flag, as a list: its schema is an array. At most one option of a server. */
  readonly positional?: true;
  /** A secret: no flag, never printed; also `<NAME>_FILE` and `<NAME>_COMMAND`. */
  readonly credential?: true;
  /** What stands for the value in `--help`: `DIR`. */
  readonly valueName?: string;
}

/** The settings of a server by their names in camelCase. */
export type Options = Readonly<Record<string, Option>>;

/** What options become: the output of each schema, a {@link Credential} for each secret. */
export type ConfigOf<O extends Options> = {
  readonly [K in keyof O]: O[K] extends { readonly credential: true } ? Credential : z.output<O[K]["schema"]>;
};

/** Keeps the literal types of a server's options. */
export function defineOptions<const O extends Options>(options: O): O {
  return options;
}

/** Where HTTP listens unless said: loopback, a free port. */
export const ANY_PORT = "127.0.0.1:0";

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A length of time, `500ms`, `60s`, `5m`, `2h`, `7d`; a bare number is seconds. Parsed to milliseconds. */
export function duration(standard: string) {
  const schema = z
    .union([z.string(), z.number()])
    .default(standard)
    .transform((value, context) => {
      const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(String(value).trim());
      if (match) return Number(match[1]) * UNITS[(match[2] ?? "s") as keyof typeof UNITS];
      context.addIssue({ code: "custom", message: "expected a length of time such as 500ms, 60s or 5m" });
      return z.NEVER;
    });
  durations.add(schema);
  return schema;
}

const durations = new WeakSet<object>();

/** A value as the configuration may say it: a length of time with its unit, since a bare number there is seconds. */
export function asWritten({ schema }: Option, value: unknown): unknown {
  if (!durations.has(schema) || typeof value !== "number") return value;
  const [unit, ms] = Object.entries(UNITS).findLast(([, ms]) => value % ms === 0) ?? ["ms", 1];
  return `${value / ms}${unit}`;
}

export function flagOf(key: string, { flag, credential, positional }: Option): string | undefined {
  if (flag === false || credential || positional) return undefined;
  return flag ?? key.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
}

export function variableOf(server: string, key: string, { env }: Option): string {
  return env ?? variablePrefix(server) + snake(key);
}

/** What the variables of a server begin with: `MOORING_GITHUB_`. */
export function variablePrefix(server: string): string {
  return `MOORING_${snake(server)}_`;
}

function snake(text: string): string {
  return text.replace(/[A-Z]/g, "_$&").replace(/-/g, "_").toUpperCase();
}

/** The shape a value has on a command line: decides whether a flag takes text, and how text becomes a value. */
export type ValueKind = "boolean" | "number" | "list" | "object" | "text";

export function kindOf(schema: z.ZodType): ValueKind {
  const { type, innerType, in: source } = schema.def as { type: string; innerType?: z.ZodType; in?: z.ZodType };
  if (innerType) return kindOf(innerType);
  if (type === "pipe" && source) return kindOf(source);
  if (type === "boolean" || type === "number") return type;
  if (type === "array") return "list";
  if (type === "object" || type === "record") return "object";
  return "text";
}

/** The values that an option takes, where they are listed. */
export function valuesOf(schema: z.ZodType): readonly string[] | undefined {
  const {
    entries,
    innerType,
    in: source,
  } = schema.def as {
    entries?: Record<string, string>;
    innerType?: z.ZodType;
    in?: z.ZodType;
  };
  if (entries) return Object.values(entries);
  const inner = innerType ?? source;
  return inner && valuesOf(inner);
}

/** The options of every server, with what this one changes: which results are masked, how long a call may take. */
export function commonOptions({ redact }: { redact: "own" | "patterns" }) {
  return defineOptions({
    access: {
      schema: z.enum(["read", "write", "full"]).default("read"),
      description: "How far tools may go: `read`, `write`, or `full` (also what cannot simply be taken back).",
    },
    toolsets: {
      schema: z.array(z.string()).optional(),
      description: "Sets of tools: `default`, `all`, or names. The default ones, unless `--tools` says which.",
      valueName: "NAMES",
    },
    tools: {
      schema: z.array(z.string()).default([]),
      description: "Tools by name or glob, besides the sets; without `--toolsets` exactly these.",
      valueName: "NAMES",
    },
    exclude: {
      schema: z.array(z.string()).default([]),
      description: "Tools left out, by name or glob; wins over the others.",
      valueName: "NAMES",
    },
    prefix: {
      schema: z
        .string()
        .regex(/^[a-z][a-z0-9_]{0,15}$/, "expected up to 16 of a-z, 0-9 and _")
        .optional(),
      description: "Put before each tool's name, for gateways that merge servers.",
      valueName: "TEXT",
    },
    confirm: {
      schema: z.enum(["elicit", "host"]).default("elicit"),
      description:
        "Who is asked before a destructive call: `elicit` asks the person, `host` relies on the host's own approval.",
    },
    redact: {
      schema: z.enum(["own", "patterns"]).default(redact),
      description: "What is masked in results: this server's own credentials, or every known secret format.",
    },
    structured: {
      schema: z.boolean().default(false),
      description:
        "Send what a text tool found as `structuredContent` too, for programs; some hosts then hide the text.",
    },
    timeout: { schema: duration("60s"), description: "How long a call may take.", valueName: "TIME" },
    concurrency: {
      schema: z.coerce.number<unknown>().int().min(0).optional(),
      description:
        "Calls of one client at once; further ones are refused quickly. 0: no limit. 256 on stdio, 16 over HTTP unless said.",
      valueName: "N",
    },
    drain: {
      schema: duration("10s"),
      description: "How long running calls may go on after SIGTERM.",
      valueName: "TIME",
    },
    logLevel: {
      schema: z.enum(["silent", "error", "warn", "info", "debug"]).default("warn"),
      description: "What is written to stderr, as JSON lines.",
    },
    stateDir: {
      schema: z.string().min(1).optional(),
      description:
        "Where this server keeps its state. Default: `mooring/<server>` in $XDG_STATE_HOME, else in ~/.local/state (the platform's own place elsewhere).",
      valueName: "DIR",
    },
    audit: {
      schema: z.string().min(1).optional(),
      description: "Write a hash-chained audit log into this folder.",
      valueName: "DIR",
    },
    http: {
      schema: z.boolean().default(false),
      description: "Serve Streamable HTTP at /mcp instead of stdio.",
    },
    listen: {
      schema: z.string().min(1).default(ANY_PORT),
      description: "Address for `--http`; port 0 picks a free one. Beyond loopback a token is required.",
      valueName: "HOST:PORT",
    },
    allowedHosts: {
      schema: z.array(z.string()).default([]),
      description: "Host names besides loopback that HTTP requests may name as Host or Origin.",
      valueName: "NAMES",
    },
    httpToken: {
      schema: z.string().optional(),
      env: "MOORING_HTTP_TOKEN",
      credential: true,
      description: "Bearer token that HTTP clients must send.",
    },
    admin: {
      schema: z.string().min(1).optional(),
      description: "Address for `/readyz` beside `--http`.",
      valueName: "HOST:PORT",
    },
    config: {
      schema: z.string().min(1).optional(),
      description: "A JSON file with these options by their camelCase names; variables and flags win over it.",
      valueName: "FILE",
    },
  });
}

/** What the options of every server become. */
export type CommonConfig = ConfigOf<ReturnType<typeof commonOptions>>;
