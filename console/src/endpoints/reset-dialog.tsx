import TextContent from "@cloudscape-design/components/text-content";
import { ConfirmDialog } from "../components/confirm-dialog";
import { damageMessage, resumeEffects } from "./damage";

interface Props {
  url: string;
  attributes: string[];
  onCancel: () => void;
  onResume: () => void;
}

/** Asks for confirmation before the damaged attributes of an endpoint are reset to their defaults. */
export default function ResumeDialog({ url, attributes, onCancel, onResume }: Props) {
  const effects = resumeEffects(attributes);
  return (
    <ConfirmDialog
      title="Set the damaged attributes back to their defaults?"
      confirmText="Resume"
      onCancel={onCancel}
      onConfirm={onResume}
    >
      <TextContent>
        <p>
          The record of {url} is damaged. {damageMessage(attributes).summary} Their stored values are lost,
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
