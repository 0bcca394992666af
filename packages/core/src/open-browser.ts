/**
 * Opens an address in the person's browser, without a shell. Resolves to false where that cannot be done; the caller has
 * shown the address in any case.
 */
export async function openBrowser(url: string): Promise<boolean> {
  const [file, args] =
    process.platform === "darwin"
      ? ["open", [url]]
      : process.platform === "win32"
        ? ["rundll32", ["url.dll,FileProtocolHandler", url]]
        : ["xdg-open", [url]];
  const { spawn } = await import("node:child_process");
  return await new Promise((resolve) => {
    const child = spawn(file as string, args as string[], { stdio: "ignore", detached: true });
    child.once("error", () => resolve(false));
    child.once("spawn", () => {
      child.unref();
      resolve(true);
    });
  });
}
