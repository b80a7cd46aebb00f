//! Who calls.

/// Who calls the API, once known and let in: this is what the audit names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Never changes and is never given to anybody else: the token's subject, or a machine client's id.
    pub id: String,
    /// What people call them: a user name or an address.
    pub name: Option<String>,
}

impl Caller {
    /// This service, for what it does unasked: it makes the first signing secret when something is to be signed.
    pub fn service() -> Self {
        Self { id: "instance-webhooks".to_owned(), name: None }
    }

    /// Whoever sits at the machine that the local program runs on.
    pub fn local_administrator() -> Self {
        Self { id: "local".to_owned(), name: Some("local administrator".to_owned()) }
    }
}
