/** The variables of a URI that a template made, percent-decoded once where they are UTF-8; `undefined` for any other URI. */
export type UriMatcher = (uri: string) => Readonly<Record<string, string>> | undefined;

/** Longer ones name nothing: a path of 4,096 bytes, each escaped, with room to spare. */
const LONGEST = 16_384;
const EXPRESSION = /\{([^{}]*)\}/;

interface Variable {
  readonly name: string;
  /** `{+name}`: may hold slashes. */
  readonly reserved: boolean;
  /** What stands behind it; empty at the end. */
  readonly behind: string;
}

export function isTemplate(uri: string): boolean {
  return uri.includes("{");
}

/**
 * The inverse of a URI template (RFC 6570) made of text, `{name}` and `{+name}`. Time is linear in the length of the URI, which
 * a regular expression made from the template would not be: `{schema}.{table}` ends at the first full stop, `{+path}` takes as
 * much as it can.
 * @throws Error for other expressions, and for two that nothing separates
 */
export function uriMatcher(template: string): UriMatcher {
  const [head = "", ...rest] = template.split(EXPRESSION);
  const variables: Variable[] = [];
  for (let i = 0; i < rest.length; i += 2) {
    const [, operator, name] = /^(\+?)(\w+)$/.exec(rest[i] ?? "") ?? [];
    const behind = rest[i + 1] ?? "";
    if (name === undefined) throw new Error(`the template has {${rest[i]}}; there are {name} and {+name}`);
    if (behind === "" && i + 2 < rest.length)
      throw new Error(`the template has nothing between {${rest[i]}} and the next`);
    variables.push({ name, reserved: operator === "+", behind });
  }
  return (uri) => {
    if (uri.length > LONGEST || !uri.startsWith(head)) return undefined;
    const found: [string, string][] = [];
    let at = head.length;
    for (const { name, reserved, behind } of variables) {
      const end = behind === "" ? uri.length : reserved ? uri.lastIndexOf(behind) : uri.indexOf(behind, at + 1);
      const value = uri.slice(at, Math.max(at, end));
      if (value === "" || (!reserved && value.includes("/"))) return undefined;
      found.push([name, decoded(value)]);
      at = end + behind.length;
    }
    return at === uri.length ? Object.fromEntries(found) : undefined;
  };
}

// Names of files need not be UTF-8: whoever reads those decodes the URI itself.
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
