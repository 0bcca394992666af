import { type ErrorMapper, httpApiError } from "@mooring/core";

/** What the service's answers mean; anything else stays "failed unexpectedly", and its text in the process. */
export const mapError: ErrorMapper = (error) =>
  httpApiError(error, {
    unauthenticated: "Ask the person to set EXAMPLE_TOKEN to a valid token.",
    denied: "The token lacks the right; ask the person for one that has it.",
    not_found: "Check the identifier; listing shows the ones that exist.",
    invalid_input: "Correct the arguments as the service says.",
  });
