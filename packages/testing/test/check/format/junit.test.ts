import { expect, test } from "vitest";
import { formatJunit } from "../../../src/check/format/junit.ts";
import { report } from "./report.ts";

test("a suite per group, in XML that can be read", () => {
  expect(formatJunit(report)).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="node server.js &lt;a &amp; b&gt;" tests="4" failures="1" skipped="1" time="2.345">
      <testsuite name="start" tests="1" failures="0" skipped="0">
        <testcase classname="start" name="start/initialize: answers initialize"/>
      </testsuite>
      <testsuite name="conformance" tests="2" failures="1" skipped="0">
        <testcase classname="conformance" name="conformance/ping: answers ping"><failure message="error -32601 (&quot;no� &lt;method&gt;&quot;)">error -32601 (&quot;no� &lt;method&gt;&quot;)&#10;Answer ping.&#10;https://example.com/ping</failure></testcase>
        <testcase classname="conformance" name="conformance/ids: keeps ids"><system-out>it does&#10;so now &amp; then&#10;Copy them.</system-out></testcase>
      </testsuite>
      <testsuite name="orphans" tests="1" failures="0" skipped="1">
        <testcase classname="orphans" name="orphans/stdin: ends"><skipped message="no such system"/></testcase>
      </testsuite>
    </testsuites>
    "
  `);
});
