import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Steps, { type StepsProps } from "@cloudscape-design/components/steps";
import { useState } from "react";
import type { Schemas } from "../../api/client";
import { Expandable } from "../../components/expandable";
import { Time } from "../../components/time";
import { usePrinting } from "../../components/use-printing";
import { Verbatim } from "../../components/verbatim";
import { capitalised } from "../../labels/text";
import { duration } from "../../labels/time";
import { omittedLabel, type Row, rowsOf } from "./attempt-rows";
import { Pairs } from "./pairs";
import { outcome } from "./situation";

type Attempt = Schemas["Attempt"];

/** Number of rows shown at first. */
const SHOWN_FIRST = 5;

interface Props {
  attempts: Attempt[];
  /** Number of attempts made. The first and the last 20 are stored. */
  count: number;
}

/** Lists the attempts, the latest first. */
export function Attempts({ attempts, count }: Props) {
  const [showAll, setShowAll] = useState(false);
  const all = usePrinting() || showAll;
  const rows = rowsOf(attempts, count);
  const shown = all ? rows : rows.slice(0, SHOWN_FIRST);
  return (
    <SpaceBetween size="xs">
      <Header variant="h3" counter={`(${count})`}>
        Attempts
      </Header>
      {rows.length === 0 ? (
        <Box color="text-status-inactive">None yet</Box>
      ) : (
        <Steps
          ariaLabel="Attempts, the latest first"
          steps={shown.map((row, index) => stepOf(row, index === 0))}
        />
      )}
      {shown.length < rows.length && (
        <Button variant="inline-link" onClick={() => setShowAll(true)}>
          Show all {attempts.length} {attempts.length < count ? "attempts that are kept" : "attempts"}
        </Button>
      )}
    </SpaceBetween>
  );
}

function stepOf(row: Row, latest: boolean): StepsProps.Step {
  if ("omitted" in row) {
    return {
      status: "stopped",
      statusIconAriaLabel: "Not kept",
      header: `… ${omittedLabel(row.omitted)} …`,
      details: (
        <Box variant="small" color="text-body-secondary" display="block">
          The first attempt and the last 20 are kept
        </Box>
      ),
    };
  }
  const { attempt, bodyOmitted } = row;
  return {
    status: attempt.reason ? "error" : "success",
    statusIconAriaLabel: attempt.reason ? "Failed" : "Succeeded",
    header: <AttemptTitle attempt={attempt} />,
    details: (
      <AttemptDetails attempt={attempt} bodyOmitted={bodyOmitted} open={latest && attempt.reason !== null} />
    ),
  };
}

function AttemptTitle({ attempt }: { attempt: Attempt }) {
  return (
    <>
      <b>Attempt {attempt.number}</b>: {outcome(attempt)} in {duration(attempt.latencyMs)}
    </>
  );
}

interface DetailsProps {
  attempt: Attempt;
  bodyOmitted: boolean;
  /** Whether the response's body is shown at once. */
  open: boolean;
}

function AttemptDetails({ attempt, bodyOmitted, open }: DetailsProps) {
  const { number, at, status, detail, body, headers } = attempt;
  return (
    <SpaceBetween size="xxs">
      <Box variant="small" color="text-body-secondary" display="block">
        <Time at={at} />
      </Box>
      {/* With a status the detail only repeats it. */}
      {detail && status === null && <div>{capitalised(detail)}</div>}
      {bodyOmitted && (
        <Box variant="small" color="text-body-secondary" display="block">
          Response not kept: only those of the last three attempts are
        </Box>
      )}
      {body && (
        <Expandable
          variant="footer"
          defaultExpanded={open}
          headerText="Response body"
          headerAriaLabel={`Response body of attempt ${number}`}
        >
          <Verbatim text={body} label={`Beginning of the response to attempt ${number}`} />
        </Expandable>
      )}
      {headers.length > 0 && (
        <Expandable
          variant="footer"
          headerText={`Response headers (${headers.length})`}
          headerAriaLabel={`Response headers of attempt ${number}`}
        >
          <Pairs label={`Response headers of attempt ${number}`} pairs={headers} />
        </Expandable>
      )}
    </SpaceBetween>
  );
}
