/** Why no tools can be made of an API description: one or a few plain lines, the last of which says what to do. */
export class OpenApiError extends Error {
  override readonly name = "OpenApiError";
}
