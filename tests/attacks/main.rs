//! The built program under attack, and its service to other callers meanwhile: their calls get responses, their
//! callbacks arrive. No assertion depends on timing, only on counts.

use webhooks_test_support::hostile;
use webhooks_test_support::name_server;
use webhooks_test_support::patience;
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
