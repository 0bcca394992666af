/** A sentence for each stage of core's pipeline; the generator insists that both lists are the same. */
export const stageWords: Readonly<Record<string, string>> = {
  context: "Gives the call its correlation id (`ref`) and its principal.",
  observe: "Records span, metrics and a log line; outermost, so that refusals are recorded too.",
  shape: "Masks secrets, fences text that others wrote, caps the size.",
  admit: "Refuses what the operator's level and tool lists do not allow, as if it did not exist.",
  limits: "Refuses quickly when too many calls run at once.",
  validate: "Parses the arguments strictly; an unknown key is refused with the valid ones named.",
  guard:
    "Checks argument values against the level, asks the server's own guard, and asks a person where one must be asked.",
  cache: "Answers equal reading calls from memory, only where a tool opted in.",
  deadline: "Ends the call when its time is over, truthfully: a write becomes `outcome_unknown`.",
  "audit intent": "Writes what a destructive call is about to do, before it does it.",
  handler:
    "Runs the tool's own function; each upstream has its bulkhead, retries for idempotent requests, breaker and timeout.",
};
