use std::fmt::Display;

use sha2::{Digest, Sha256};
use webhooks_model::audit::EntryId;
use webhooks_model::endpoint::EndpointId;
use webhooks_model::signing::SigningSecret;
use webhooks_model::workspace::WorkspaceId;
use webhooks_store::{Cursor, DeliveryId};

/// Parses ids, cursors and secrets as they are in paths, queries and bodies: each value has one text, and no part of it
/// reaches into another key of the tables.
pub fn ids(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };

    if let Ok(id) = text.parse::<DeliveryId>() {
        assert_eq!(id.to_string(), text, "one text for one delivery");
        assert!(text.starts_with(id.endpoint().as_str()));
        is_plain(text);
    }
    position(text);
    if let Ok(id) = EndpointId::try_from(text.to_owned()) {
        assert_eq!(id.as_str(), text);
        is_plain(text);
    }
    if let Ok(id) = text.parse::<EntryId>() {
        assert_eq!(id.as_str(), text);
        is_plain(text);
    }
    if let Ok(secret) = text.parse::<SigningSecret>() {
        assert_eq!(*secret.expose(), text, "a secret has one text");
        assert!(!format!("{secret:?}").contains(&text[6..]), "and does not show it");
    }
    if let Ok(id) = WorkspaceId::try_from(text.to_owned()) {
        assert_eq!(id.as_str(), text);
        assert!((1..=WorkspaceId::MAX_CHARACTERS).contains(&text.chars().count()));
        assert!(!text.chars().any(char::is_control));
    }
}

/// Checks a text as the position of a cursor, with a workspace's mark.
fn position(text: &str) {
    let workspace = WorkspaceId::default_workspace();
    let digest = Sha256::digest(format!("{text}#{workspace}"));
    let mark: String = digest[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    let marked = format!("{text}.{mark}");
    if let Ok(cursor) = Cursor::read(&marked, &workspace) {
        is_plain(&marked);
        assert_eq!(cursor.text(&workspace), marked, "a cursor that is given out is taken back");
        let other = WorkspaceId::try_from("other".to_owned()).unwrap();
        assert!(Cursor::read(&marked, &other).is_err(), "but in no other workspace");
    }
}

/// Checks that a text needs no encoding in a path, a query or a key.
fn is_plain(text: impl Display) {
    let text = text.to_string();
    assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte)), "{text:?}");
}
