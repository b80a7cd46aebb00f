import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import { DIALOG_LEAD } from "../labels/views";
import { damageMessage, REPLACE_WARNING } from "./damage";

const [before, after] = DIALOG_LEAD;

interface Props {
  workspace: string;
  damaged: boolean;
  readOnly: boolean;
}

/** Explains the dialog, and what is special about the callbacks or the user's access. */
export function EditorNotes({ workspace, damaged, readOnly }: Props) {
  return (
    <>
      <Box color="text-body-secondary">
        {before}
        {workspace}
        {after}
      </Box>
      {damaged && (
        <Alert
          type="warning"
          statusIconAriaLabel="Warning"
          header={damageMessage(workspace, !readOnly).title}
        >
          {readOnly ? damageMessage(workspace, false).detail : REPLACE_WARNING}
        </Alert>
      )}
      {readOnly && (
        <Alert type="info" statusIconAriaLabel="Info">
          You have read-only access to these callbacks.
        </Alert>
      )}
    </>
  );
}
