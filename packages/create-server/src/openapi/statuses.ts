import { STATUS_CODES } from "node:http";
import { type JsonObject, objectMember, textMember } from "./json.ts";
import type { Operation } from "./operations.ts";
import { firstSentence } from "./plain-text.ts";
import { resolvedObject } from "./reference.ts";

/** A documented failure, and what the description says of it beyond the status' own name. */
export interface Status {
  readonly status: number;
  readonly meaning?: string;
}

export function statusesOf(document: JsonObject, { definition }: Operation): Status[] {
  return Object.entries(objectMember(definition, "responses"))
    .filter(([code]) => /^[45]\d\d$/.test(code))
    .map(([code, response]) => {
      const said = textMember(resolvedObject(document, response), "description") ?? "";
      const meaning = firstSentence(said, 160);
      return { status: Number(code), ...(isNews(meaning, code) && { meaning }) };
    })
    .toSorted((one, other) => one.status - other.status);
}

/** `404: "Not Found"` says nothing that the status does not. */
function isNews(meaning: string, code: string): boolean {
  const words = (text: string) => text.toLowerCase().replace(/[^a-z]/g, "");
  const plain = words(meaning);
  return plain !== "" && plain !== words(STATUS_CODES[code] ?? "") && !/^(?:error|response|errorresponse)$/.test(plain);
}
