import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";
import { may, useSession } from "../session/session";
import { useWorkspace } from "../workspace";
import type { Filter } from "./filter";
import type { Delivery } from "./log";
import { ReplayButton } from "./replay/replay-button";

interface Props {
  filter: Filter;
  selected: Delivery[];
  onReplayed: () => void;
  counter: string | undefined;
  live: boolean;
  onLive: (live: boolean) => void;
  /** Reason for which updates are paused although they are on. */
  pauseReason: string | undefined;
  /** Number of new deliveries that are not shown yet. */
  added: number;
  onShowAdded: () => void;
  onRefresh: () => void;
  refreshing: boolean;
}

/** Title of the log, and its actions. */
export function LogHeader(props: Props) {
  const { workspace } = useWorkspace();
  const mayReplay = may(useSession(), workspace, "deliveries:replay");
  const { filter, selected, onReplayed, counter, live, onLive, pauseReason, added, onShowAdded } = props;
  return (
    <Header
      variant="awsui-h1-sticky"
      counter={counter}
      actions={
        <SpaceBetween direction="horizontal" size="s" alignItems="center">
          {added > 0 && <Button onClick={onShowAdded}>{`${added} new – show`}</Button>}
          <Toggle checked={live} onChange={({ detail }) => onLive(detail.checked)} description={pauseReason}>
            Live
          </Toggle>
          <Button
            iconName="refresh"
            ariaLabel="Refresh"
            onClick={props.onRefresh}
            loading={props.refreshing}
            loadingText="Refreshing"
          />
          {mayReplay && <ReplayButton filter={filter} selected={selected} onReplayed={onReplayed} />}
        </SpaceBetween>
      }
    >
      Deliveries
    </Header>
  );
}
