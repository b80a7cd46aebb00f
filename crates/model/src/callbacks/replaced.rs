//! Replacements of URLs: pending deliveries move from the old URL to the new one. Pure.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Callbacks;
use crate::callback_url::CallbackUrl;
use crate::endpoint::EndpointId;

/// Minimum time for which a replacement is stored; it is stored longer while deliveries are left to move.
///
/// A batch that has read the earlier callbacks may still add to the backlog of the old URL, but no function runs longer
/// than 15 minutes (Lambda quota).
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// A replaced URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replaced {
    /// The old URL.
    pub from: CallbackUrl,
    /// The new URL.
    pub to: CallbackUrl,
    /// Time of the change.
    pub at: Timestamp,
}

/// Reason why a URL cannot replace another one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidReplacement {
    /// The new URL is not in any of the lists.
    #[error("the URL that replaces another one is in none of the lists: add it to one, or leave it out of `replaces`")]
    NotConfigured(CallbackUrl),
    /// The old URL is still in one of the lists.
    #[error("the URL that is replaced is still in one of the lists: remove it there, or leave it out of `replaces`")]
    StillConfigured(CallbackUrl),
    /// The old URL was not in any of the lists before.
    #[error(
        "the URL that is replaced was in none of the lists: only one that was configured until now can be replaced"
    )]
    Unknown(CallbackUrl),
    /// The settings of the old URL cannot be read.
    #[error("what is set for the URL that is replaced cannot be read: POST to its endpoint's `resume` first")]
    Damaged(CallbackUrl),
    /// Two URLs would replace the same one.
    #[error("the URL is to be replaced by two: name one of them")]
    Twice(CallbackUrl),
}

impl InvalidReplacement {
    /// Returns the URL that causes the error.
    pub fn url(&self) -> &CallbackUrl {
        match self {
            Self::NotConfigured(url)
            | Self::StillConfigured(url)
            | Self::Unknown(url)
            | Self::Damaged(url)
            | Self::Twice(url) => url,
        }
    }
}

/// Returns the replacements of `after`, in which each new URL of `wanted` replaces an old one.
///
/// They are those of `known` that still have to be stored, followed by the new ones. `is_left` returns whether an
/// endpoint still has a record.
///
/// # Errors
/// [`InvalidReplacement`] for the first invalid pair of `wanted`.
pub fn replacements(
    (before, known): (&Callbacks, &[Replaced]),
    after: &Callbacks,
    wanted: &BTreeMap<CallbackUrl, CallbackUrl>,
    is_left: impl Fn(&EndpointId) -> bool,
    now: Timestamp,
) -> Result<Vec<Replaced>, InvalidReplacement> {
    let has = |callbacks: &Callbacks, url: &CallbackUrl| callbacks.have(&EndpointId::of(url));
    let mut sources = BTreeSet::new();
    for (to, from) in wanted {
        if !has(after, to) {
            return Err(InvalidReplacement::NotConfigured(to.clone()));
        }
        if has(after, from) {
            return Err(InvalidReplacement::StillConfigured(from.clone()));
        }
        let is_known = known.iter().any(|it| it.from == *from && it.to == *to);
        if !has(before, from) && !is_known {
            return Err(InvalidReplacement::Unknown(from.clone()));
        }
        if !sources.insert(from) {
            return Err(InvalidReplacement::Twice(from.clone()));
        }
    }
    let remembered = known.iter().filter(|it| {
        let counts = now.duration_since(it.at) < REMEMBERED || is_left(&EndpointId::of(&it.from));
        counts && !has(after, &it.from) && !sources.contains(&it.from)
    });
    let new = wanted.iter().map(|(to, from)| Replaced { from: from.clone(), to: to.clone(), at: now });
    Ok(remembered.cloned().chain(new).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::callbacks::Callback;

    fn url(url: &str) -> CallbackUrl {
        CallbackUrl::try_from(url.to_owned()).unwrap()
    }

    fn callbacks(urls: &[&str]) -> Callbacks {
        let urls = urls.iter().map(|it| url(it)).collect();
        Callbacks { created: Callback { enabled: true, urls }, ..Callbacks::default() }
    }

    const OLD: &str = "http://old/";
    const NEW: &str = "http://new/";

    fn replaced(
        before: &[&str],
        known: &[Replaced],
        after: &[&str],
        wanted: &[(&str, &str)],
        now: i64,
    ) -> Result<Vec<(String, String)>, InvalidReplacement> {
        let wanted = wanted.iter().map(|(to, from)| (url(to), url(from))).collect();
        let now = Timestamp::from_second(now).unwrap();
        let all = replacements((&callbacks(before), known), &callbacks(after), &wanted, |_| false, now)?;
        Ok(all.into_iter().map(|it| (it.from.into(), it.to.into())).collect())
    }

    fn known(at: i64) -> [Replaced; 1] {
        [Replaced { from: url(OLD), to: url(NEW), at: Timestamp::from_second(at).unwrap() }]
    }

    #[test]
    fn a_url_that_was_configured_is_replaced_by_one_that_is() {
        assert_eq!(replaced(&[OLD], &[], &[NEW], &[(NEW, OLD)], 0), Ok(vec![(OLD.into(), NEW.into())]));
        assert_eq!(replaced(&[OLD], &[], &[OLD], &[(NEW, OLD)], 0), Err(InvalidReplacement::NotConfigured(url(NEW))));
        let both = replaced(&[OLD], &[], &[OLD, NEW], &[(NEW, OLD)], 0);
        assert_eq!(both, Err(InvalidReplacement::StillConfigured(url(OLD))));
        let unknown = replaced(&[], &[], &[NEW], &[(NEW, OLD)], 0);
        assert_eq!(unknown, Err(InvalidReplacement::Unknown(url(OLD))));
        let twice = replaced(&[OLD], &[], &[NEW, "http://newer/"], &[(NEW, OLD), ("http://newer/", OLD)], 0);
        assert_eq!(twice, Err(InvalidReplacement::Twice(url(OLD))));
    }

    #[test]
    fn the_same_request_twice_is_the_same_replacement() {
        assert_eq!(replaced(&[NEW], &known(0), &[NEW], &[(NEW, OLD)], 1), Ok(vec![(OLD.into(), NEW.into())]));
    }

    #[test]
    fn only_the_very_pair_that_is_known_needs_no_url_of_before() {
        let other = "http://other/";
        assert_eq!(
            replaced(&[NEW], &known(0), &[NEW, other], &[(other, OLD)], 1),
            Err(InvalidReplacement::Unknown(url(OLD)))
        );
        assert_eq!(
            replaced(&[NEW], &known(0), &[NEW], &[(NEW, other)], 1),
            Err(InvalidReplacement::Unknown(url(other)))
        );
    }

    #[test]
    fn a_replacement_is_remembered_for_a_day_unless_the_url_comes_back() {
        let day = 24 * 60 * 60;
        assert_eq!(replaced(&[NEW], &known(0), &[NEW], &[], day - 1), Ok(vec![(OLD.into(), NEW.into())]));
        assert_eq!(replaced(&[NEW], &known(0), &[NEW], &[], day), Ok(vec![]));
        assert_eq!(replaced(&[NEW], &known(0), &[NEW, OLD], &[], 1), Ok(vec![]));
        let (new, late) = (callbacks(&[NEW]), Timestamp::from_second(10 * day).unwrap());
        let left = replacements((&new, &known(0)), &new, &BTreeMap::new(), |id| *id == EndpointId::of(&url(OLD)), late);
        assert_eq!(left, Ok(known(0).to_vec()), "not everything has been handed on");
    }
}
