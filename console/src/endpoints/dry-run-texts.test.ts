import { describe, expect, test } from "vitest";
import { type DryRunEvent, eventOutcome, exclusionsText, outcomeText } from "./dry-run-texts";

const EVENT: DryRunEvent = {
  eventID: "1",
  eventType: "updated",
  instanceID: "4711",
  processName: "Order intake",
  changedAt: "2026-11-28T12:00:00Z",
  sent: true,
};

const excluded = (excludedBy: DryRunEvent["excludedBy"]): DryRunEvent => ({
  ...EVENT,
  sent: false,
  excludedBy,
});

/** Returns the sentence about this number of events. */
const outcome = (events: number, sent: number, complete = true) =>
  outcomeText({ events: Array.from({ length: events }, () => EVENT), sent, complete });

describe("the sentence", () => {
  test("counts the last hundred, or those of a day", () => {
    expect(outcome(100, 12)).toBe("12 of the last 100 events would have been sent.");
    expect(outcome(37, 12)).toBe("12 of the 37 events of the last 24 hours would have been sent.");
  });

  test("names none, all and the only one", () => {
    expect(outcome(100, 0)).toBe("None of the last 100 events would have been sent.");
    expect(outcome(2, 2)).toBe("All of the 2 events of the last 24 hours would have been sent.");
    expect(outcome(1, 1)).toBe("The only event of the last 24 hours would have been sent.");
    expect(outcome(1, 0)).toBe("The only event of the last 24 hours would not have been sent.");
    expect(outcome(0, 0)).toBe("There was no event in the last 24 hours.");
  });

  test("says when the stream could not be read back", () => {
    const tooMany = "The stream has too many records to read all of them back.";
    const period = "of the last few seconds";
    expect(outcome(64, 12, false)).toBe(`${tooMany} 12 of the 64 events ${period} would have been sent.`);
    expect(outcome(100, 12, false)).toBe(`${tooMany} 12 of the 100 events ${period} would have been sent.`);
    expect(outcome(0, 0, false)).toBe(`${tooMany} There was no event in the last few seconds.`);
  });
});

test("excluded events are counted by reason, in the order of the check", () => {
  expect(exclusionsText([EVENT, EVENT])).toBeUndefined();
  expect(exclusionsText([excluded("changed"), EVENT])).toBe("Excluded: 1 by the changed attributes.");
  expect(
    exclusionsText([
      excluded("where"),
      excluded("changed"),
      excluded("callbacks"),
      excluded("processNames"),
      excluded("changed"),
    ]),
  ).toBe(
    "Excluded: 1 by the event type, 1 by the processes, 2 by the changed attributes and 1 by the conditions.",
  );
});

test("each event says whether it would have been sent", () => {
  expect(eventOutcome(EVENT)).toBe("Sent");
  expect(eventOutcome(excluded("callbacks"))).toBe("Excluded by the event type");
  expect(eventOutcome(excluded("where"))).toBe("Excluded by the conditions");
});
