import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import { RelativeTime } from "../components/time";
import { calledWhen } from "./called-when";
import type { Endpoint } from "./condition";
import { ConditionIndicator } from "./condition-indicator";
import { eventTypesLabel } from "./event-types";
import { backlogLabel } from "./labels";
import { NextAttempt } from "./next-attempt";

/** Says when an endpoint is called, and lists its health values. */
export function HealthPanel({ endpoint }: { endpoint: Endpoint }) {
  const { backlog, eventTypes, health, lastFailureAt, lastSuccessAt, settings } = endpoint;
  // Damaged settings are shown as the defaults.
  const sentence = health.state !== "damaged" && calledWhen(eventTypes, settings);
  return (
    <Container
      header={
        <Header variant="h2" description={<span className="breaks-anywhere">{sentence}</span>}>
          Health
        </Header>
      }
    >
      <KeyValuePairs
        columns={3}
        items={[
          { label: "Health", value: <ConditionIndicator endpoint={endpoint} /> },
          { label: "Backlog", value: backlogLabel(backlog) },
          { label: "Next attempt", value: <NextAttempt endpoint={endpoint} /> },
          { label: "Last success", value: lastSuccessAt ? <RelativeTime at={lastSuccessAt} /> : "None yet" },
          { label: "Last failure", value: lastFailureAt ? <RelativeTime at={lastFailureAt} /> : "None yet" },
          { label: "Event types", value: eventTypesLabel(eventTypes) },
          ...(settings.contact ? [{ label: "Contact", value: settings.contact }] : []),
        ]}
      />
    </Container>
  );
}
