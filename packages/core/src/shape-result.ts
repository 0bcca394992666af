import type { CallToolResult, ContentBlock } from "@modelcontextprotocol/server";
import type { Call } from "./call.ts";
import { capMasked, MOST_CONTENT } from "./cap.ts";
import { deepText } from "./deep-text.ts";
import { ToolError } from "./errors.ts";
import { fence, fencer, hasMarks } from "./fence.ts";
import type { Redactor } from "./redact.ts";
import type { Reply } from "./reply.ts";

/** Masks, cuts and fences what a text tool answered; says how much was masked. Masked before it is cut: half a secret no longer looks like one. */
export function shaped(reply: CallToolResult, limit: number, redactor: Redactor, call: Call): CallToolResult {
  refuseHuge(reply);
  const fence = fencer();
  let masked = 0;
  let left = limit;
  const clean = (text: string, member?: string) => {
    const masking = maskMember(text, member, redactor);
    masked += masking.masked;
    return masking.text;
  };
  const deep = <T>(value: T) => deepText(value, (text, member) => fence(clean(text, member)));
  const several = reply.content.length > 1;
  const shorten = (text: string) => {
    const before = masked;
    const shown = capMasked(text, left, clean);
    if (several) left = Math.max(0, left - Buffer.byteLength(shown));
    // Of what was masked only what is shown counts.
    if (masked > before) masked = before + Math.min(masked - before, shown.match(MASKS)?.length ?? 0);
    return fence(shown);
  };
  const shapedBlock = (block: ContentBlock): ContentBlock => {
    if (block.type === "resource" && "text" in block.resource) {
      const text = shorten(block.resource.text);
      const { resource, ...rest } = deep({ ...block, resource: { ...block.resource, text: "" } });
      return { ...rest, resource: { ...resource, text } };
    }
    if (block.type !== "text") return deep(block);
    const text = shorten(block.text);
    if (isBare(block)) return text === block.text ? block : { ...block, text };
    return { ...deep({ ...block, text: "" }), text };
  };
  const isOver = ({ type }: ContentBlock) => several && left === 0 && type === "text";
  const content = reply.content.flatMap((block) => (isOver(block) ? [] : shapedBlock(block)));
  const over = reply.content.length - content.length;
  if (over > 0) content.push({ type: "text", text: `[cut: ${over} more parts are left out; ask for less]` });
  // What `--structured` adds was counted in the text.
  call.masked = masked;
  const structuredContent = reply.structuredContent === undefined ? undefined : deep(reply.structuredContent);
  masked = call.masked;
  if (call.warning !== undefined) content.unshift(warning(call.warning, redactor));
  if (structuredContent === undefined && masked === 0) return { ...reply, content } as CallToolResult;
  return {
    ...reply,
    content:
      masked > 0 && structuredContent === undefined
        ? [...content, { type: "text", text: `(${masked} ${masked === 1 ? "secret" : "secrets"} masked.)` }]
        : content,
    ...(structuredContent !== undefined && { structuredContent }),
    ...(masked > 0 && { _meta: { ...reply._meta, "mooring/masked": masked } }),
  } as CallToolResult;
}

// Pictures, sound and files cannot be cut.
function refuseHuge({ content }: CallToolResult): void {
  const size = content.reduce((sum, block) => {
    if (block.type === "image" || block.type === "audio") return sum + block.data.length;
    return block.type === "resource" && "blob" in block.resource ? sum + block.resource.blob.length : sum;
  }, 0);
  if (size > MOST_CONTENT)
    throw new ToolError(
      "too_large",
      `The answer has more than ${MOST_CONTENT.toLocaleString("en")} characters in base64.`,
      {
        hint: "Ask for less or for a part.",
      },
    );
}

// Some secrets are known by the name beside them alone: `"SecretAccessKey": "…"`.
function maskMember(text: string, member: string | undefined, redactor: Redactor): { text: string; masked: number } {
  const alone = redactor.result(text);
  if (member === undefined || alone.masked > 0) return alone;
  const name = `"${member}": "`;
  const named = redactor.result(name + text);
  return named.masked > 0 && named.text.startsWith(name) ? { ...named, text: named.text.slice(name.length) } : alone;
}

// Nearly every block: nothing but its text.
function isBare(block: object): boolean {
  return Object.keys(block).length === 2;
}

const MASKS = /⟨masked:[a-z0-9-]+⟩/g;

/** The same for a record; its text is made again where the record changed, so that both halves say the same. */
export function shapedRecord(reply: CallToolResult, redactor: Redactor, call: Call): CallToolResult {
  const fence = fencer();
  const structuredContent = deepText(reply.structuredContent, (text, member) => {
    const masking = maskMember(text, member, redactor);
    call.masked += masking.masked;
    return fence(masking.text);
  });
  const [block] = reply.content;
  const isSame = call.masked === 0 && block?.type === "text" && !hasMarks(block.text);
  const content = isSame ? [...reply.content] : [{ type: "text" as const, text: JSON.stringify(structuredContent) }];
  if (call.warning !== undefined) content.unshift(warning(call.warning, redactor));
  return {
    ...reply,
    content,
    ...(structuredContent !== undefined && { structuredContent }),
    ...(call.masked > 0 && { _meta: { ...reply._meta, "mooring/masked": call.masked } }),
  };
}

// Hosts that show the model only `structuredContent` do not show it this; the audit has it all the same.
function warning(text: string, redactor: Redactor) {
  return { type: "text" as const, text: `Warning: ${fence(redactor.record(text))}` };
}

/** Masks every string of a resource or a prompt. */
export function masked<R extends Reply>(reply: R, redactor: Redactor, call: Call): R {
  const fence = fencer();
  return deepText(reply, (text, member) => {
    const masking = maskMember(text, member, redactor);
    call.masked += masking.masked;
    return fence(masking.text);
  });
}
