import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Steps from "@cloudscape-design/components/steps";
import { useState } from "react";
import type { Schemas } from "../../api/client";
import { Time } from "../../parts/time";
import { Verbatim } from "../../parts/verbatim";
import { reasonWords } from "../../words/reasons";
import { duration } from "../../words/time";

type Attempt = Schemas["AttemptBody"];

/** So many are shown at first. */
const FIRST = 5;

/** What came of each attempt, the latest first. */
export function Attempts({ attempts }: { attempts: Attempt[] }) {
  const [all, setAll] = useState(false);
  const latestFirst = [...attempts].reverse();
  const shown = all ? latestFirst : latestFirst.slice(0, FIRST);
  return (
    <SpaceBetween size="xs">
      <Header variant="h3" counter={`(${attempts.length})`}>
        Attempts
      </Header>
      {attempts.length === 0 ? (
        <Box color="text-status-inactive">None yet</Box>
      ) : (
        <Steps
          ariaLabel="Attempts, the latest first"
          steps={shown.map((attempt) => ({
            status: attempt.reason ? "error" : "success",
            statusIconAriaLabel: attempt.reason ? "Failed" : "Succeeded",
            header: <Summary attempt={attempt} />,
            details: <Findings attempt={attempt} />,
          }))}
        />
      )}
      {shown.length < attempts.length && (
        <Button variant="inline-link" onClick={() => setAll(true)}>
          Show all {attempts.length} attempts
        </Button>
      )}
    </SpaceBetween>
  );
}

function Summary({ attempt: { number, status, latencyMs } }: { attempt: Attempt }) {
  return (
    <>
      <b>Attempt {number}</b>: {status === null ? "no answer" : `answered ${status}`} in {duration(latencyMs)}
    </>
  );
}

function Findings({ attempt: { number, at, reason, detail, body } }: { attempt: Attempt }) {
  return (
    <SpaceBetween size="xxs">
      <Box variant="small" color="text-body-secondary" display="block">
        <Time at={at} />
      </Box>
      {reason && <div>{reasonWords(reason).what}</div>}
      {detail && (
        <Box variant="small" color="text-body-secondary" display="block">
          {detail}
        </Box>
      )}
      {body && (
        <ExpandableSection
          variant="inline"
          headerText="Answer"
          headerAriaLabel={`Answer to attempt ${number}`}
        >
          <Verbatim text={body} label={`Beginning of the answer to attempt ${number}`} />
        </ExpandableSection>
      )}
    </SpaceBetween>
  );
}
