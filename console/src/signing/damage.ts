/**
 * Returns the message for a workspace's key that cannot be read. It cannot be replaced here, because receivers would
 * not know the new secrets.
 */
export function damageMessage(workspace: string) {
  return {
    title: `The signing key of the workspace ${workspace} cannot be read`,
    detail:
      "It was edited by hand, restored from elsewhere, or written by a later release. Nothing is sent without a signature: every event is kept, and nothing is lost. Ask the operator to correct the item, which the log names.",
  };
}
