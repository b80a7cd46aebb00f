import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";
import { VIEWS } from "../labels/views";
import { may, useSession } from "../session/session";
import { useWorkspace } from "../workspace";
import type { Filter } from "./filter";
import { ReplayButton } from "./replay/replay-button";
import type { LiveLog } from "./use-live-log";

const { title, description } = VIEWS.deliveries;

interface Props {
  filter: Filter;
  log: LiveLog;
}

/** Title of the log, and its actions. */
export function LogHeader({ filter, log }: Props) {
  const { workspace } = useWorkspace();
  const mayReplay = may(useSession(), workspace, "deliveries:replay");
  const { added, showAdded, liveEnabled, setLiveEnabled, live, pages, query } = log;
  const paused = liveEnabled && !live;
  return (
    <Header
      variant="awsui-h1-sticky"
      counter={counter(log)}
      description={description}
      actions={
        <SpaceBetween direction="horizontal" size="s" alignItems="center">
          {added > 0 && <Button onClick={showAdded}>{`${added} new – show`}</Button>}
          <div className="live">
            <Toggle
              checked={liveEnabled}
              onChange={({ detail }) => setLiveEnabled(detail.checked)}
              description={paused ? pauseReason(pages.selected.length) : undefined}
            >
              Live
            </Toggle>
          </div>
          <Button
            iconName="refresh"
            ariaLabel="Refresh"
            onClick={() => query.refetch().then(showAdded)}
            // Not read while live: each poll would render the table twice.
            loading={!live && query.isFetching}
            loadingText="Refreshing"
          />
          {mayReplay && (
            <ReplayButton filter={filter} selected={pages.selected} onReplayed={() => pages.select([])} />
          )}
        </SpaceBetween>
      }
    >
      {title}
    </Header>
  );
}

const pauseReason = (selected: number) =>
  selected > 0 ? "Paused while deliveries are selected" : "Live updates run on page 1 only";

/** Returns the number of deliveries that are known: `(200+)`, or `(3/200+)` if some are selected. */
function counter({ query, pages, preferences, rows, next }: LiveLog) {
  if (!query.data) {
    return undefined;
  }
  const known = `${(pages.page - 1) * preferences.pageSize + rows.length}${next === null ? "" : "+"}`;
  return pages.selected.length > 0 ? `(${pages.selected.length}/${known})` : `(${known})`;
}
