/** A call that changes nothing, and a text that its answer holds. */
export interface SampleCall {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly contains: string;
}

/** What a server was given to run on; disposing of it stops its services. */
export interface RunningSample extends AsyncDisposable {
  /** The command line's end, such as a folder to share. */
  readonly args: readonly string[];
  /** Besides PATH and a HOME of its own. */
  readonly env?: Readonly<Record<string, string>>;
  /** All that the server may connect to. */
  readonly services?: readonly { readonly url: string }[];
}

/**
 * What suites that know no server need to try one: `test/sample.ts` of a server exports it as `sample`. `start` lays out
 * files in an empty folder or starts a stand-in for the service ({@link startProgram}, {@link startPostgres}).
 */
export interface Sample {
  readonly call: SampleCall;
  start(folder: string): Promise<RunningSample>;
}
