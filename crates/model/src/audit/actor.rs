//! The author of a change.

/// The author of a change, as the audit names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The token's subject, or a machine client's id: it never changes, and belongs to one caller for good.
    pub id: String,
    /// Display name: a user name or an address.
    pub name: Option<String>,
}

impl Actor {
    /// Returns this service, for what it does by itself: it makes the first signing secret when something is to be signed.
    pub fn service() -> Self {
        Self { id: "instance-webhooks".to_owned(), name: None }
    }

    /// Returns the administrator of the local program: the person at the machine.
    pub fn local_administrator() -> Self {
        Self { id: "local".to_owned(), name: Some("local administrator".to_owned()) }
    }
}
