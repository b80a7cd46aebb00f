import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type FormEvent, useState } from "react";
import { Refusal } from "../components/error-alert";
import { may, useSession } from "../session/session";
import { useNotices } from "../shell/notices";
import { useWorkspace } from "../workspace";
import type { Endpoint } from "./condition";
import { changeOf, type Draft, fieldsOf, RATE_WORDS, refusalOf, withTyped } from "./settings-draft";
import { PausedField, ProcessesField, RateField } from "./settings-fields";
import { useChange } from "./use-endpoints";

/** What is set for an endpoint. What somebody else changes meanwhile shows at once where nothing was typed. */
export function SettingsForm({ endpoint }: { endpoint: Endpoint }) {
  const { workspace } = useWorkspace();
  const { notify } = useNotices();
  const { change, isPending, error, reset } = useChange(endpoint);
  const [draft, setDraft] = useState<Draft>({});
  const [noNumber, setNoNumber] = useState(false);
  const disabled = !may(useSession(), workspace, "callbacks:write");

  const { settings } = endpoint;
  const fields = fieldsOf(settings, draft);
  const changes = changeOf(settings, draft);
  const dirty = Object.keys(changes).length > 0;
  const refusal = refusalOf(error);

  const edit = (edited: Draft) => {
    setDraft({ ...draft, ...edited });
    setNoNumber(false);
    reset();
  };
  const cancel = () => {
    setDraft({});
    setNoNumber(false);
    reset();
  };
  const save = (event: FormEvent) => {
    event.preventDefault();
    // JSON has no such number: it would be sent as null, which lifts the bound.
    const bad = Number.isNaN(changes.maxPerSecond);
    setNoNumber(bad);
    if (bad || !dirty) {
      return;
    }
    change(changes, () => {
      setDraft({});
      notify({ id: `settings:${endpoint.endpointID}`, type: "success", content: "The settings are saved" });
    });
  };

  return (
    <form onSubmit={save}>
      <Container
        header={
          <Header
            variant="h2"
            description={disabled ? "You may look at these settings but not change them" : undefined}
          >
            Settings
          </Header>
        }
      >
        <Form
          actions={
            !disabled && (
              <SpaceBetween direction="horizontal" size="xs">
                <Button formAction="none" variant="link" disabled={!dirty || isPending} onClick={cancel}>
                  Cancel
                </Button>
                <Button variant="primary" disabled={!dirty} loading={isPending}>
                  Save changes
                </Button>
              </SpaceBetween>
            )
          }
        >
          <SpaceBetween size="l">
            {refusal.elsewhere !== undefined && <Refusal error={refusal.elsewhere} />}
            <PausedField value={fields.paused} disabled={disabled} onChange={(paused) => edit({ paused })} />
            <ProcessesField
              names={fields.processNames}
              typed={fields.typed}
              disabled={disabled}
              error={refusal.processNames}
              onType={(typed) => edit({ typed })}
              onAdd={() => edit({ ...withTyped(settings, draft), typed: "" })}
              onRemove={(name) =>
                edit({ processNames: fields.processNames.filter((other) => other !== name) })
              }
            />
            <RateField
              value={fields.maxPerSecond}
              disabled={disabled}
              error={noNumber ? RATE_WORDS : refusal.maxPerSecond}
              onChange={(maxPerSecond) => edit({ maxPerSecond })}
            />
          </SpaceBetween>
        </Form>
      </Container>
    </form>
  );
}
