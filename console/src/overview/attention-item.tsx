import Box from "@cloudscape-design/components/box";
import Grid from "@cloudscape-design/components/grid";
import Link from "@cloudscape-design/components/link";
import { conditionOf, type Endpoint } from "../endpoints/condition";
import { ConditionIndicator } from "../endpoints/condition-indicator";
import { LastReason } from "../endpoints/last-failure";
import { NextTry } from "../endpoints/next-try";
import { ResumeButton } from "../endpoints/resume-button";
import { useResume } from "../endpoints/use-endpoints";
import { capitalised, waitingWords } from "../endpoints/words";
import { Refusal } from "../parts/refusal";
import { Ago } from "../parts/time";
import { may, useSession } from "../session/session";
import { useFollow } from "../shell/follow";
import { useWorkspace } from "../workspace";

/** One endpoint: what is the matter, what happens next, and what can be done from here. */
export function AttentionItem({ endpoint }: { endpoint: Endpoint }) {
  const { workspace, paths } = useWorkspace();
  const follow = useFollow();
  const { resume, isPending, error } = useResume(endpoint);
  const session = useSession();
  const mayResume = endpoint.health.state !== "healthy" && may(session, workspace, "callbacks:write");
  return (
    <>
      <Grid
        gridDefinition={[
          { colspan: { default: 12, s: 2 } },
          { colspan: { default: 12, s: 8 } },
          { colspan: { default: 12, s: 2 } },
        ]}
      >
        <ConditionIndicator endpoint={endpoint} />
        <div>
          <Link href={paths.endpoint(endpoint.endpointID)} onFollow={follow}>
            {endpoint.url}
          </Link>
          <Box color="text-body-secondary">
            <Sentence endpoint={endpoint} /> {capitalised(waitingWords(endpoint.backlog))}. Next try:{" "}
            <NextTry endpoint={endpoint} />
          </Box>
        </div>
        {mayResume && <ResumeButton endpoint={endpoint} busy={isPending} onClick={resume} />}
      </Grid>
      {error && <Refusal error={error} />}
    </>
  );
}

/** What is the matter, in short; its own page says more. */
function Sentence({ endpoint }: { endpoint: Endpoint }) {
  const { health } = endpoint;
  switch (health.state) {
    case "disabled":
      return (
        <>
          {health.reason === "gone" ? "The receiver answered 410 Gone" : "Nothing but failures for days"}:
          disabled <Ago at={health.disabledSince} />.
        </>
      );
    case "failing":
      return (
        <>
          <LastReason endpoint={endpoint} />
          Failing since <Ago at={health.failingSince} />
          {health.warned && ", and about to be disabled"}.
        </>
      );
    default:
      return conditionOf(endpoint) === "paused"
        ? "Paused by its settings: everything is kept."
        : "It works, but some deliveries were refused and set aside.";
  }
}
