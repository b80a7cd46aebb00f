import ContentLayout from "@cloudscape-design/components/content-layout";
import Grid from "@cloudscape-design/components/grid";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { Refusal } from "../components/error-alert";
import { ViewHeader } from "../components/view-header";
import { usePage } from "../shell/page";
import type { Press } from "./arrival-times";
import { BehaviourControl } from "./behaviour-control";
import { HELP } from "./help";
import { InstancesStep } from "./instances-step";
import { useReceiverLog } from "./receiver-log";
import { ReceiverStep } from "./receiver-step";
import { RequestsStep } from "./requests-step";

/** On one's own machine: from nothing to a callback that has been seen, in a minute. */
export default function TryIt() {
  const { openHelp } = usePage("Try it", HELP);
  const log = useReceiverLog();
  const [presses, setPresses] = useState<Press[]>([]);
  return (
    <ContentLayout
      header={
        <ViewHeader
          title="Try it"
          description="Three steps on this machine, from an instance to the callback that it causes"
          openHelp={openHelp}
        />
      }
    >
      <Grid
        gridDefinition={[{ colspan: { default: 12, s: 6, m: 5 } }, { colspan: { default: 12, s: 6, m: 7 } }]}
      >
        <SpaceBetween size="l">
          <ReceiverStep />
          <InstancesStep
            done={presses.length > 0}
            onPress={(press) => setPresses((all) => [...all, press])}
          />
          {log.data && <BehaviourControl behaviour={log.data.behaviour} />}
        </SpaceBetween>
        <SpaceBetween size="l">
          {log.isError && <Refusal error={log.error} onRetry={() => log.refetch()} />}
          <RequestsStep log={log.data} presses={presses} />
        </SpaceBetween>
      </Grid>
    </ContentLayout>
  );
}
