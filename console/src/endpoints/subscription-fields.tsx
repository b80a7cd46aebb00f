import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { calledWhen } from "./called-when";
import type { Endpoint } from "./condition";
import { ConditionsField } from "./conditions-field";
import { ListField } from "./list-field";
import { type Draft, draftedSubscription, fieldsOf, type ListName, withTyped } from "./settings-draft";
import type { FieldErrors } from "./settings-errors";

interface Props {
  endpoint: Endpoint;
  draft: Draft;
  errors: FieldErrors;
  disabled: boolean;
  onChange: (changed: Draft) => void;
}

/** Fields that limit which events are sent, and what a change of them means. */
export function SubscriptionFields({ endpoint, draft, errors, disabled, onChange }: Props) {
  const { settings, eventTypes } = endpoint;
  const fields = fieldsOf(settings, draft);
  const drafted = draftedSubscription(settings, draft);
  const list = (name: ListName) => ({
    texts: fields[name],
    typed: fields.typed[name],
    error: errors[name],
    disabled,
    onType: (text: string) => onChange({ typed: { ...draft.typed, [name]: text } }),
    onAdd: () => onChange(withTyped(settings, draft, name)),
    onRemove: (text: string) => onChange({ [name]: fields[name].filter((other) => other !== text) }),
  });
  return (
    <SpaceBetween size="l">
      <ListField
        {...list("processNames")}
        label="Processes"
        description="Only send events from these processes. The names must match exactly."
        emptyText="Leave empty for all"
        placeholder="Process name"
        addLabel="Add process"
      />
      <ListField
        {...list("changed")}
        label="Changed attributes"
        description="Only send an update if one of these attributes has changed, such as status or customer.country."
        emptyText="Leave empty for all updates"
        placeholder="Attribute path"
        addLabel="Add attribute"
      />
      <ConditionsField
        rows={fields.conditions}
        errors={errors.conditions}
        error={errors.where}
        disabled={disabled}
        onChange={(conditions) => onChange({ conditions })}
      />
      {drafted && (
        <div className="breaks-anywhere">
          <Box fontWeight="bold" variant="span">
            After saving:
          </Box>{" "}
          {calledWhen(eventTypes, drafted)}
        </div>
      )}
    </SpaceBetween>
  );
}
