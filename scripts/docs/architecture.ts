import { pipeline } from "@mooring/core/docs";

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly lines: readonly string[];
  readonly fill?: string;
  /** Text at the top instead of the middle, for boxes that hold others. */
  readonly holds?: true;
}

const WIDTH = 960;
const STAGE_HEIGHT = 27;
const TOP = 92;

/** The picture of docs/architecture.md: one call's way from the host to the service, its stages taken from core's pipeline. */
export function architecture(servers: readonly string[]): string {
  const stages = pipeline.map(({ name }, index): Box => ({
    x: 380,
    y: TOP + index * (STAGE_HEIGHT + 8),
    width: 160,
    height: STAGE_HEIGHT,
    lines: [name],
    fill: "#dcebff",
  }));
  const last = stages.at(-1) as Box;
  const bottom = last.y + last.height;
  const middle = TOP + (bottom - TOP) / 2;
  const host = box({
    x: 20,
    y: middle - 45,
    width: 140,
    height: 90,
    lines: ["Host", "Claude, Cursor,", "VS Code, …"],
    fill: "#f3f0ff",
  });
  const process = box({
    x: 190,
    y: 30,
    width: 570,
    height: bottom - 10,
    lines: [`one process a server: ${servers.join(", ")}`],
    fill: "#fbfcfe",
    holds: true,
  });
  const transport = box({
    x: 212,
    y: middle - 45,
    width: 130,
    height: 90,
    lines: ["Transport", "stdio, or HTTP", "when asked for"],
    fill: "#dcebff",
  });
  const tool = box({
    x: 590,
    y: last.y - 63,
    width: 150,
    height: 90,
    lines: ["Tool", "one file: data", "and one function"],
    fill: "#dff5e3",
  });
  const client = box({
    x: 590,
    y: last.y - 213,
    width: 150,
    height: 90,
    lines: ["The one client", "of the service;", "limits at the exit"],
    fill: "#dff5e3",
  });
  const service = box({
    x: 800,
    y: last.y - 213,
    width: 140,
    height: 90,
    lines: ["Service", "files, database,", "API"],
    fill: "#fff3d6",
  });
  const y = bottom + 64;
  const layers = [
    box({ x: 190, y, width: 170, height: 40, lines: ["servers/*"], fill: "#dff5e3" }),
    box({ x: 420, y, width: 170, height: 40, lines: ["@mooring/core"], fill: "#dcebff" }),
    box({ x: 650, y, width: 110, height: 40, lines: ["MCP SDK"], fill: "#f1f3f5" }),
    arrow(360, y + 20, 418, y + 20),
    arrow(590, y + 20, 648, y + 20),
    text(20, y + 25, "imports, one way:", "start"),
  ];
  const height = y + 62;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="14" role="img">`,
    "<title>A call's way from the host through core's pipeline to the service</title>",
    '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0 10 5 0 10z" fill="#495057"/></marker></defs>',
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    process,
    text(460, TOP - 12, "core's pipeline"),
    text(665, last.y - 225, "the server's own code"),
    host,
    transport,
    ...stages.map(box),
    ...stages.slice(1).map(({ x, y: top, width }) => arrow(x + width / 2, top - 8, x + width / 2, top, false)),
    tool,
    client,
    service,
    arrow(160, middle, 210, middle),
    bent(342, middle, 361, TOP + STAGE_HEIGHT / 2, 378),
    arrow(540, last.y + STAGE_HEIGHT / 2, 588, last.y + STAGE_HEIGHT / 2),
    arrow(665, last.y - 63, 665, last.y - 121),
    arrow(740, last.y - 168, 798, last.y - 168),
    ...layers,
    "</svg>",
  ].join("\n")}\n`;
}

function box({ x, y, width, height, lines, fill = "#ffffff", holds }: Box): string {
  const first = holds ? y + 24 : y + height / 2 - (lines.length - 1) * 9 + 5;
  const words = lines.map((line, index) =>
    text(x + width / 2, first + index * 18, line, "middle", index === 0 && lines.length > 1),
  );
  return [
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="8" fill="${fill}" stroke="#adb5bd"/>`,
    ...words,
  ].join("\n");
}

function text(x: number, y: number, words: string, anchor = "middle", bold = false): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="#212529"${bold ? ' font-weight="600"' : ""}>${words}</text>`;
}

function arrow(x1: number, y1: number, x2: number, y2: number, tip = true): string {
  return `<path d="M${x1} ${y1} ${x2} ${y2}" stroke="#495057" fill="none"${tip ? ' marker-end="url(#tip)"' : ""}/>`;
}

// Across, up or down, across.
function bent(x1: number, y1: number, x: number, y2: number, x2: number): string {
  return `<path d="M${x1} ${y1} H${x} V${y2} H${x2}" stroke="#495057" fill="none" marker-end="url(#tip)"/>`;
}
