/**
 * What the SDK imports from its platform, for bundles (see bundle.ts): without the JSON Schema compiler that it would load
 * at every start, a fifth of the bundle. It would hold answers to elicitations against the form; core parses those itself.
 */
export { default as process } from "node:process";

export class DefaultJsonSchemaValidator {
  getValidator(): never {
    throw new Error("This bundle has no JSON Schema validator: parse answers where they are used.");
  }
}
