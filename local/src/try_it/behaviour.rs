//! The behaviour of the built-in receiver.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Longest delay, equal to the longest timeout of a callback.
const MAX_DELAY: Duration = Duration::from_secs(60);

/// Behaviour towards a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "lowercase", try_from = "Told")]
pub(super) enum Behaviour {
    /// Acknowledges at once.
    #[default]
    Ok,
    /// Rejects the request.
    Fail {
        /// Status, from 300 to 599.
        status: u16,
    },
    /// Acknowledges late.
    Slow {
        /// Delay before the response, in milliseconds.
        #[serde(rename = "delayMs")]
        delay_ms: u64,
    },
    /// Never responds.
    Hang,
}

/// The behaviour as a request's body has it. The members that belong to each kind are checked afterwards, for a clear
/// error.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Told {
    answer: Answer,
    status: Option<u16>,
    delay_ms: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Answer {
    Ok,
    Fail,
    Slow,
    Hang,
}

impl TryFrom<Told> for Behaviour {
    type Error = String;

    fn try_from(told: Told) -> Result<Self, String> {
        let longest = MAX_DELAY.as_millis();
        match (told.answer, told.status, told.delay_ms) {
            (Answer::Ok, None, None) => Ok(Self::Ok),
            (Answer::Hang, None, None) => Ok(Self::Hang),
            (Answer::Fail, Some(status @ 300..=599), None) => Ok(Self::Fail { status }),
            (Answer::Fail, ..) => Err("\"fail\" takes a \"status\" from 300 to 599, and nothing else".to_owned()),
            (Answer::Slow, None, Some(delay_ms)) if u128::from(delay_ms) <= longest => Ok(Self::Slow { delay_ms }),
            (Answer::Slow, ..) => Err(format!("\"slow\" takes a \"delayMs\" of at most {longest}, and nothing else")),
            _ => Err("\"ok\" and \"hang\" take nothing else".to_owned()),
        }
    }
}

impl Behaviour {
    /// Returns delay and status of the response; `None` if there is none.
    pub(super) fn answer(self) -> Option<(Duration, StatusCode)> {
        match self {
            Self::Ok => Some((Duration::ZERO, StatusCode::OK)),
            Self::Fail { status } => {
                Some((Duration::ZERO, StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)))
            }
            Self::Slow { delay_ms } => Some((Duration::from_millis(delay_ms), StatusCode::OK)),
            Self::Hang => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, from_value, json};

    #[test]
    fn a_behaviour_is_shown_as_it_was_told() {
        for told in [
            json!({"answer": "ok"}),
            json!({"answer": "fail", "status": 503}),
            json!({"answer": "slow", "delayMs": 60_000}),
            json!({"answer": "hang"}),
        ] {
            let behaviour: Behaviour = from_value(told.clone()).unwrap();
            assert_eq!(serde_json::to_value(behaviour).unwrap(), told);
        }
    }

    #[test]
    fn what_cannot_be_is_refused_with_what_can() {
        let rejected = |told: Value| from_value::<Behaviour>(told).unwrap_err().to_string();
        for told in [
            json!({"answer": "fail"}),
            json!({"answer": "fail", "status": 200}),
            json!({"answer": "fail", "status": 600}),
            json!({"answer": "fail", "status": 500, "delayMs": 1}),
        ] {
            assert!(rejected(told.clone()).contains("from 300 to 599"), "{told}");
        }
        for told in [json!({"answer": "slow"}), json!({"answer": "slow", "delayMs": 60_001})] {
            assert!(rejected(told.clone()).contains("at most 60000"), "{told}");
        }
        assert!(rejected(json!({"answer": "ok", "status": 200})).contains("take nothing else"));
        assert!(rejected(json!({"answer": "later"})).contains("unknown variant `later`"));
        assert!(rejected(json!({"answer": "ok", "delay": 1})).contains("unknown field `delay`"));
        assert!(rejected(json!({})).contains("missing field `answer`"));
    }
}
