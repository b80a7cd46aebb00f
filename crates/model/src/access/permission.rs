//! The permissions of the API.

use std::fmt;

use serde::Serialize;

/// A permission that a call requires.
///
/// Administrators and Developers have all of them in their workspaces; a machine client has those that its scopes name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Permission {
    /// Read callbacks, endpoints and the audit.
    #[serde(rename = "callbacks:read")]
    CallbacksRead,
    /// Change callbacks and endpoints, and make test calls.
    #[serde(rename = "callbacks:write")]
    CallbacksWrite,
    /// Read deliveries.
    #[serde(rename = "deliveries:read")]
    DeliveriesRead,
    /// Replay deliveries.
    #[serde(rename = "deliveries:replay")]
    DeliveriesReplay,
    /// Erase an instance's deliveries from the log.
    #[serde(rename = "deliveries:erase")]
    DeliveriesErase,
    /// Read and change signing secrets. No scope grants it, so that a person is always responsible.
    #[serde(rename = "signing-secret")]
    SigningSecret,
}

impl Permission {
    /// All permissions.
    pub const ALL: [Self; 6] = [
        Self::CallbacksRead,
        Self::CallbacksWrite,
        Self::DeliveriesRead,
        Self::DeliveriesReplay,
        Self::DeliveriesErase,
        Self::SigningSecret,
    ];

    /// All permissions that a scope can grant.
    pub const GRANTED_BY_SCOPE: [Self; 5] = [
        Self::CallbacksRead,
        Self::CallbacksWrite,
        Self::DeliveriesRead,
        Self::DeliveriesReplay,
        Self::DeliveriesErase,
    ];

    /// Returns the scope that grants the permission, if there is one.
    pub fn scope(self) -> Option<&'static str> {
        match self {
            Self::CallbacksRead => Some("callbacks:read"),
            Self::CallbacksWrite => Some("callbacks:write"),
            Self::DeliveriesRead => Some("deliveries:read"),
            Self::DeliveriesReplay => Some("deliveries:replay"),
            Self::DeliveriesErase => Some("deliveries:erase"),
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
