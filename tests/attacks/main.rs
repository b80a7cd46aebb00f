//! The built program under attack, and what everybody else sees of it meanwhile: their calls are answered, their
//! callbacks arrive. No timing decides: counts do.

#[path = "../support/hostile/mod.rs"]
#[allow(dead_code, reason = "of other targets, too")]
mod hostile;
#[path = "../support/name_server.rs"]
mod name_server;
#[path = "../support/patience.rs"]
mod patience;
#[path = "../program/program.rs"]
#[allow(dead_code, reason = "of another target")]
mod program;
#[path = "../program/receiver.rs"]
#[allow(dead_code, reason = "the receivers of tests/program can do more than is asked of them here")]
mod receiver;

mod files;
mod names;
mod pages;
mod receivers;
mod slow;
mod victim;
