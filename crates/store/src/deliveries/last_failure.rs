//! The last failure of a delivery as its item has it: the reason, followed by the response's status if there was one.
//!
//! Both are one attribute, because an index of DynamoDB cannot get another one in place: `status-503`, `redirect-301`,
//! `timeout`. Items of earlier releases have `status` and `redirect` alone.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use webhooks_model::delivery::{Attempt, Reason};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LastFailure {
    pub(super) reason: Reason,
    pub(super) status: Option<u16>,
}

impl LastFailure {
    /// Returns the attempt's failure, if it has one.
    pub(super) fn of(attempt: &Attempt) -> Option<Self> {
        let reason = attempt.failure.as_ref()?.reason;
        Some(Self { reason, status: attempt.status.filter(|_| has_status(reason)) })
    }
}

/// Returns whether the reason is a response's status.
pub(super) fn has_status(reason: Reason) -> bool {
    matches!(reason, Reason::Status | Reason::Redirect)
}

impl fmt::Display for LastFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = self.reason.as_str();
        match self.status {
            Some(status) => write!(f, "{reason}-{status}"),
            None => f.write_str(reason),
        }
    }
}

impl Serialize for LastFailure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LastFailure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let reason = |text: &str| Reason::deserialize(StrDeserializer::<D::Error>::new(text));
        if let Some((name, status)) = text.rsplit_once('-')
            && let Ok(status) = status.parse()
            && let Some(reason) = Some(reason(name)?).filter(|it| has_status(*it))
        {
            return Ok(Self { reason, status: Some(status) });
        }
        Ok(Self { reason: reason(&text)?, status: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> LastFailure {
        serde_json::from_value(text.into()).unwrap()
    }

    #[test]
    fn a_failure_is_read_back_with_its_status() {
        for reason in Reason::ALL {
            let status = has_status(reason).then_some(503);
            let failure = LastFailure { reason, status };
            assert_eq!(read(&failure.to_string()), failure);
        }
        assert_eq!(LastFailure { reason: Reason::Redirect, status: Some(301) }.to_string(), "redirect-301");
    }

    #[test]
    fn failures_of_other_releases_are_read() {
        assert_eq!(read("status"), LastFailure { reason: Reason::Status, status: None });
        for unknown in ["of-a-later-release", "later-503", "status-x"] {
            assert_eq!(read(unknown), LastFailure { reason: Reason::Other, status: None }, "{unknown}");
        }
    }
}
