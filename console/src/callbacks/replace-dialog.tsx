import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Modal from "@cloudscape-design/components/modal";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { DialogButtons } from "../components/dialog-buttons";
import { ErrorAlert } from "../components/error-alert";
import { conjunction } from "../labels/text";
import { type Affected, chosenTwice, replacesOf } from "./replaced";

interface Props {
  affected: Affected[];
  saving: boolean;
  failure: unknown;
  onCancel: () => void;
  /** Saves with these replacements: old URLs by new URL. */
  onSave: (replaces: Record<string, string>) => void;
}

/** Value of the option that gives the pending deliveries up. */
const FAIL = "";

/** Asks what becomes of the pending deliveries and the settings of URLs that are removed. */
export default function ReplaceDialog({ affected, saving, failure, onCancel, onSave }: Props) {
  const removed = affected.filter((it) => it.removed);
  const [choices, setChoices] = useState<ReadonlyMap<string, string | undefined>>(
    new Map(removed.map(({ url, proposed }) => [url, proposed])),
  );
  const twice = chosenTwice(choices);
  const nothingToMove = removed.every(({ candidates }) => candidates.length === 0);
  return (
    <Modal
      visible
      size="large"
      header={title(affected)}
      closeAriaLabel="Back to editing"
      onDismiss={onCancel}
      footer={
        <DialogButtons>
          <Button onClick={onCancel}>Back to editing</Button>
          <Button
            variant="primary"
            loading={saving}
            loadingText="Saving"
            disabled={twice !== undefined}
            onClick={() => onSave(replacesOf(choices))}
          >
            {nothingToMove ? "Save anyway" : "Save"}
          </Button>
        </DialogButtons>
      }
    >
      <SpaceBetween size="l">
        {affected.map((endpoint) => (
          <section key={endpoint.url} aria-label={endpoint.url}>
            <SpaceBetween size="xs">
              <div className="url">
                <Box variant="strong">{endpoint.url}</Box>
              </div>
              <Box>{sentence(endpoint)}</Box>
              {endpoint.candidates.length > 0 && (
                <Choice
                  endpoint={endpoint}
                  chosen={choices.get(endpoint.url)}
                  twice={twice}
                  onChoose={(to) => setChoices(new Map(choices).set(endpoint.url, to))}
                />
              )}
            </SpaceBetween>
          </section>
        ))}
        {failure !== undefined && <ErrorAlert error={failure} />}
      </SpaceBetween>
    </Modal>
  );
}

interface ChoiceProps {
  endpoint: Affected;
  chosen: string | undefined;
  twice: string | undefined;
  onChoose: (to: string | undefined) => void;
}

function Choice({ endpoint, chosen, twice, onChoose }: ChoiceProps) {
  const { backlog, settings, candidates } = endpoint;
  const what = conjunction.format([
    ...(backlog.pending > 0 ? ["deliveries"] : []),
    ...(settings.length > 0 ? ["settings"] : []),
  ]);
  const options = [
    ...candidates.map((url) => ({ value: url, label: `Move ${what} to ${url}` })),
    {
      value: FAIL,
      label: backlog.pending > 0 ? "Fail the deliveries, drop the settings" : "Drop the settings",
    },
  ];
  return (
    <FormField
      stretch
      label="What happens to them"
      errorText={
        chosen !== undefined && chosen === twice && "One URL can replace one other: choose another one here."
      }
    >
      <Select
        selectedOption={options.find(({ value }) => value === (chosen ?? FAIL)) ?? null}
        options={options}
        onChange={({ detail }) => onChoose(detail.selectedOption.value || undefined)}
      />
    </FormField>
  );
}

/** Returns the number of pending deliveries: `41 deliveries`, `At least 1,000 deliveries`. */
function deliveries({ backlog: { pending, capped } }: Affected): string {
  const count = pending.toLocaleString("en");
  return `${capped ? `At least ${count}` : count} ${pending === 1 ? "delivery" : "deliveries"}`;
}

function title(affected: Affected[]): string {
  const [only, ...others] = affected;
  if (only && others.length === 0 && only.backlog.pending > 0) {
    return `${deliveries(only)} ${isOrAre(only)} pending for a URL that you ${only.removed ? "remove" : "call less"}`;
  }
  return affected.some(({ backlog }) => backlog.pending > 0)
    ? "Deliveries are pending for URLs that you change"
    : "A URL that you remove has settings";
}

function sentence(endpoint: Affected): string {
  const { backlog, settings, removed, candidates, eventTypes } = endpoint;
  const begin = [
    ...(backlog.pending > 0 ? [`${deliveries(endpoint)} ${isOrAre(endpoint)} pending for this URL.`] : []),
    ...(settings.length > 0 ? [`It has settings of its own: ${conjunction.format(settings)}.`] : []),
  ].join(" ");
  if (!removed) {
    return `${begin} It is no longer called for ${conjunction.format(eventTypes)} events: deliveries of these fail. Replay can send them later.`;
  }
  if (candidates.length === 0) {
    const effect = backlog.pending > 0 ? "If you save, they fail." : "If you save, they are dropped.";
    return `${begin} ${effect} To keep them, go back and add the URL that replaces this one.`;
  }
  return `${begin} A URL that replaces it takes them over, in order.`;
}

const isOrAre = ({ backlog: { pending } }: Affected) => (pending === 1 ? "is" : "are");
