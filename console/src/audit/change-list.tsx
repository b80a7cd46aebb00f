import Box from "@cloudscape-design/components/box";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Link from "@cloudscape-design/components/link";
import { useRouterLink } from "../shell/use-router-link";
import { useWorkspace } from "../workspace";
import { type Change, changesOf } from "./changes";
import type { Entry } from "./labels";

/** Lists the changes of an entry in words, and as JSON. */
export function ChangeList({ entry }: { entry: Entry }) {
  const changes = changesOf(entry);
  return (
    <>
      {changes.length === 0 && <Box color="text-status-inactive">No difference: already set</Box>}
      {changes.map((change) => (
        <Line key={`${change.about}-${change.endpoint?.endpointID}-${change.text}`} change={change} />
      ))}
      <ExpandableSection
        variant="inline"
        headerText="As JSON"
        headerAriaLabel={`${entry.action} of ${entry.at} as JSON`}
      >
        <Box variant="pre" fontSize="body-s">
          {JSON.stringify({ from: entry.from, to: entry.to }, null, 2)}
        </Box>
      </ExpandableSection>
    </>
  );
}

function Line({ change: { about, endpoint, text } }: { change: Change }) {
  const { paths } = useWorkspace();
  const follow = useRouterLink();
  return (
    <div>
      {about && `${about}: `}
      {endpoint && (
        <>
          <Link href={paths.endpoint(endpoint.endpointID)} onFollow={follow}>
            {endpoint.origin} ({endpoint.endpointID.slice(0, 8)})
          </Link>{" "}
        </>
      )}
      {text}
    </div>
  );
}
