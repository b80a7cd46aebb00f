import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import TextContent from "@cloudscape-design/components/text-content";
import { DialogButtons } from "../components/dialog-buttons";
import { damageMessage, resumeEffects } from "./damage";

interface Props {
  url: string;
  attributes: string[];
  onCancel: () => void;
  onResume: () => void;
}

/** Asks whether the damaged attributes of an endpoint may go back to their defaults. */
export default function ResumeDialog({ url, attributes, onCancel, onResume }: Props) {
  const effects = resumeEffects(attributes);
  return (
    <Modal
      visible
      header="Set the damaged attributes back to their defaults?"
      closeAriaLabel="Cancel"
      onDismiss={onCancel}
      footer={
        <DialogButtons>
          <Button variant="link" onClick={onCancel}>
            Cancel
          </Button>
          <Button variant="primary" onClick={onResume}>
            Resume
          </Button>
        </DialogButtons>
      }
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
    </Modal>
  );
}
