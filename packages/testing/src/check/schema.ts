/** Whether a value fits a schema. */
export type Fits = (value: unknown) => boolean;

/** Compiles a schema in its own dialect (2020-12 unless it says another), with the SDK's validator; fetches nothing. */
export async function compileSchema(schema: unknown): Promise<{ readonly fits: Fits } | { readonly problem: string }> {
  const { AjvJsonSchemaValidator } = await import("@modelcontextprotocol/client/validators/ajv");
  try {
    // A new one each time, since it remembers every $id; without formats, since it prints those that it does not know.
    const validate = new AjvJsonSchemaValidator().getValidator(withoutFormats(schema));
    return { fits: (value) => validate(value).valid };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function withoutFormats(schema: unknown): object {
  const text = JSON.stringify(schema, (key, value: unknown) =>
    key === "format" && typeof value === "string" ? undefined : value,
  );
  return JSON.parse(text) as object;
}
