//! Instance Webhooks as a whole: the built program on free ports, real receivers, and the stock AWS SDK and a stock
//! HTTP client as its users. Most scenarios run on both DynamoDB engines.
//!
//! What must happen is waited for, with patience; what must not happen is looked for once something that comes behind
//! it has happened. No timing decides: counts and orders do.

mod address;
mod crash;
mod deliveries;
mod engine;
mod failures;
mod faults;
mod leaks;
mod load;
mod order;
use webhooks_test_support::patience;
mod program;
mod receiver;
mod receiver_checks;
mod recorder;
mod routing;
mod system;
mod try_it;
mod wire;
