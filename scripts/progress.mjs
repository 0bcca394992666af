import process from "node:process";

/**
 * Shows on stderr that something long is going on: a line that counts seconds on a terminal, two plain lines elsewhere.
 * stdout is left alone, since a host may be reading JSON-RPC there.
 * @param {string} text what is being done: "Installing dependencies"
 * @returns {(ending?: string) => void} call it when it is over
 */
export function progress(text) {
  const { stderr } = process;
  const started = Date.now();
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
  if (!stderr.isTTY) {
    stderr.write(`${text}…\n`);
    return (ending = "done") => void stderr.write(`${text}: ${ending} (${seconds()})\n`);
  }
  const draw = () => stderr.write(`\r\u001b[K${text}… ${seconds()}`);
  draw();
  const timer = setInterval(draw, 1000);
  return (ending = "done") => {
    clearInterval(timer);
    stderr.write(`\r\u001b[K${text}: ${ending} (${seconds()})\n`);
  };
}
