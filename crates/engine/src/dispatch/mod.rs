//! Makes attempts: which delivery an endpoint is called with next, within which window, and what becomes of it then.
//!
//! [`Calls`], [`Window`] and [`RetrySchedule`] decide; they are pure. [`attempt`] does the one thing that is I/O. The
//! fan-out and the drain are two loops around them.

mod calls;
mod schedule;
mod window;

use tokio::time::Instant;

use crate::request;
use crate::sender::Sender;
use webhooks_model::delivery::{Attempt, Failure, Reason};
use webhooks_model::endpoint::Endpoint;
use webhooks_model::event::Event;
use webhooks_model::signing::SigningSecrets;

pub use calls::{Calls, DeliveryNo, Queue};
pub use schedule::{Moment, NextStep, RetrySchedule};
pub use window::{INITIAL_WINDOW, Window};

/// What makes an attempt, and beside what.
#[derive(Clone, Copy, Debug)]
pub struct Via<'s> {
    /// What makes it.
    pub sender: &'s Sender,
    /// Whose attempts are made beside it.
    pub beside: Beside,
}

/// Whose attempts are made beside one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// Those of other workspaces, as far as is known.
    Others,
    /// None but those of its own workspace: the batch has no others.
    ItsOwn,
}

impl<'s> From<&'s Sender> for Via<'s> {
    fn from(sender: &'s Sender) -> Self {
        Self { sender, beside: Beside::Others }
    }
}

/// Makes one attempt, numbered from 1. Returns `None` when there was no room for it by `start_until`.
pub async fn attempt(
    via: impl Into<Via<'_>>,
    endpoint: &Endpoint,
    secrets: &SigningSecrets,
    (event, number): (&Event, usize),
    start_until: Instant,
) -> Option<Attempt> {
    let Via { sender, beside } = via.into();
    let _slot = sender.slot(&event.workspace, &endpoint.id, start_until).await?;
    let now = sender.now();
    match request::build(&endpoint.url, event, number, now, secrets) {
        Ok(request) => Some(match beside {
            Beside::Others => sender.attempt(&event.workspace, request).await,
            Beside::ItsOwn => sender.attempt_alone(&event.workspace, request).await,
        }),
        Err(error) => {
            let detail = format!("no request could be made: {error}");
            Some(Attempt::failed(now, Failure { reason: Reason::Other, detail }))
        }
    }
}
