import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import { damageMessage, REPLACE_WARNING } from "./damage";

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
        When an instance of the workspace {workspace} changes, we send an HTTP GET to every URL of that event.
        Respond with 2xx within 10 seconds.
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
