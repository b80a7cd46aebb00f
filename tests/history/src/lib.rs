#![doc = include_str!("../README.md")]

mod causes;
mod configuration;
mod delivery;
mod history;
mod ledger;
mod matching;
mod outcome;
pub mod record;
mod rules;
#[cfg(test)]
mod scenario;
mod settings;
mod subscriptions;
mod violation;

pub use history::{History, ReadError, Source};
pub use record::Record;
pub use rules::{RULES, Rule};
pub use settings::Settings;
pub use violation::Violation;

/// Checks a history against every rule. No violation means that what was recorded keeps all of them.
pub fn check(history: &History) -> Vec<Violation> {
    let ledger = ledger::Ledger::new(history);
    RULES.iter().flat_map(|rule| (rule.check)(&ledger)).collect()
}
