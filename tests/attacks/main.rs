//! The built program under attack, and its service to other callers meanwhile: their calls get responses, their
//! callbacks arrive. No assertion depends on timing, only on counts.

use webhooks_test_support::hostile;
use webhooks_test_support::name_server;
use webhooks_test_support::patience;
use webhooks_test_support::receiver;
#[path = "../program/program.rs"]
#[allow(dead_code, reason = "of another target")]
mod program;

mod files;
mod names;
mod pages;
mod receivers;
mod slow;
mod victim;
