import { met, ratio, type Result } from "./result.ts";

const WIDTH = 860;
const LEFT = 430;
const ROW = 26;
const TOP = 56;
const SCALE = (WIDTH - LEFT - 90) / 2;

/**
 * Horizontal bars: our figure as a share of the peer's, on a scale from 0 to 2; a tick where the bar is. Rates are turned
 * round, so that shorter is always better.
 */
export function chart(results: readonly Result[]): string {
  const shown = results.flatMap((result) =>
    result.bar !== undefined && result.peer !== undefined ? [{ ...result, bar: result.bar }] : [],
  );
  const height = TOP + shown.length * ROW + 34;
  const rows = shown.map((result, i) => {
    const y = TOP + i * ROW;
    const inverted = result.bar.at === "≥";
    const value = inverted ? 1 / (ratio(result) ?? 1) : (ratio(result) ?? 0);
    const limit = inverted ? 1 / result.bar.value : result.bar.value;
    const x = (share: number) => LEFT + Math.min(share, 2) * SCALE;
    return [
      `<text x="${LEFT - 8}" y="${y + 15}" text-anchor="end">${escape(shorten(result.peerName === undefined ? result.what : `${result.what} / ${result.peerName}`))}</text>`,
      `<rect x="${LEFT}" y="${y + 4}" width="${Math.max(1, x(value) - LEFT).toFixed(1)}" height="15" rx="2" class="${met(result) ? "met" : "missed"}"/>`,
      `<line x1="${x(limit).toFixed(1)}" x2="${x(limit).toFixed(1)}" y1="${y + 1}" y2="${y + 22}" class="bar"/>`,
      `<text x="${WIDTH - 16}" y="${y + 15}" text-anchor="end" class="figure">${value.toFixed(value < 0.1 ? 3 : 2)}×</text>`,
    ].join("");
  });
  const one = LEFT + SCALE;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="Mooring's cost as a share of its peers'">`,
    "<style>text{font:12px system-ui,sans-serif;fill:#1f2937}.title{font-size:15px;font-weight:600}.figure{font-weight:600}.met{fill:#0f766e}.missed{fill:#b45309}.bar{stroke:#1f2937;stroke-width:2}.one{stroke:#9ca3af;stroke-dasharray:3 3}rect.page{fill:#fff}</style>",
    `<rect class="page" width="${WIDTH}" height="${height}"/>`,
    `<text x="16" y="24" class="title">Mooring's cost as a share of its peers' (shorter is better; the tick is the bar)</text>`,
    `<line x1="${one}" x2="${one}" y1="${TOP - 14}" y2="${height - 24}" class="one"/>`,
    `<text x="${one}" y="${TOP - 18}" text-anchor="middle">the peer</text>`,
    ...rows,
    `<text x="16" y="${height - 8}">Rates are turned round. Made by npm run bench.</text>`,
    "</svg>\n",
  ].join("\n");
}

function shorten(text: string): string {
  return text.length > 68 ? `${text.slice(0, 67)}…` : text;
}

function escape(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
