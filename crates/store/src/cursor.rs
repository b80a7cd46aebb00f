//! Cursors of a workspace's lists. Pure.

use sha2::{Digest, Sha256};

use webhooks_model::workspace::WorkspaceId;

/// Returns a cursor: a position with a mark of the workspace, so that another workspace's cursor is rejected.
///
/// The mark protects no secret: a page is read by the keys of the path's workspace, whatever the cursor contains.
pub fn marked(position: &str, workspace: &WorkspaceId) -> String {
    let digest = Sha256::new_with_prefix(position).chain_update("#").chain_update(workspace.as_str()).finalize();
    let mark: String = digest[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{position}.{mark}")
}

/// Returns the position of a cursor that [`marked`] has made for the same workspace; `None` for any other text.
pub fn unmarked<'a>(text: &'a str, workspace: &WorkspaceId) -> Option<&'a str> {
    let (position, _) = text.rsplit_once('.')?;
    (marked(position, workspace) == text).then_some(position)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_good_in_its_workspace_only() {
        let workspace = |id: &str| WorkspaceId::try_from(id.to_owned()).unwrap();
        let text = marked("position.1", &workspace("a"));
        assert_eq!(unmarked(&text, &workspace("a")), Some("position.1"));
        for other in ["b", "A", "1#a", "#a"] {
            assert_eq!(unmarked(&text, &workspace(other)), None, "{other}");
        }
        for forged in ["", "position.1", "position.1.", &text[1..], &text.to_uppercase(), &format!("{text}0")] {
            assert_eq!(unmarked(forged, &workspace("a")), None, "{forged}");
        }
    }
}
