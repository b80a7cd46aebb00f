import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { Schemas } from "../api/client";
import { INSTANCE_ACTIONS } from "./instances";

/** Maximum number of instances shown. */
const MAX_SHOWN = 20;

interface ActionsProps {
  /** Whether there is an instance with the typed ID. */
  exists: boolean;
  disabled: boolean;
  onAct: (eventType: Schemas["EventType"]) => void;
}

/** Creates, updates or deletes an instance. */
export function InstanceActions({ exists, disabled, onAct }: ActionsProps) {
  const obstacle = exists ? "It exists already" : "There is no such instance";
  return (
    <SpaceBetween direction="horizontal" size="xs">
      {INSTANCE_ACTIONS.map(({ label, eventType, needsInstance }) => (
        <Button
          key={eventType}
          variant={eventType === "created" && !exists ? "primary" : "normal"}
          disabled={disabled || exists !== needsInstance}
          disabledReason={exists === needsInstance ? undefined : obstacle}
          onClick={() => onAct(eventType)}
        >
          {label}
        </Button>
      ))}
    </SpaceBetween>
  );
}

interface Existing {
  instanceID: string;
  processName: string;
}

interface ExistingProps {
  instances: Existing[];
  onSelect: (instance: Existing) => void;
}

/** Offers the instances that there are. */
export function ExistingInstances({ instances, onSelect }: ExistingProps) {
  return (
    <FormField label="Existing instances" description="Select one to change it">
      <SpaceBetween direction="horizontal" size="s">
        {instances.slice(-MAX_SHOWN).map((instance) => (
          <Button
            key={instance.instanceID}
            variant="inline-link"
            ariaLabel={`Select ${instance.instanceID} of ${instance.processName}`}
            onClick={() => onSelect(instance)}
          >
            {instance.instanceID}
          </Button>
        ))}
      </SpaceBetween>
    </FormField>
  );
}
