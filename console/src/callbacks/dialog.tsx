import "./dialog.css";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import { useCallback, useLayoutEffect, useState } from "react";
import { useNavigate } from "react-router";
import { isDamaged } from "../api/problem";
import { ErrorAlert } from "../components/error-alert";
import { Loading } from "../components/loading";
import { useLastError } from "../components/use-last-error";
import { hasFrameDialog, removeFrameDialog } from "../frame/frame";
import { VIEWS } from "../labels/views";
import { may, useSession } from "../session/session";
import { usePage } from "../shell/page";
import { useWorkspace } from "../workspace";
import { damageMessage, EMPTY_CALLBACKS } from "./damage";
import { Editor } from "./editor";
import { useStoredCallbacks } from "./stored";

/** Loads the callbacks and shows the editor. */
export default function CallbacksDialog() {
  usePage(VIEWS.callbacks.title, null);
  const { workspace, paths } = useWorkspace();
  const navigate = useNavigate();
  const writable = may(useSession(), workspace, "callbacks:write");
  const stored = useStoredCallbacks(workspace);
  const error = useLastError(stored);
  /** The workspace whose damaged callbacks the user chose to replace with empty ones. */
  const [replacing, setReplacing] = useState<string>();
  // Replaces the dialog's history entry, so that Back does not reopen it.
  const close = useCallback(() => navigate(paths.callbacks, { replace: true }), [navigate, paths.callbacks]);

  const shown = stored.data ?? (replacing === workspace ? EMPTY_CALLBACKS : undefined);
  const pending = !shown && !error;
  useLayoutEffect(() => {
    if (!pending) {
      removeFrameDialog();
    }
  }, [pending]);
  useLayoutEffect(() => removeFrameDialog, []);
  if (shown) {
    return (
      <Editor
        // Remounts on a workspace change: the draft belongs to one workspace.
        key={workspace}
        workspace={workspace}
        stored={shown}
        damaged={isDamaged(error)}
        reread={stored.refetch}
        onClose={close}
      />
    );
  }
  if (pending && hasFrameDialog()) {
    return null; // the page shows the same
  }
  const action = writable && (
    <Button onClick={() => setReplacing(workspace)}>Start from empty callbacks</Button>
  );
  return (
    <Modal visible size="large" header={VIEWS.callbacks.title} onDismiss={close}>
      {error ? (
        <ErrorAlert
          error={error}
          onRetry={() => stored.refetch()}
          damage={{ ...damageMessage(workspace, writable), action }}
        />
      ) : (
        <Loading />
      )}
    </Modal>
  );
}
