import "./dialog.css";
import Modal from "@cloudscape-design/components/modal";
import { useCallback } from "react";
import { useNavigate } from "react-router";
import { Loading } from "../parts/loading";
import { Refusal } from "../parts/refusal";
import { usePage } from "../shell/page";
import { useWorkspace } from "../workspace";
import { Editor } from "./editor";
import { useStoredCallbacks } from "./stored";

/** Which URLs are called when an instance is created, updated or deleted. */
export default function CallbacksDialog() {
  usePage("Instance Callback URLs", null);
  const { workspace, paths } = useWorkspace();
  const navigate = useNavigate();
  const stored = useStoredCallbacks(workspace);
  // In place of the dialog in the history: Back does not open it again.
  const close = useCallback(() => navigate(paths.callbacks, { replace: true }), [navigate, paths.callbacks]);

  if (stored.data) {
    return (
      <Editor
        // What is typed belongs to one workspace.
        key={workspace}
        workspace={workspace}
        stored={stored.data}
        reread={stored.refetch}
        onClose={close}
      />
    );
  }
  return (
    <Modal visible size="large" header="Instance Callback URLs" onDismiss={close}>
      {stored.isError ? <Refusal error={stored.error} onRetry={() => stored.refetch()} /> : <Loading />}
    </Modal>
  );
}
