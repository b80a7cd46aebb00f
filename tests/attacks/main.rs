//! The built program under attack, and what everybody else sees of it meanwhile: their calls are answered, their
//! callbacks arrive. No timing decides: counts do.

#[path = "../support/name_server.rs"]
mod name_server;
#[path = "../support/patience.rs"]
mod patience;
#[path = "../program/program.rs"]
#[allow(dead_code, reason = "of another target")]
mod program;

mod files;
mod names;
mod pages;
mod slow;
mod victim;
