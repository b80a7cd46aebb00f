//! The author of a change.

/// The author of a change, as stored in the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The token's subject, or a machine client's id: it never changes, and is never reused for another caller.
    pub id: String,
    /// Display name: a user name or an e-mail address.
    pub name: Option<String>,
}

impl Actor {
    /// Returns this service, as the author of its own changes: it creates the first signing secret when one is needed.
    pub fn service() -> Self {
        Self { id: "instance-webhooks".to_owned(), name: None }
    }

    /// Returns the administrator of the local program: the user of the machine.
    pub fn local_administrator() -> Self {
        Self { id: "local".to_owned(), name: Some("local administrator".to_owned()) }
    }
}
