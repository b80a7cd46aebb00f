import { describe, expect, it } from "vitest";
import { type PastedRequest, requestAge, targetOf, verify } from "./signature";

/** The example of docs/receivers.md. */
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const EXAMPLE: PastedRequest = {
  target:
    "/instanceCreated?token=a%2Fb&instanceID=i-1&processName=Order%20f%C3%BCr%20M%26S&eventType=created",
  id: "c81e728d9d4c2f636f067f89cc14862c",
  timestamp: "1700000000",
  signature: "v1,9ULnkTOfY7pM/LvGGlpYWsZJiHqkoFybTap2SB+YzOU=",
};
const OTHER = `whsec_${btoa("another secret, of 32 byte long ")}`;

const check = (changed: Partial<PastedRequest>, secrets = [SECRET]) =>
  verify({ ...EXAMPLE, ...changed }, secrets);
const differenceOf = async (changed: Partial<PastedRequest>) => {
  const result = await check(changed);
  return result.kind === "invalid" ? result.nearMiss?.difference : result.kind;
};

describe("an unchanged request", () => {
  it("is valid, and names the secret that signed it", async () => {
    expect(await check({}, [OTHER, SECRET])).toMatchObject({ kind: "valid", secrets: [SECRET] });
  });

  it("is valid when one of several signatures is right", async () => {
    expect(
      await check({ signature: `v1,${"A".repeat(43)}= v1a,unknown ${EXAMPLE.signature}` }),
    ).toMatchObject({
      kind: "valid",
    });
  });

  it("may be pasted as a URL, as a request line, and with the headers' names", async () => {
    const pasted = [
      { target: `https://my-service.com${EXAMPLE.target}#part` },
      { target: `GET ${EXAMPLE.target} HTTP/1.1` },
      { id: `webhook-id: ${EXAMPLE.id}`, signature: `Webhook-Signature:${EXAMPLE.signature}\n` },
    ];
    for (const changed of pasted) {
      expect(await check(changed)).toMatchObject({ kind: "valid" });
    }
  });
});

describe("a changed request", () => {
  it("is invalid, whichever part was changed", async () => {
    const changes = [
      { target: EXAMPLE.target.replace("i-1", "i-2") },
      { id: "c81e728d9d4c2f636f067f89cc14862d" },
      { timestamp: "1700000001" },
    ];
    for (const changed of changes) {
      expect(await check(changed)).toMatchObject({ kind: "invalid", nearMiss: null });
    }
    expect(await check({}, [OTHER])).toMatchObject({ kind: "invalid", nearMiss: null });
  });

  it("names the change that a framework or a proxy made", async () => {
    const { target } = EXAMPLE;
    const decoded = target.replace("Order%20f%C3%BCr%20M%26S", "Order für M&S");
    expect(await differenceOf({ target: decoded })).toContain("decoded");
    expect(await differenceOf({ target: target.replaceAll("%20", "+") })).toContain("%20");
    expect(await differenceOf({ target: target.replace("%C3%BC", "%c3%bc") })).toContain("percent-encoding");
    expect(await differenceOf({ target: target.replace("?", "/?") })).toContain("slash");
  });
});

describe("a malformed value", () => {
  it("has an error at its field", async () => {
    const problems = async (changed: Partial<PastedRequest>) => {
      const result = await check(changed);
      return result.kind === "malformed" ? result.problems : {};
    };
    expect(Object.keys(await problems({ target: "", id: " ", timestamp: "", signature: "" }))).toHaveLength(
      4,
    );
    expect((await problems({ target: "instanceCreated?a=b" })).target).toContain("begins with /");
    expect((await problems({ timestamp: "1700000000000" })).timestamp).toContain("milliseconds");
    expect((await problems({ timestamp: "2023-11-14T22:13:20Z" })).timestamp).toContain("seconds since 1970");
    expect((await problems({ signature: EXAMPLE.signature.slice(3) })).signature).toContain(
      "begins with v1,",
    );
    expect((await problems({ signature: EXAMPLE.signature.slice(0, -4) })).signature).toContain("cut off");
  });
});

it("the target of a URL is kept byte for byte", () => {
  expect(targetOf("http://host/a/../b//c?x=%7e&y=|")).toBe("/a/../b//c?x=%7e&y=|");
  expect(targetOf("https://host:8443?x=1")).toBe("/?x=1");
});

it("a request has an age, negative if it is ahead of the clock", () => {
  expect(requestAge("1700000000", 1_700_000_301_000)).toBe(301);
  expect(requestAge("1700000000", 1_699_999_990_000)).toBe(-10);
});
