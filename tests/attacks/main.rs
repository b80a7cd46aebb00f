//! The built program under attack, and what everybody else sees of it meanwhile: their calls are answered, their
//! callbacks arrive. No timing decides: counts do.

#[path = "../support/patience.rs"]
mod patience;
#[path = "../program/program.rs"]
#[allow(dead_code, reason = "of another target")]
mod program;

mod files;
mod pages;
mod slow;
mod victim;
