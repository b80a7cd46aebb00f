import SpaceBetween from "@cloudscape-design/components/space-between";
import type { Endpoint } from "./condition";
import { headersDraft } from "./secret-headers-draft";
import { SecretHeadersField } from "./secret-headers-field";
import { type Draft, fieldsOf } from "./settings-draft";
import type { FieldErrors } from "./settings-errors";
import { BacklogField, RateField } from "./settings-fields";

interface Props {
  settings: Endpoint["settings"];
  draft: Draft;
  errors: FieldErrors;
  disabled: boolean;
  onChange: (changed: Draft) => void;
}

/** Fields that say how events are sent. */
export function DeliveryFields({ settings, draft, errors, disabled, onChange }: Props) {
  const fields = fieldsOf(settings, draft);
  return (
    <SpaceBetween size="l">
      <RateField
        value={fields.maxPerSecond}
        disabled={disabled}
        error={errors.maxPerSecond}
        onChange={(maxPerSecond) => onChange({ maxPerSecond })}
      />
      <BacklogField
        value={fields.onBacklog}
        disabled={disabled}
        onChange={(onBacklog) => onChange({ onBacklog })}
      />
      <SecretHeadersField
        rows={fields.secretHeaders}
        errors={errors.headers}
        error={errors.secretHeaders}
        disabled={disabled}
        onChange={(rows) => onChange({ secretHeaders: headersDraft(settings.secretHeaders, rows) })}
      />
    </SpaceBetween>
  );
}
