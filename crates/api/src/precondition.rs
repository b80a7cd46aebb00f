//! Preconditions by entity tag, so that two administrators cannot overwrite each other unnoticed (RFC 9110, section
//! 13).

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, header};
use headers::{ETag, Header, IfMatch, IfNoneMatch};

use super::{Problem, ProblemType};
use webhooks_store::StoredCallbacks;

/// The conditions of a request: `If-Match` and `If-None-Match`.
pub(super) struct Preconditions {
    if_match: Option<IfMatch>,
    if_none_match: Option<IfNoneMatch>,
}

impl<S: Send + Sync> FromRequestParts<S> for Preconditions {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        Ok(Self { if_match: decode(parts, &header::IF_MATCH)?, if_none_match: decode(parts, &header::IF_NONE_MATCH)? })
    }
}

fn decode<H: Header>(parts: &Parts, name: &HeaderName) -> Result<Option<H>, Problem> {
    let mut values = parts.headers.get_all(name).iter().peekable();
    if values.peek().is_none() {
        return Ok(None);
    }
    let detail =
        || format!("the header {name} has to be * or entity tags in quotation marks, such as the ETag of a GET");
    let error = || Problem::new(ProblemType::InvalidPrecondition, detail());
    // Check the syntax first: the decoder does not validate the characters of a tag.
    if !parts.headers.get_all(name).iter().all(|value| is_list(value.as_bytes())) {
        return Err(error());
    }
    H::decode(&mut values).map(Some).map_err(|_| error())
}

/// Returns whether the text is `*` or a comma-separated list of entity tags (RFC 9110, sections 8.8.3 and 13.1.1).
fn is_list(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    if value == b"*" {
        return true;
    }
    let mut rest = value;
    loop {
        let Some(after_tag) = after_tag(rest) else { return false };
        rest = after_tag.trim_ascii_start();
        match rest.split_first() {
            None => return true,
            Some((b',', next)) => rest = next.trim_ascii_start(),
            Some(_) => return false,
        }
    }
}

/// Strips an entity tag (`"…"` or `W/"…"`) and returns the rest.
fn after_tag(text: &[u8]) -> Option<&[u8]> {
    let text = text.strip_prefix(b"W/").unwrap_or(text).strip_prefix(b"\"")?;
    let end = text.iter().position(|byte| *byte == b'"')?;
    let of_a_tag = |byte: &u8| matches!(byte, 0x21 | 0x23..=0x7e | 0x80..);
    text[..end].iter().all(of_a_tag).then(|| &text[end + 1..])
}

impl Preconditions {
    /// Returns whether `If-None-Match` names this representation: the caller has it already.
    pub(super) fn has(&self, tag: &ETag) -> bool {
        self.if_none_match.as_ref().is_some_and(|it| !it.precondition_passes(tag))
    }

    /// Returns whether the caller expects that these callbacks are not as they are.
    ///
    /// A workspace that was never set has no representation, so that `If-None-Match: *` never overwrites callbacks.
    fn is_unexpected(&self, stored: &StoredCallbacks) -> bool {
        stored.revision.is_some() && etag(stored).is_some_and(|etag| self.has(&etag))
    }

    /// Rejects a change of another version than the one that the caller has read.
    pub(super) fn check(&self, stored: &StoredCallbacks, version: Option<u64>) -> Result<(), Problem> {
        let matches =
            self.if_match.as_ref().is_none_or(|it| etag(stored).is_some_and(|etag| it.precondition_passes(&etag)));
        let version_matches = version.is_none_or(|version| version == stored.version);
        if matches && version_matches && !self.is_unexpected(stored) { Ok(()) } else { Err(failed(stored.version)) }
    }
}

/// Returns the problem of a change that would overwrite another one.
pub(super) fn failed(version: u64) -> Problem {
    let detail = format!(
        "the callbacks are at version {version} now, not what this change was made for; nothing was changed: \
         read them again and decide again"
    );
    Problem::new(ProblemType::PreconditionFailed, detail)
}

/// Returns the entity tag. It has version and revision: versions restart after a deletion, revisions never repeat.
pub(super) fn etag(stored: &StoredCallbacks) -> Option<ETag> {
    let tag = match &stored.revision {
        Some(revision) => format!("\"{}-{}\"", stored.version, revision.as_str()),
        None => "\"0\"".to_owned(),
    };
    tag.parse().ok()
}
