import TextContent from "@cloudscape-design/components/text-content";
import { ConfirmDialog } from "../components/confirm-dialog";
import { damageMessage, resetEffects } from "./damage";

interface Props {
  name: string;
  attributes: string[];
  onCancel: () => void;
  onReset: () => void;
}

/** Asks for confirmation before the damaged attributes of an endpoint are reset to their defaults. */
export default function ResetDialog({ name, attributes, onCancel, onReset }: Props) {
  const effects = resetEffects(attributes);
  return (
    <ConfirmDialog
      title="Reset the damaged attributes to their defaults?"
      confirmText="Reset"
      onCancel={onCancel}
      onConfirm={onReset}
    >
      <TextContent>
        <p>
          The record of {name} is damaged. {damageMessage(attributes).summary} Their stored values are lost,
          and pending deliveries follow in order.
        </p>
        {effects.length > 0 && (
          <ul>
            {effects.map((effect) => (
              <li key={effect}>{effect}</li>
            ))}
          </ul>
        )}
        <p>
          All other attributes are kept. To keep the stored values, ask the operator to correct the record.
        </p>
      </TextContent>
    </ConfirmDialog>
  );
}
