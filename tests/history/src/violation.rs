//! What a rule found.

use std::fmt;

use crate::history::Source;

/// Something that ought not to have happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule's id.
    pub rule: &'static str,
    /// The event's id.
    pub event: Option<String>,
    /// The endpoint's URL.
    pub endpoint: Option<String>,
    /// The instance's id.
    pub instance: Option<String>,
    /// The records that show it.
    pub records: Vec<Source>,
    /// A sentence: what was expected, and what was seen.
    pub message: String,
}

impl Violation {
    pub(crate) fn new(rule: &'static str, message: String) -> Self {
        Self { rule, event: None, endpoint: None, instance: None, records: Vec::new(), message }
    }

    pub(crate) fn event(self, event: &str) -> Self {
        Self { event: Some(event.into()), ..self }
    }

    pub(crate) fn endpoint(self, url: &str) -> Self {
        Self { endpoint: Some(url.into()), ..self }
    }

    pub(crate) fn instance(self, instance: &str) -> Self {
        Self { instance: Some(instance.into()), ..self }
    }

    pub(crate) fn records<'s>(mut self, sources: impl IntoIterator<Item = &'s Source>) -> Self {
        self.records.extend(sources.into_iter().cloned());
        self
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.message)?;
        for (name, value) in [("instance", &self.instance), ("event", &self.event), ("endpoint", &self.endpoint)] {
            if let Some(value) = value {
                write!(f, " | {name} {value}")?;
            }
        }
        let places: Vec<_> = self.records.iter().map(ToString::to_string).collect();
        if places.is_empty() { Ok(()) } else { write!(f, " | {}", places.join(", ")) }
    }
}
