import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import { useState } from "react";
import { conjunction } from "../labels/text";
import { useRouterLink } from "../shell/use-router-link";
import { useWorkspace } from "../workspace";
import { type Change, changesOf } from "./changes";
import type { Entry } from "./labels";
import { type RedactedUrl, urlText } from "./states";

/** Lists the changes of an entry as a diff, and as JSON on request. */
export function ChangeList({ entry }: { entry: Entry }) {
  const [jsonShown, setJsonShown] = useState(false);
  const changes = changesOf(entry);
  const toggleText = jsonShown ? "Hide JSON" : "Show JSON";
  return (
    <>
      {changes.length === 0 && <Box color="text-status-inactive">No change</Box>}
      {changes.map((change) => (
        <Line
          key={[change.kind, change.old?.endpointID, change.url?.endpointID, change.text].join()}
          change={change}
        />
      ))}
      <Button
        variant="inline-link"
        ariaExpanded={jsonShown}
        ariaLabel={`${toggleText}: ${entry.action} of ${entry.at}`}
        onClick={() => setJsonShown(!jsonShown)}
      >
        {toggleText}
      </Button>
      {jsonShown && (
        <Box variant="pre" fontSize="body-s">
          {JSON.stringify({ from: entry.from, to: entry.to }, null, 2)}
        </Box>
      )}
    </>
  );
}

function Line({ change: { kind, eventTypes, old, url, text } }: { change: Change }) {
  const types = conjunction.format(eventTypes);
  switch (kind) {
    case "setting":
      return (
        <div>
          {types && `${types} `}
          {url && (
            <>
              <UrlLink url={url} />{" "}
            </>
          )}
          {text}
        </div>
      );
    case "replaced":
      return (
        <>
          <DiffLine sign="−" url={old} note={`replaced in ${types} by`} />
          <DiffLine sign="+" url={url} />
        </>
      );
    case "removed":
      return <DiffLine sign="−" url={old} note={`removed from ${types}`} />;
    case "added":
      return <DiffLine sign="+" url={url} note={`added to ${types}`} />;
  }
}

function DiffLine({ sign, url, note }: { sign: "+" | "−"; url: RedactedUrl | null; note?: string }) {
  return (
    <div className="diff-line">
      <Box
        variant="span"
        fontWeight="bold"
        color={sign === "+" ? "text-status-success" : "text-status-error"}
      >
        <span aria-hidden="true">{sign}</span>
      </Box>
      <div>
        {url && <UrlLink url={url} />}{" "}
        {note && (
          <Box variant="span" color="text-body-secondary">
            {note}
          </Box>
        )}
      </div>
    </div>
  );
}

/** Links to the other changes of the URL. Its endpoint may not exist any more; its history does. */
function UrlLink({ url }: { url: RedactedUrl }) {
  const { paths } = useWorkspace();
  const follow = useRouterLink();
  return (
    <span className="breaks-anywhere">
      <Link href={`${paths.audit}?endpointID=${url.endpointID}`} onFollow={follow}>
        {urlText(url)}
      </Link>
    </span>
  );
}
