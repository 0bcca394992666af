import { isObject, type JsonObject, listMember, objectMember, textMember } from "./json.ts";
import type { Operation } from "./operations.ts";
import { oneLine } from "./plain-text.ts";
import { resolvedObject } from "./reference.ts";

/** How the service wants to be asked: what goes before the token, and in which header. */
export type Auth =
  | { readonly kind: "none" }
  | { readonly kind: "bearer" }
  /** The token is `user:password` in Base64. */
  | { readonly kind: "basic" }
  | { readonly kind: "header"; readonly name: string }
  | { readonly kind: "unsupported"; readonly note: string };

/** The first server's address, if it is one as it stands; a note says why there is none. */
export function baseUrlOf(document: JsonObject): { readonly baseUrl?: string; readonly note?: string } {
  const [server] = listMember(document, "servers");
  const template = textMember(server, "url");
  if (template === undefined) return { note: "The description names no server: --url has no default." };
  const variables = objectMember(server, "variables");
  const filled = template.replace(/\{([^{}]*)\}/g, (whole, name: string) => {
    return textMember(Object.hasOwn(variables, name) ? variables[name] : undefined, "default") ?? whole;
  });
  if (/^https?:\/\//i.test(filled) && URL.canParse(filled) && !/[{}\s?#]/.test(filled)) {
    const { username, password, href } = new URL(filled);
    if (username === "" && password === "") return { baseUrl: href.replace(/\/+$/, "") };
  }
  return {
    note: `The server's address ${JSON.stringify(oneLine(filled, 100))} is not complete: --url has no default.`,
  };
}

/** How the operations are authorised; the first way that can be served. */
export function authOf(document: JsonObject, operations: readonly Operation[]): Auth {
  const ways = operations.flatMap(({ definition }) => {
    const requirements = listMember("security" in definition ? definition : document, "security");
    return requirements.length === 0 ? [[]] : requirements.map((one) => Object.keys(isObject(one) ? one : {}));
  });
  const schemes = objectMember(objectMember(document, "components"), "securitySchemes");
  const auths = ways.map((names): Auth => {
    if (names.length === 0) return { kind: "none" };
    if (names.length > 1) return { kind: "unsupported", note: "it wants several credentials at once" };
    const [name = ""] = names;
    return authOfScheme(resolvedObject(document, Object.hasOwn(schemes, name) ? schemes[name] : undefined));
  });
  const wanted = auths.filter(({ kind }) => kind !== "none");
  return wanted.find(({ kind }) => kind !== "unsupported") ?? wanted[0] ?? { kind: "none" };
}

function authOfScheme(scheme: JsonObject): Auth {
  const type = textMember(scheme, "type");
  const by = (textMember(scheme, "scheme") ?? "").toLowerCase();
  if (type === "oauth2" || type === "openIdConnect" || (type === "http" && by === "bearer")) return { kind: "bearer" };
  if (type === "http" && by === "basic") return { kind: "basic" };
  const name = textMember(scheme, "name") ?? "";
  if (type === "apiKey" && scheme["in"] === "header" && /^[A-Za-z0-9-]{1,100}$/.test(name))
    return { kind: "header", name };
  const what =
    type === "apiKey" ? `a key in the ${oneLine(String(scheme["in"]), 20)}` : oneLine(`${type ?? "nothing"} ${by}`, 60);
  return { kind: "unsupported", note: `it wants ${what}` };
}

/** Headers that carry a credential: the client sets them, no argument does. */
export function credentialHeaders(document: JsonObject): ReadonlySet<string> {
  const schemes = objectMember(objectMember(document, "components"), "securitySchemes");
  const auths = Object.values(schemes).map((scheme) => authOfScheme(resolvedObject(document, scheme)));
  return new Set(auths.flatMap((auth) => (auth.kind === "header" ? [auth.name.toLowerCase()] : [])));
}
