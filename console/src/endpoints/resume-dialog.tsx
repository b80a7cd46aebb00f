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
          The record of {url} is damaged. {damageMessage(attributes).summary} What was stored in them is lost,
          and what is pending is delivered in order.
        </p>
        {effects.length > 0 && (
          <ul>
            {effects.map((effect) => (
              <li key={effect}>{effect}</li>
            ))}
          </ul>
        )}
        <p>All other attributes stay as they are. To keep what was stored, ask the operator to correct it.</p>
      </TextContent>
    </ConfirmDialog>
  );
}
