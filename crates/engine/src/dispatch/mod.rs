//! Attempts: the next delivery to attempt, the concurrency window, and the next step after an attempt.
//!
//! [`Calls`], [`Window`] and [`RetrySchedule`] decide, and are pure. Only [`attempt`] does I/O. The fan-out and the
//! drain are two loops around them.

mod calls;
mod schedule;
mod window;

use tokio::time::Instant;

use crate::request;
use crate::sender::{Beside, Sender};
use webhooks_model::attempt::Attempt;
use webhooks_model::credentials::Credentials;
use webhooks_model::endpoint::Endpoint;
use webhooks_model::event::Event;

pub use calls::{Calls, DeliveryNo, Queue};
pub use schedule::{Moment, NextStep, RetrySchedule};
pub use window::{INITIAL_WINDOW, Window};

/// The sender of an attempt, and its neighbours.
#[derive(Clone, Copy, Debug)]
pub struct Via<'s> {
    /// The sender.
    pub sender: &'s Sender,
    /// The concurrent attempts.
    pub beside: Beside,
}

impl<'s> From<&'s Sender> for Via<'s> {
    fn from(sender: &'s Sender) -> Self {
        Self { sender, beside: Beside::Others }
    }
}

/// Makes one attempt, numbered from 1. Secret headers that the response repeats are redacted. Returns `None` if there was no slot by `start_until`.
pub async fn attempt(
    via: impl Into<Via<'_>>,
    endpoint: &Endpoint,
    credentials: &Credentials,
    (event, number): (&Event, usize),
    start_until: Instant,
) -> Option<Attempt> {
    let Via { sender, beside } = via.into();
    let _slot = sender.slot(&event.workspace, beside, &endpoint.id, start_until).await?;
    let request = |at| request::build(&endpoint.url, event, number, at, credentials);
    let mut attempt = sender.attempt(&event.workspace, beside, request).await;
    attempt.redact(&credentials.headers);
    Some(attempt)
}
