import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { ErrorAlert } from "../components/error-alert";
import { useRouterLink } from "../shell/use-router-link";
import { useWorkspace } from "../workspace";
import { consequence } from "./behaviour-labels";
import { type Behaviour, localQuery } from "./local-api";

const ANSWERS = [
  { id: "ok", text: "Acknowledges" },
  { id: "fail", text: "Fails" },
  { id: "slow", text: "Slow" },
  { id: "hang", text: "Hangs" },
];

const STATUSES = [
  { value: "500", label: "500 Internal Server Error" },
  { value: "503", label: "503 Service Unavailable" },
  { value: "429", label: "429 Too Many Requests" },
  { value: "404", label: "404 Not Found" },
  { value: "410", label: "410 Gone" },
  { value: "301", label: "301 Moved Permanently" },
];

const DELAYS = [
  { value: "1000", label: "1 second" },
  { value: "3000", label: "3 seconds" },
  { value: "9000", label: "9 seconds" },
  { value: "15000", label: "15 seconds" },
];

/** Initial behaviour of each option. */
const DEFAULTS: Record<string, Behaviour> = {
  ok: { answer: "ok" },
  fail: { answer: "fail", status: 500 },
  slow: { answer: "slow", delayMs: 3_000 },
  hang: { answer: "hang" },
};

/** Sets the behaviour of the built-in receiver and explains the consequence. */
export function BehaviourControl({ behaviour }: { behaviour: Behaviour }) {
  const { paths } = useWorkspace();
  const follow = useRouterLink();
  const setting = localQuery.useMutation("put", "/local/receiver-behaviour");
  // Optimistic, until the log confirms it.
  const shown = (setting.isPending && setting.variables?.body) || behaviour;
  const setBehaviour = (body: Behaviour | undefined) => body && setting.mutate({ body });

  return (
    <Container
      header={
        <Header variant="h2" description="See how callbacks that are not acknowledged are retried">
          How the receiver answers
        </Header>
      }
    >
      <SpaceBetween size="m">
        <SegmentedControl
          label="How the receiver answers"
          selectedId={shown.answer}
          options={ANSWERS}
          onChange={({ detail }) => setBehaviour(DEFAULTS[detail.selectedId])}
        />
        {shown.answer === "fail" && (
          <FormField label="With the status">
            <Select
              selectedOption={optionOf(STATUSES, shown.status)}
              options={STATUSES}
              onChange={({ detail }) =>
                setBehaviour({ answer: "fail", status: Number(detail.selectedOption.value) })
              }
            />
          </FormField>
        )}
        {shown.answer === "slow" && (
          <FormField label="After">
            <Select
              selectedOption={optionOf(DELAYS, shown.delayMs)}
              options={DELAYS}
              onChange={({ detail }) =>
                setBehaviour({ answer: "slow", delayMs: Number(detail.selectedOption.value) })
              }
            />
          </FormField>
        )}
        <Box>
          <div role="status">{consequence(shown)}</div>
        </Box>
        <SpaceBetween direction="horizontal" size="m">
          <Link href={paths.deliveries} onFollow={follow}>
            See the deliveries
          </Link>
          <Link href={paths.endpoints} onFollow={follow}>
            See the endpoints
          </Link>
        </SpaceBetween>
        {setting.isError && <ErrorAlert error={setting.error} />}
      </SpaceBetween>
    </Container>
  );
}

/** Returns the option for a value. A value set through the API may be none of the options. */
function optionOf(options: { value: string; label: string }[], value: number) {
  return (
    options.find((option) => option.value === String(value)) ?? { value: String(value), label: String(value) }
  );
}
