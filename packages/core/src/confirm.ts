import { createHash, randomBytes } from "node:crypto";
import {
  acceptedContent,
  createRequestStateCodec,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  type RequestStateCodec,
} from "@modelcontextprotocol/server";
import * as z from "zod";
import type { Call } from "./call.ts";
import { canonical } from "./canonical.ts";
import { ToolError } from "./errors.ts";
import { fence, showInvisible } from "./fence.ts";
import { principalOf } from "./principal.ts";
import type { Runtime } from "./runtime.ts";
import type { ToolSubject } from "./subject.ts";
import type { Question } from "./tool.ts";

/** What a confirmation is bound to, besides the principal: changed arguments need a new one. */
interface ConfirmState {
  readonly tool: string;
  /** sha256 of the canonical arguments and of the reason that was given */
  readonly args: string;
  /** Single use: burned before the effect. */
  readonly nonce: string;
}

/** Why a person is asked, beside a destructive call's being one; `option` is the switch of a content guard ("--flow"). */
export interface Why {
  readonly confirm: string;
  readonly option?: string;
}

/** Asks a person before a destructive call; nothing that the model sends counts as consent. */
export interface Confirmation {
  readonly codec: RequestStateCodec<ConfirmState>;
  /**
   * `undefined`: go on. A result: the question, on its way to the person.
   * @throws ToolError `denied` when the person says no, `confirm_required` when the client cannot be asked
   */
  ask(
    call: Call,
    subject: ToolSubject,
    runtime: Runtime,
    why: Why | undefined,
  ): Promise<InputRequiredResult | undefined>;
}

const TTL_SECONDS = 600;
const KEY = "confirm";
const Answer = z.object({ confirm: z.boolean() });

/** `key`: at least 32 bytes, shared by replicas; random per process when left out. */
export function createConfirmation(key: Uint8Array | string = randomBytes(32)): Confirmation {
  const codec = createRequestStateCodec<ConfirmState>({
    key,
    ttlSeconds: TTL_SECONDS,
    bind: ({ http }) => principalOf(http?.authInfo),
  });
  const burned = new Map<string, number>();
  return {
    codec,
    async ask(call, subject, runtime, why) {
      const byHost = runtime.options.confirm === "host";
      // What a content guard has found, the host knows nothing of: whoever can be asked is asked all the same.
      if (byHost && (why?.option === undefined || !canElicit(call))) {
        call.confirmedBy = "host";
        if (why?.option !== undefined) {
          call.decision = "warned";
          call.warning = why.confirm;
        }
        return undefined;
      }
      // With the reason: who agreed did not agree to what was found since.
      const args = createHash("sha256")
        .update(canonical([call.input, why?.confirm ?? null]))
        .digest("base64url");
      const state = call.mcp.mcpReq.requestState<ConfirmState>();
      if (
        state?.nonce !== undefined &&
        state.tool === subject.name &&
        state.args === args &&
        burn(burned, state.nonce)
      ) {
        const answer = inputResponse(call.mcp.mcpReq.inputResponses, KEY);
        if (answer.kind === "elicit") {
          const content = acceptedContent(call.mcp.mcpReq.inputResponses, KEY, Answer);
          if (content?.confirm !== true) {
            call.decision = "declined";
            throw new ToolError("denied", "The person did not agree to this call.", {
              hint: "Do not repeat it unless they ask for it.",
            });
          }
          call.confirmedBy = "person";
          return undefined;
        }
      }
      if (!canElicit(call)) {
        call.decision = "cannot ask";
        throw new ToolError(
          "confirm_required",
          `${subject.tool.title} needs a person's consent, and this client cannot ask for it.`,
          { hint: wayOn(why) },
        );
      }
      const nonce = randomBytes(16).toString("base64url");
      return inputRequired({
        inputRequests: {
          [KEY]: inputRequired.elicit({
            message: await questionText(call, subject, runtime, why?.confirm),
            requestedSchema: FORM,
          }),
        },
        requestState: await codec.mint({ tool: subject.name, args, nonce }, call.mcp),
      });
    },
  };
}

function wayOn(why: Why | undefined): string {
  const host = "they can start the server with --confirm host, which relies on the host's own approval";
  if (why === undefined) return `Tell the person: ${host}.`;
  if (why.option === undefined) return `${sentence(why.confirm)} Tell the person: ${host}.`;
  return `${sentence(why.confirm)} Tell the person: ${host} and then only warns of this, or with ${why.option} warn.`;
}

function sentence(text: string): string {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}

const FORM = {
  type: "object" as const,
  properties: {
    confirm: { type: "boolean" as const, title: "Go ahead", description: "No unless you choose it.", default: false },
  },
  required: ["confirm"],
};

function canElicit(call: Call): boolean {
  const elicitation = call.clientCapabilities?.elicitation as { form?: unknown; url?: unknown } | undefined;
  // An empty object is what earlier revisions declare for forms.
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
}

function burn(burned: Map<string, number>, nonce: string): boolean {
  const now = Date.now();
  for (const [old, until] of burned) {
    if (until > now) break;
    burned.delete(old);
  }
  if (burned.has(nonce)) return false;
  burned.set(nonce, now + TTL_SECONDS * 1_000);
  return true;
}

const QUOTE_CAP = 600;

async function questionText(
  call: Call,
  subject: ToolSubject,
  runtime: Runtime,
  reason: string | undefined,
): Promise<string> {
  const { tool } = subject;
  const ask = tool.question as ((input: unknown, context: unknown) => Question | Promise<Question>) | undefined;
  const question = ask
    ? await ask.call(tool, call.input, runtime.context(call))
    : { target: canonical(call.input), effect: tool.title };
  const { definition, options, redactor } = runtime;
  // Masked before it is cut: half a secret no longer looks like one.
  const shown = (text: string) => shorten(showInvisible(redactor.record(fence(text))), QUOTE_CAP);
  // A name with a line break must not write lines of its own into the question.
  const line = (text: string) => shown(text).replace(/\s*[\r\n]+\s*/g, " ");
  const lines = [
    `${definition.title}${options.account ? ` (${options.account})` : ""}: ${tool.title}?`,
    `Target: ${line(question.target)}`,
    `Effect: ${line(question.effect)}`,
  ];
  if (reason !== undefined) lines.push(`Why you are asked: ${line(reason)}`);
  if ("quote" in question && question.quote !== undefined) {
    const boundary = randomBytes(6).toString("base64url");
    lines.push(`Text by others, between the ${boundary} lines:`, boundary, shown(question.quote), boundary);
  }
  return redactor.record(lines.join("\n"));
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`;
}
