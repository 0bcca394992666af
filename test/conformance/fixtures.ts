// The fixtures that @modelcontextprotocol/conformance 0.2.0-alpha.12 asks for and core's own definitions can express.
import { defineServer, promptFactory, resourceFactory, ToolError, toolFactory } from "@mooring/core";
import * as z from "zod";

export interface Deps {
  /** Whoever watches `test://watched-resource`. */
  readonly watchers: Set<() => void>;
}

const tool = toolFactory<Deps>();
const resource = resourceFactory<Deps>();
const prompt = promptFactory<Deps>();
const nothing = z.strictObject({});

/** 1×1 red PNG. */
export const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
/** An empty WAV. */
export const WAV = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const plain = (name: string, title: string, text: string) =>
  tool({
    name,
    title,
    description: `${title}.`,
    access: "read",
    input: nothing,
    run: () => text,
    render: (data) => data,
  });

const tools = [
  plain("test_simple_text", "Simple text", "This is a simple text response for testing."),
  tool({
    name: "test_image_content",
    title: "Image",
    description: "One image.",
    access: "read",
    input: nothing,
    run: () => undefined,
    render: () => [{ type: "image", data: PNG, mimeType: "image/png" }],
  }),
  tool({
    name: "test_audio_content",
    title: "Audio",
    description: "One sound.",
    access: "read",
    input: nothing,
    run: () => undefined,
    render: () => [{ type: "audio", data: WAV, mimeType: "audio/wav" }],
  }),
  tool({
    name: "test_embedded_resource",
    title: "Embedded resource",
    description: "One embedded resource.",
    access: "read",
    input: nothing,
    run: () => undefined,
    render: () => [
      {
        type: "resource",
        resource: {
          uri: "test://embedded-resource",
          mimeType: "text/plain",
          text: "This is an embedded resource content.",
        },
      },
    ],
  }),
  tool({
    name: "test_multiple_content_types",
    title: "Mixed content",
    description: "Text, an image and a resource.",
    access: "read",
    input: nothing,
    run: () => undefined,
    render: () => [
      { type: "text", text: "Multiple content types test:" },
      { type: "image", data: PNG, mimeType: "image/png" },
      {
        type: "resource",
        resource: {
          uri: "test://mixed-content-resource",
          mimeType: "application/json",
          text: '{"test":"data","value":123}',
        },
      },
    ],
  }),
  tool({
    name: "test_tool_with_progress",
    title: "Progress",
    description: "Reports 0, 50 and 100 of 100.",
    access: "read",
    input: nothing,
    async run(_input, { progress }) {
      // Core lets four a second through; the suite wants all three.
      for (const done of [0, 50, 100]) {
        progress(done, 100);
        await pause(done < 100 ? 260 : 0);
      }
    },
    render: () => "Progress reported.",
  }),
  tool({
    name: "test_error_handling",
    title: "Error",
    description: "Always fails.",
    access: "read",
    input: nothing,
    run() {
      throw new ToolError("unavailable", "This tool intentionally returns an error for testing.");
    },
    render: () => "",
  }),
  plain("test_streaming_elicitation", "Streaming", "No request was sent on this stream."),
  plain("test_reconnection", "Reconnection", "Still connected."),
];

const fixed = (uri: string, mimeType: string, content: { text: string } | { blob: string }) =>
  resource({
    name: uri.slice("test://".length),
    title: uri,
    description: `Fixture ${uri}.`,
    uri,
    mimeType,
    read: () => [{ uri, mimeType, ...content }],
  });

const resources = [
  fixed("test://static-text", "text/plain", { text: "This is the content of the static text resource." }),
  fixed("test://static-binary", "image/png", { blob: PNG }),
  resource({
    name: "template",
    title: "Template",
    description: "Data by id.",
    uri: "test://template/{id}/data",
    mimeType: "application/json",
    read: (uri, { id = "" }) => [
      {
        uri,
        mimeType: "application/json",
        text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
      },
    ],
    complete: { id: () => ["1", "2"] },
  }),
  resource({
    name: "watched-resource",
    title: "Watched",
    description: "Changes when told to.",
    uri: "test://watched-resource",
    mimeType: "text/plain",
    read: (uri) => [{ uri, mimeType: "text/plain", text: "Watched resource content" }],
    watch(_uri, changed, { watchers }) {
      watchers.add(changed);
      return () => void watchers.delete(changed);
    },
  }),
];

const user = (...content: object[]) => content.map((block) => ({ role: "user" as const, content: block as never }));

const prompts = [
  prompt({
    name: "test_simple_prompt",
    title: "Simple",
    description: "No arguments.",
    messages: () => user({ type: "text", text: "This is a simple prompt for testing." }),
  }),
  prompt({
    name: "test_prompt_with_arguments",
    title: "Arguments",
    description: "Two arguments.",
    input: z.strictObject({ arg1: z.string().describe("First."), arg2: z.string().describe("Second.") }),
    complete: { arg1: (value) => [`${value}test`, `${value}paris`], arg2: () => [] },
    messages: ({ arg1, arg2 }) => user({ type: "text", text: `Prompt with arguments: arg1='${arg1}', arg2='${arg2}'` }),
  }),
  prompt({
    name: "test_prompt_with_embedded_resource",
    title: "Embedded resource",
    description: "Embeds a resource.",
    input: z.strictObject({ resourceUri: z.string().describe("URI of the resource.") }),
    messages: ({ resourceUri }) =>
      user(
        {
          type: "resource",
          resource: { uri: resourceUri, mimeType: "text/plain", text: "Embedded resource content for testing." },
        },
        { type: "text", text: "Please process the embedded resource above." },
      ),
  }),
  prompt({
    name: "test_prompt_with_image",
    title: "Image",
    description: "Holds an image.",
    messages: () =>
      user(
        { type: "image", data: PNG, mimeType: "image/png" },
        { type: "text", text: "Please analyze the image above." },
      ),
  }),
];

export const fixtures = defineServer<Deps>({
  name: "conformance",
  title: "Conformance fixtures",
  version: "0.0.0",
  tools,
  resources,
  prompts,
  changingLists: ["tools", "prompts"],
});
