use std::fmt::Display;
use std::str::FromStr;

use webhooks::endpoint::EndpointId;
use webhooks::store::{Cursor, DeliveryId};
use webhooks::workspace::WorkspaceId;

/// Ids and cursors as they come in paths and queries: each thing has one text, and nothing of it reaches into another
/// key of the tables.
pub fn ids(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };

    if let Ok(id) = text.parse::<DeliveryId>() {
        assert_eq!(id.to_string(), text, "one text for one delivery");
        assert!(text.starts_with(id.endpoint().as_str()));
        is_plain(text);
    }
    if let Ok(cursor) = text.parse::<Cursor>() {
        let given = cursor.to_string();
        is_plain(&given);
        assert_eq!(read(&given), Ok(cursor), "a cursor that is given out is taken back");
    }
    if let Ok(id) = EndpointId::try_from(text.to_owned()) {
        assert_eq!(id.as_str(), text);
        is_plain(text);
    }
    if let Ok(id) = WorkspaceId::try_from(text.to_owned()) {
        assert_eq!(id.as_str(), text);
        assert!((1..=WorkspaceId::MAX_CHARACTERS).contains(&text.chars().count()));
        assert!(!text.chars().any(char::is_control));
    }
}

fn read<T: FromStr>(text: &str) -> Result<T, T::Err> {
    text.parse()
}

/// Fit for a path, a query and a key without being encoded.
fn is_plain(text: impl Display) {
    let text = text.to_string();
    assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte)), "{text:?}");
}
