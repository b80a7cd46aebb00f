//! The rules, a file each. A rule is a pure function of what was recorded.

mod accounted_for;
mod attempts_count_up;
mod contract;
mod duplicates_have_a_cause;
mod first_arrivals_in_order;
mod holds_bounded;
mod log_agrees;
mod never_after_removed;
mod one_probe_a_step;
mod only_what_is_asked_for;
mod paused_is_silent;
mod same_id;
mod superseded_by_a_later_one;

use crate::ledger::Ledger;
use crate::violation::Violation;

/// A promise that a history keeps or breaks.
pub struct Rule {
    /// The id, which does not change.
    pub id: &'static str,
    /// The promise, as a sentence.
    pub promise: &'static str,
    pub(crate) check: fn(&Ledger<'_>) -> Vec<Violation>,
}

/// Every rule, in the order in which violations are listed.
pub const RULES: &[Rule] = &[
    accounted_for::RULE,
    log_agrees::RULE,
    first_arrivals_in_order::RULE,
    duplicates_have_a_cause::RULE,
    same_id::RULE,
    attempts_count_up::RULE,
    one_probe_a_step::RULE,
    holds_bounded::RULE,
    paused_is_silent::RULE,
    never_after_removed::RULE,
    only_what_is_asked_for::RULE,
    superseded_by_a_later_one::RULE,
    contract::RULE,
];
