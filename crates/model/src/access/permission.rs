//! What there is to be allowed.

use std::fmt;

use serde::Serialize;

/// What a call needs. Administrators and Developers have all of them in their workspaces; a machine client has those that
/// its scopes name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Permission {
    /// To see callbacks, endpoints and who changed them.
    #[serde(rename = "callbacks:read")]
    CallbacksRead,
    /// To change callbacks and endpoints, and to have an example sent.
    #[serde(rename = "callbacks:write")]
    CallbacksWrite,
    /// To see what was sent.
    #[serde(rename = "deliveries:read")]
    DeliveriesRead,
    /// To have it sent again.
    #[serde(rename = "deliveries:replay")]
    DeliveriesReplay,
    /// To see and to change the secret that callbacks are signed with. No scope grants it: a person is to answer for it.
    #[serde(rename = "signing-secret")]
    SigningSecret,
}

impl Permission {
    /// All that there is.
    pub const ALL: [Self; 5] =
        [Self::CallbacksRead, Self::CallbacksWrite, Self::DeliveriesRead, Self::DeliveriesReplay, Self::SigningSecret];

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permission_has_one_name_and_it_is_that_of_its_scope() {
        for permission in Permission::ALL {
            assert_eq!(serde_json::to_value(permission).unwrap(), permission.to_string());
            assert_eq!(Permission::GRANTED_BY_SCOPE.contains(&permission), permission.scope().is_some());
        }
    }
}
