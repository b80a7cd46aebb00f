//! Instance Webhooks as a whole: the built program on free ports, real receivers, and the stock AWS SDK and a stock
//! HTTP client as its users. Most scenarios run on both DynamoDB engines.
//!
//! Tests wait for events that must happen, with patience; they check that an event does not happen once a later one
//! has. No assertion depends on timing, only on counts and orders.

mod address;
mod crash;
mod deliveries;
mod engine;
mod failures;
mod faults;
mod leaks;
mod load;
mod notices;
mod order;
mod private_network;
use webhooks_test_support::{patience, receiver, sockets};
mod program;
mod receiver_checks;
mod recorder;
mod routing;
mod subscription;
mod system;
mod try_it;
mod wire;
