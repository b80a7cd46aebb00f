//! What there is to be allowed.

use std::fmt;

/// What a call needs. Administrators and Developers have all of them in their workspaces; a machine client has those that
/// its scopes name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// To see callbacks, endpoints and who changed them.
    CallbacksRead,
    /// To change callbacks and endpoints, and to have an example sent.
    CallbacksWrite,
    /// To see what was sent.
    DeliveriesRead,
    /// To have it sent again.
    DeliveriesReplay,
    /// To see and to change the secret that callbacks are signed with. No scope grants it: a person is to answer for it.
    SigningSecret,
}

impl Permission {
    /// All that a scope can grant.
    pub const GRANTED_BY_SCOPE: [Self; 4] =
        [Self::CallbacksRead, Self::CallbacksWrite, Self::DeliveriesRead, Self::DeliveriesReplay];

    /// The scope that grants it, where one does.
    pub fn scope(self) -> Option<&'static str> {
        match self {
            Self::CallbacksRead => Some("callbacks:read"),
            Self::CallbacksWrite => Some("callbacks:write"),
            Self::DeliveriesRead => Some("deliveries:read"),
            Self::DeliveriesReplay => Some("deliveries:replay"),
            Self::SigningSecret => None,
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.scope().unwrap_or("signing-secret"))
    }
}
