import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type FormEvent, useState } from "react";
import { ErrorAlert } from "../components/error-alert";
import { may, useSession } from "../session/session";
import { useNotices } from "../shell/notices";
import { useWorkspace } from "../workspace";
import type { Endpoint } from "./condition";
import { DeliveryFields } from "./delivery-fields";
import { changedSettings, type Draft, fieldsOf, textErrors } from "./settings-draft";
import { fieldErrors, localErrors } from "./settings-errors";
import { TextFields } from "./settings-fields";
import { SubscriptionFields } from "./subscription-fields";
import { useSettingsChange } from "./use-endpoints";

/** Edits the settings of an endpoint. Fields without a draft follow changes by other users. */
export function SettingsForm({ endpoint }: { endpoint: Endpoint }) {
  const { workspace } = useWorkspace();
  const { notify } = useNotices();
  const { change, isPending, error, reset } = useSettingsChange(endpoint);
  const [draft, setDraft] = useState<Draft>({});
  const [checked, setChecked] = useState(false);
  const disabled = !may(useSession(), workspace, "callbacks:write");

  const { settings } = endpoint;
  const fields = fieldsOf(settings, draft);
  const changes = changedSettings(settings, draft);
  const dirty = Object.keys(changes).length > 0;
  const found = localErrors(fields, settings.where);
  const errors = (checked && found) || fieldErrors(error, fields, settings.where);
  const tooLong = textErrors(fields);

  const edit = (edited: Draft) => {
    setDraft({ ...draft, ...edited });
    setChecked(false);
    reset();
  };
  const cancel = () => {
    setDraft({});
    setChecked(false);
    reset();
  };
  const save = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (found || !dirty || Object.values(tooLong).some(Boolean)) {
      return;
    }
    change(changes, () => {
      setDraft({});
      notify({ id: `settings:${endpoint.endpointID}`, type: "success", content: "Settings saved" });
    });
  };

  return (
    <form onSubmit={save}>
      <Container
        header={
          <Header
            variant="h2"
            description={disabled ? "You have read-only access to these settings" : undefined}
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
            {errors.other !== undefined && <ErrorAlert error={errors.other} />}
            <TextFields values={fields} errors={tooLong} disabled={disabled} onChange={edit} />
            <SubscriptionFields
              endpoint={endpoint}
              draft={draft}
              errors={errors}
              disabled={disabled}
              onChange={edit}
            />
            <DeliveryFields
              settings={settings}
              draft={draft}
              errors={errors}
              disabled={disabled}
              onChange={edit}
            />
          </SpaceBetween>
        </Form>
      </Container>
    </form>
  );
}
