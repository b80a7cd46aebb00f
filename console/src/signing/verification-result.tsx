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
  secrets: Schemas["SecretBody"];
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
                The signature is {nameOf(result.nearMiss.secret)}’s, but of another target.{" "}
                {result.nearMiss.difference}. Verify what stands in the request line, before anything parses
                it.
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
      {signatures === 1 ? "The signature is" : "Each of the signatures is"} well formed, but not of this id,
      this time and this target under any of the secrets above. So one of these was changed or copied wrongly,
      or the request comes from another workspace, was signed with a secret that has expired, or is not from
      us.
    </>
  );
}

/** Notes a timestamp that receivers reject, whatever the signature. */
function TimeNote({ signed, at }: { signed: SignedParts; at: number }) {
  if (Math.abs(requestAge(signed.timestamp, at)) <= TOLERANCE_SECONDS) {
    return null;
  }
  const time = new Date(Number(signed.timestamp) * 1_000).toISOString();
  return (
    <Alert type="info" header="A receiver would refuse it by its time" statusIconAriaLabel="Info">
      Its timestamp is {exactTime(time)}, {relativeTime(time, at)}. Receivers take only what is within 5
      minutes of their clock, so that nobody can send again what they recorded. Each attempt is signed anew.
    </Alert>
  );
}

function secretName(secrets: Schemas["SecretBody"], secret: string): string {
  const previous = secrets.previous.find((candidate) => candidate.secret === secret);
  return previous
    ? `the previous secret ${previous.fingerprint}`
    : `the current secret ${secrets.fingerprint}`;
}
