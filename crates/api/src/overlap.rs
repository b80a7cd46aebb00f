//! The overlap of a rotation, for keys and secrets alike, and the problems of both.

use std::time::Duration;

use serde::Deserialize;
use utoipa::ToSchema;

use super::json_integer;
use super::{Problem, ProblemType};
use webhooks_model::signing::{MAX_SECRETS, TooManySecrets};

/// Default time for which the previous secret still signs: a day, in seconds.
const DEFAULT_OVERLAP: u64 = 24 * 60 * 60;

/// Maximum time for which the previous secret still signs: a week, in seconds.
const MAX_OVERLAP: u64 = 7 * DEFAULT_OVERLAP;

/// Options of a rotation.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RotateInput {
    /// Time for which the previous secret still signs: 0 to 604,800 seconds (a week), 86,400 (a day) by default. With 0
    /// only the new one signs from now on, whatever overlapped before.
    #[serde(default, deserialize_with = "json_integer::deserialize")]
    #[schema(minimum = 0, maximum = 604_800)]
    pub(super) overlap_seconds: Option<u64>,
}

/// Returns the overlap.
///
/// # Errors
/// A [`Problem`] if it is longer than a week.
pub(super) fn overlap(seconds: Option<u64>) -> Result<Duration, Problem> {
    match seconds.unwrap_or(DEFAULT_OVERLAP) {
        seconds @ 0..=MAX_OVERLAP => Ok(Duration::from_secs(seconds)),
        _ => {
            let detail = format!("in overlapSeconds: it is a number of seconds from 0 to {MAX_OVERLAP}");
            Err(Problem::in_field(ProblemType::InvalidField, detail, "overlapSeconds".to_owned()))
        }
    }
}

/// Returns the problem of a workspace without a key.
pub(super) fn none_yet() -> Problem {
    let detail = "this workspace has no signing secrets yet: they are made with the first event or test call; to make them \
        now, POST to `signing-secret/rotate`";
    Problem::new(ProblemType::NoSigningSecret, detail)
}

/// Returns the problem of a rotation while the maximum number of secrets sign.
pub(super) fn too_many(error: TooManySecrets) -> Problem {
    let detail = format!(
        "{MAX_SECRETS} secrets sign already, and no more may at a time; nothing was changed: wait until one of them expires \
         at {}, or rotate with `overlapSeconds` 0, which ends all but the new one",
        error.until
    );
    Problem::new(ProblemType::TooManySecrets, detail)
}
