//! Request bodies with a time limit, and response bodies that are counted as in progress.

use super::places::{Busy, Place};
use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use std::{
    io,
    pin::Pin,
    sync::{Arc, Weak},
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Sleep, sleep};

/// Time limit for the whole body of a request. The largest, 16 MiB, takes that long at 5 Mbit/s.
pub(super) const TIME: Duration = Duration::from_secs(30);

/// A request body that ends with an error when it exceeds the time limit. While the body is awaited, its connection is
/// idle.
pub(super) struct Timely {
    body: Body,
    /// Weak reference: a task that holds the body does not keep the place occupied.
    place: Weak<Place>,
    deadline: Pin<Box<Sleep>>,
}

impl Timely {
    pub(super) fn new(body: Body, place: &Arc<Place>) -> Self {
        Self { body, place: Arc::downgrade(place), deadline: Box::pin(sleep(TIME)) }
    }

    fn waits(&self, waits: bool) {
        match self.place.upgrade() {
            Some(place) if waits => place.set_idle(),
            Some(place) => place.set_busy(),
            None => {}
        }
    }
}

impl HttpBody for Timely {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            self.waits(false);
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        self.waits(true);
        self.deadline.as_mut().poll(context).map(|()| {
            let late = format!("it did not come within {} seconds", TIME.as_secs());
            Some(Err(io::Error::new(io::ErrorKind::TimedOut, late).into()))
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A response body. The connection counts as busy until it is dropped.
pub(super) struct Answering {
    body: Body,
    _busy: Busy,
}

impl Answering {
    pub(super) fn new(body: Body, busy: Busy) -> Self {
        Self { body, _busy: busy }
    }
}

impl HttpBody for Answering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
