import { ToolError } from "@mooring/core";
import { bomOf, decodeText, encodeText, sniff, type TextFormat } from "./decode.ts";
import { dominantEol } from "./lines.ts";

/** The file that is written to, as far as its beginning tells. */
export interface Existing {
  /** As shown, for errors. */
  readonly shown: string;
  readonly head: Uint8Array;
  /** Whether `head` is all of it. */
  readonly complete: boolean;
}

export interface Encoding {
  readonly encoding: "utf8" | "base64" | "keep";
  /** Bytes go behind what is there. */
  readonly append: boolean;
  readonly existing: Existing | undefined;
  /** `--encoding`. */
  readonly fallback: string | undefined;
}

/**
 * The bytes to write. `keep`: the encoding, byte order mark and line ends of the existing file; UTF-8 when there is none.
 * Throws `invalid_input` for text that has no such bytes.
 */
export function encodeContent(content: string, { encoding, append, existing, fallback }: Encoding): Buffer {
  if (encoding === "base64") return fromBase64(content);
  if (!content.isWellFormed())
    throw new ToolError("invalid_input", "`content` holds half a surrogate pair, which no encoding has bytes for.", {
      hint: 'Send the bytes with encoding "base64".',
    });
  const empty = !existing || existing.head.length === 0;
  const format = empty ? undefined : sniff(existing.head, { complete: existing.complete, fallback });
  if (encoding === "keep" && !empty) return keeping(content, existing, format, append);
  if (append && format && format.encoding.startsWith("utf-16"))
    throw new ToolError(
      "invalid_input",
      `${existing?.shown ?? "The file"} is ${format.encoding}, and UTF-8 behind it would be unreadable.`,
      {
        hint: 'Use encoding "keep".',
      },
    );
  return Buffer.from(content, "utf8");
}

function keeping(content: string, { shown, head }: Existing, format: TextFormat | undefined, append: boolean): Buffer {
  if (!format)
    throw new ToolError("invalid_input", `${shown} is binary, so it has no encoding to keep.`, {
      hint: 'Use encoding "base64" or "utf8".',
    });
  const eol = dominantEol(textOf(head, format));
  const text = content.replaceAll("\r\n", "\n");
  const encoded = encodeText(eol === "\n" ? text : text.replaceAll("\n", eol), format.encoding);
  if (!encoded)
    throw new ToolError("invalid_input", `${shown} is in ${format.encoding}, which lacks a character of \`content\`.`, {
      hint: 'Use other characters, or encoding "utf8".',
    });
  return append ? encoded : Buffer.concat([bomOf(format), encoded]);
}

// The head may end inside a character: only its line ends matter.
function textOf(head: Uint8Array, { encoding, bom }: TextFormat): string {
  for (let cut = 0; cut < 4; cut++) {
    const text = decodeText(head.subarray(bom, head.length - cut), encoding);
    if (text !== undefined) return text;
  }
  return "";
}

function fromBase64(content: string): Buffer {
  const plain = content.replace(/\s+/g, "").replace(/={1,2}$/, "");
  if (!/^[A-Za-z0-9+/]*$/.test(plain) || plain.length % 4 === 1)
    throw new ToolError("invalid_input", "`content` is not base64.", { hint: 'For text, use encoding "utf8".' });
  return Buffer.from(plain, "base64");
}
