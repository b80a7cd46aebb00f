import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import LiveRegion from "@cloudscape-design/components/live-region";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { Schemas } from "../api/client";
import { exactTime, relativeTime } from "../labels/time";
import {
  requestAge,
  type SignedParts,
  signedText,
  TOLERANCE_SECONDS,
  type VerificationResult,
} from "./signature";

interface Props {
  result: VerificationResult;
  /** Time of the verification. */
  at: number;
  secrets: Schemas["SigningSecret"];
}

/** Shows the result of a verification. */
export function ResultText({ result, at, secrets }: Props) {
  if (result.kind === "malformed") {
    return null;
  }
  const nameOf = (secret: string) => secretName(secrets, secret);
  return (
    <SpaceBetween size="m">
      <LiveRegion>
        {result.kind === "valid" ? (
          <Alert type="success" header="Valid" statusIconAriaLabel="Success">
            Signed with {result.secrets.map(nameOf).join(" and with ")}.
          </Alert>
        ) : (
          <Alert type="error" header="Not valid" statusIconAriaLabel="Error">
            {result.nearMiss ? (
              <>
                The signature was made with {nameOf(result.nearMiss.secret)}, but for another target.{" "}
                {result.nearMiss.difference}. Verify the target of the request line before it is parsed.
              </>
            ) : (
              <NoMatch signatures={result.signatures} />
            )}
          </Alert>
        )}
      </LiveRegion>
      <TimeNote signed={result.signed} at={at} />
      <ExpandableSection headerText="What is signed">
        <Box variant="code">
          <span className="breaks-anywhere">{signedText(result.signed)}</span>
        </Box>
      </ExpandableSection>
    </SpaceBetween>
  );
}

function NoMatch({ signatures }: { signatures: number }) {
  return (
    <>
      {signatures === 1 ? "The signature is" : "Each signature is"} well formed, but does not match this id,
      this timestamp and this target with any of the endpoint's secrets. Either one of these was changed or
      copied incorrectly, or the request belongs to another endpoint, was signed with an expired secret, or
      has another origin.
    </>
  );
}

/** Notes a timestamp that receivers reject, whatever the signature. */
function TimeNote({ signed, at }: { signed: SignedParts; at: number }) {
  if (Math.abs(requestAge(signed.timestamp, at)) <= TOLERANCE_SECONDS) {
    return null;
  }
  const time = new Date(Number(signed.timestamp) * 1_000).toISOString();
  const header = `Timestamp too ${requestAge(signed.timestamp, at) > 0 ? "old" : "far ahead"}: receivers will reject it`;
  return (
    <Alert type="info" header={header} statusIconAriaLabel="Info">
      It is {exactTime(time)}, {relativeTime(time, at)}. Receivers accept only timestamps within 5 minutes of
      their clock, so that a recorded request cannot be sent again. Each attempt has its own timestamp and
      signature.
    </Alert>
  );
}

function secretName(secrets: Schemas["SigningSecret"], secret: string): string {
  const previous = secrets.previous.find((candidate) => candidate.secret === secret);
  return previous
    ? `the previous secret ${previous.fingerprint}`
    : `the current secret ${secrets.fingerprint}`;
}
