/**
 * A definition, or `undefined` where its text names a schema that is kept back. By text, where the catalog knows no
 * dependency (the body of a function): what it leaves out may be too much, and a body that names no schema says too little.
 */
export function withoutHidden(definition: string, hidden: readonly string[]): string | undefined {
  return hidden.some((schema) => mentions(definition, schema)) ? undefined : definition;
}

function mentions(text: string, schema: string): boolean {
  for (let at = text.indexOf(schema); at >= 0; at = text.indexOf(schema, at + 1)) {
    const before = text[at - 1] ?? "";
    const behind = text.slice(at + schema.length, at + schema.length + 12);
    if (!/[\p{L}\p{N}_$]/u.test(before) && /^"?\s*\./.test(behind)) return true;
  }
  return false;
}
