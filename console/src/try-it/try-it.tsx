import ContentLayout from "@cloudscape-design/components/content-layout";
import Grid from "@cloudscape-design/components/grid";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { ErrorAlert } from "../components/error-alert";
import { useLastError } from "../components/use-last-error";
import { ViewHeader } from "../components/view-header";
import { VIEWS } from "../labels/views";
import { usePage } from "../shell/page";
import { useWorkspace } from "../workspace";
import type { ActionClick } from "./arrival-times";
import { BehaviourControl } from "./behaviour-control";
import { HELP } from "./help";
import { InstancesStep } from "./instances-step";
import { useReceiverLog } from "./receiver-log";
import { ReceiverStep } from "./receiver-step";
import { RequestsStep } from "./requests-step";

const { title, description } = VIEWS.tryIt;

/** Shows the guided tour of the local program: receiver, instances, requests. */
export default function TryIt() {
  const { openHelp } = usePage(title, HELP);
  const { workspace } = useWorkspace();
  const log = useReceiverLog(workspace);
  const error = useLastError(log);
  const [clicks, setClicks] = useState<ActionClick[]>([]);
  return (
    <ContentLayout header={<ViewHeader title={title} description={description} openHelp={openHelp} />}>
      <Grid
        gridDefinition={[{ colspan: { default: 12, s: 6, m: 5 } }, { colspan: { default: 12, s: 6, m: 7 } }]}
      >
        <SpaceBetween size="l">
          <ReceiverStep />
          <InstancesStep changes={clicks.length} onAction={(press) => setClicks((all) => [...all, press])} />
          {log.data && <BehaviourControl behaviour={log.data.behaviour} />}
        </SpaceBetween>
        <SpaceBetween size="l">
          {Boolean(error) && <ErrorAlert error={error} onRetry={() => log.refetch()} />}
          <RequestsStep log={log.data} clicks={clicks} />
        </SpaceBetween>
      </Grid>
    </ContentLayout>
  );
}
