import { expect, test } from "vitest";
import { readMessage } from "../../src/check/json-rpc.ts";

const read = (line: string) => readMessage(Buffer.from(line));

test.for([
  '{"jsonrpc":"2.0","id":1,"result":{}}',
  '{"jsonrpc":"2.0","id":"a","error":{"code":-32601,"message":"x"}}\r',
  '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"x"}}',
  '{"jsonrpc":"2.0","error":{"code":-32700,"message":"x"}}',
  '{"jsonrpc":"2.0","method":"notifications/message","params":{}}',
  '{"jsonrpc":"2.0","id":0,"method":"ping"}',
])("a message: %s", (line) => {
  expect(read(line)).toEqual({ message: JSON.parse(line) as unknown });
});

test.for([
  ["hello", "not JSON"],
  ['{"jsonrpc":"2.0"', "not JSON"],
  ["[]", "a batch, which no revision since 2025-06-18 knows"],
  ["42", "no JSON-RPC message"],
  ['{"id":1,"result":{}}', 'without "jsonrpc": "2.0"'],
  ['{"jsonrpc":"2.0","id":1}', "neither a request nor a notification nor a response"],
  ['{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}', "a result and an error at once"],
  ['{"jsonrpc":"2.0","id":1,"result":"x"}', "a result that is no object"],
  ['{"jsonrpc":"2.0","result":{}}', "a result without an id"],
  ['{"jsonrpc":"2.0","id":1,"error":{"code":"x","message":""}}', "an error without an integer code and a message"],
  ['{"jsonrpc":"2.0","id":{},"error":{"code":1,"message":""}}', "an error whose id is neither string nor integer"],
  ['{"jsonrpc":"2.0","id":null,"method":"ping"}', "a request whose id is neither string nor integer"],
  ['{"jsonrpc":"2.0","id":1.5,"method":"ping"}', "a request whose id is neither string nor integer"],
  ['{"jsonrpc":"2.0","id":1,"method":3}', "a method that is no string"],
] as const)("no message: %s", ([line, problem]) => {
  expect(read(line)).toEqual({ problem });
});

test("bytes that are no UTF-8 are told apart from bad JSON", () => {
  expect(readMessage(Buffer.from([0x22, 0xff, 0x22]))).toEqual({ problem: "not UTF-8" });
});
