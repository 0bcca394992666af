/** The tokenizer that budgets are stated in (o200k_base); its vocabulary (2 MB) is loaded here. */
export async function loadTokenizer(): Promise<(text: string) => number> {
  const { countTokens } = await import("gpt-tokenizer/encoding/o200k_base");
  return (text) => countTokens(text);
}
