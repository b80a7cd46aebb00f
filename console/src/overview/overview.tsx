import Alert from "@cloudscape-design/components/alert";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useSearchParams } from "react-router";
import { isDamaged } from "../api/problem";
import { useCallbacksDamage } from "../callbacks/use-damage";
import { ErrorAlert } from "../components/error-alert";
import { Loading } from "../components/loading";
import { useLastError } from "../components/use-last-error";
import { useEndpoints } from "../endpoints/use-endpoints";
import { VIEWS } from "../labels/views";
import { may, useSession } from "../session/session";
import { usePage } from "../shell/page";
import { useWorkspace } from "../workspace";
import { Attention } from "./attention";
import { ChartsPanel } from "./charts-panel";
import { GettingStarted } from "./getting-started";
import { HELP } from "./help";
import { KeyFigures } from "./key-figures";
import { RANGES, type Range, rangeOf } from "./ranges";
import { useStatistics } from "./use-statistics";

const { title, description } = VIEWS.overview;

export default function Overview() {
  usePage(title, HELP);
  const { workspace } = useWorkspace();
  const mayRead = may(useSession(), workspace, "deliveries:read");
  const [search, setSearch] = useSearchParams();
  const range = rangeOf(search.get("range"));
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description={description}
          actions={
            <SegmentedControl
              label="Time range"
              selectedId={range.id}
              options={RANGES.map(({ id, text }) => ({ id, text }))}
              onChange={({ detail }) => setSearch({ range: detail.selectedId }, { replace: true })}
            />
          }
        >
          {title}
        </Header>
      }
    >
      {mayRead ? (
        <Content range={range} />
      ) : (
        <Alert type="info" statusIconAriaLabel="Info">
          You do not have permission to see the deliveries of this workspace. Ask an administrator.
        </Alert>
      )}
    </ContentLayout>
  );
}

function Content({ range }: { range: Range }) {
  const { workspace } = useWorkspace();
  const mayReadEndpoints = may(useSession(), workspace, "callbacks:read");
  const statistics = useStatistics(range);
  const endpoints = useEndpoints({ enabled: mayReadEndpoints });
  const endpointsError = useLastError(endpoints);
  const damage = useCallbacksDamage();
  // Data read before the damage is outdated.
  const known = isDamaged(endpointsError) ? undefined : endpoints.data?.endpoints;

  const hasEndpoints = known !== undefined && known.length > 0;
  const isNew = known?.length === 0 && statistics.data?.counted === 0;
  const isLoading = !statistics.data && !statistics.error;
  const showsFigures = isLoading ? hasEndpoints : statistics.data && !isNew;

  return (
    <SpaceBetween size="l">
      {Boolean(endpointsError) && (
        <ErrorAlert error={endpointsError} onRetry={endpoints.refetch} damage={damage} />
      )}
      {Boolean(statistics.error) && <ErrorAlert error={statistics.error} onRetry={statistics.refetch} />}
      {isLoading && !hasEndpoints && <Loading label="Loading figures" />}
      {isNew && <GettingStarted />}
      {showsFigures && <KeyFigures statistics={statistics.data} endpoints={known} />}
      {hasEndpoints && <Attention endpoints={known} />}
      {showsFigures && <ChartsPanel statistics={statistics.data} />}
    </SpaceBetween>
  );
}
