import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { FormEvent } from "react";
import { ErrorAlert } from "../components/error-alert";
import { may, useSession } from "../session/session";
import { useWorkspace } from "../workspace";
import type { Endpoint } from "./condition";
import { DeliveryFields } from "./delivery-fields";
import { DryRun } from "./dry-run";
import { TextFields } from "./settings-fields";
import { SubscriptionFields } from "./subscription-fields";
import { useSettingsDraft } from "./use-settings-draft";

/** Edits the settings of an endpoint. Fields without a draft follow changes by other users. */
export function SettingsForm({ endpoint }: { endpoint: Endpoint }) {
  const { workspace } = useWorkspace();
  const disabled = !may(useSession(), workspace, "callbacks:write");
  const form = useSettingsDraft(endpoint);
  const { draft, fields, errors, edit, dirty, isSaving } = form;
  const save = (event: FormEvent) => {
    event.preventDefault();
    form.save();
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
                <Button formAction="none" variant="link" disabled={!dirty || isSaving} onClick={form.cancel}>
                  Cancel
                </Button>
                <Button variant="primary" disabled={!dirty} loading={isSaving}>
                  Save changes
                </Button>
              </SpaceBetween>
            )
          }
        >
          <SpaceBetween size="l">
            {errors.other !== undefined && <ErrorAlert error={errors.other} />}
            <TextFields values={fields} errors={form.tooLong} disabled={disabled} onChange={edit} />
            <SubscriptionFields
              endpoint={endpoint}
              draft={draft}
              errors={errors}
              disabled={disabled}
              onChange={edit}
            />
            {!disabled && <DryRun {...form.dryRun} />}
            <DeliveryFields
              settings={endpoint.settings}
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
