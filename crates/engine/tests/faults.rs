//! What stands around the engine fails for a while: the key of the tables, the sweep, the clocks.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]
#![allow(clippy::disallowed_methods, reason = "tests ask the machine for the time")]

mod faults {
    mod clocks;
    mod key;
    mod sweep;
}
use webhooks_test_support as support;
