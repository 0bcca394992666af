import { expect, test } from "vitest";
import { chooseOperations } from "../../src/openapi/operations.ts";

const document = {
  openapi: "3.0.0",
  paths: {
    "/pets": {
      get: { operationId: "listPets" },
      post: { operationId: "createPet" },
      trace: { operationId: "tracePets" },
    },
    "/pets/{id}": { get: {}, delete: { operationId: "2 delete!" }, put: { operationId: "index" } },
    "/v1/pets/{id}/toys": { get: {}, post: {} },
    "/twice": { get: { operationId: "twice" }, post: { operationId: "twice" } },
    "/same": { get: { operationId: "list-pets" } },
    "/long": { get: { operationId: "thisIsAnOperationWithANameThatGoesOnAndOnWithoutAnEnd" } },
    "/shared": { $ref: "#/shared" },
    "x-other": { get: { operationId: "other" } },
  },
  shared: { get: { operationId: "getShared" } },
};

const tools = (...wanted: string[]) => chooseOperations(document, wanted).map(({ tool }) => tool);

test("operations are named by their id or their method and path, tools after them or as one says", () => {
  expect(tools("listPets", "createPet", "getShared")).toEqual(["list_pets", "create_pet", "get_shared"]);
  expect(tools("GET /pets/{id}", "get /v1/pets/{id}/toys", "POST /v1/pets/{id}/toys")).toEqual([
    "get_pet",
    "list_pet_toys",
    "create_pet_toy",
  ]);
  expect(tools("listPets=find_pets", "DELETE /pets/{id}=drop_pet", " ", "")).toEqual(["find_pets", "drop_pet"]);
});

test.for([
  ["none", [], /^Say which operations become tools, with --operations a,b\. There are:\n {2}GET \/pets {2}listPets\n/],
  ["an unknown one", ["listPet"], /^There is no operation "listPet"; did you mean "listPets"\? Alike are:\n/],
  ["nothing like any", ["zzzzzz"], /^There is no operation "zzzzzz"\. There are:\n {2}GET \/pets/],
  ["an unknown one with a name", ["listPet=x"], /^There is no operation "listPet"/],
  ["one that is no request of ours", ["tracePets"], /^There is no operation "tracePets"/],
  [
    "an ambiguous one",
    ["twice"],
    /^"twice" is the id of 2 operations\. Name one as "GET \/twice" or "POST \/twice"\.$/,
  ],
  ["one twice", ["listPets", "GET /pets"], /^"listPets" is named twice\.$/],
  [
    "two with one name",
    ["listPets", "list-pets"],
    /"list-pets" and "listPets" would both be the tool "list_pets"\. Name it: --operations "list-pets=list_pets_get"\.$/,
  ],
  [
    "a name that begins with a digit",
    ["2 delete!"],
    /would be the tool "2_delete".* Name it: --operations "2 delete!=call_2_delete"\.$/,
  ],
  [
    "a long name",
    ["thisIsAnOperationWithANameThatGoesOnAndOnWithoutAnEnd"],
    /=this_is_an_operation_with_a_name_that_goes_on"\.$/,
  ],
  ["the list's name", ["index"], /Name it: --operations "index=get_index"\.$/],
  ["a wrong name", ["listPets=Find Pets"], /would be the tool "Find Pets".*"listPets=find_pets"\.$/],
  ["an empty name", ["listPets="], /would be the tool "".*"listPets=call_it"\.$/],
] as const)("%s is refused with what would do", ([, wanted, message]) => {
  expect(() => chooseOperations(document, wanted)).toThrow(message);
});

test("a description without operations says so", () => {
  expect(() => chooseOperations({ paths: {} }, ["x"])).toThrow(/has no operations/);
  expect(() => chooseOperations({}, [])).toThrow(/has no operations/);
});

test("long lists are cut", () => {
  const paths = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`/p${i}`, { get: {} }]));
  expect(() => chooseOperations({ paths }, [])).toThrow(/GET \/p39\n {2}and 60 more$/);
});
