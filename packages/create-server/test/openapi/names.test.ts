import { expect, test } from "vitest";
import { argumentNames, constantName, nameOfPath, snakeCase } from "../../src/openapi/names.ts";

test.for([
  ["listPets", "list_pets"],
  ["getHTTPServer", "get_http_server"],
  ["X-Request-ID", "x_request_id"],
  ["filter[minAge]", "filter_min_age"],
  ["pets/list.all", "pets_list_all"],
  ["déjàVu", "deja_vu"],
  ["日本", ""],
] as const)("%s is %s", ([name, expected]) => {
  expect(snakeCase(name)).toBe(expected);
});

test("arguments have names of their own, whatever the API calls them", () => {
  expect(argumentNames(["petId", "pet_id", "pet-id"])).toEqual(["pet_id_2", "pet_id", "pet_id_3"]);
  expect(argumentNames(["1st", "日本", "", "__proto__", "$top"])).toEqual([
    "argument_1st",
    "argument",
    "argument_2",
    "proto",
    "top",
  ]);
  // Every object has it, so that one left out could not be told from one given.
  expect(argumentNames(["constructor"])).toEqual(["constructor_2"]);
  expect(argumentNames(["a".repeat(500)])).toEqual(["a".repeat(48)]);
});

test("constants are no words of JavaScript and none of the file's own", () => {
  expect(["list_pets", "delete", "tool", "a_1", "api"].map(constantName)).toEqual([
    "listPets",
    "deleteTool",
    "toolTool",
    "a_1",
    "apiTool",
  ]);
});

test.for([
  ["GET", "/pets", "list_pets"],
  ["GET", "/pets/{id}", "get_pet"],
  ["DELETE", "/v2/companies/{c}/addresses/{a}", "delete_company_address"],
  ["PATCH", "/me", "update_me"],
  ["PUT", "/pets/{id}/status", "replace_pet_status"],
  ["HEAD", "/", "check"],
] as const)("%s %s is %s", ([method, path, name]) => {
  expect(nameOfPath(method, path)).toBe(name);
});
