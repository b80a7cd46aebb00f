//! The payload of an invocation as it came. The runtime would parse all of it, and copy it, before the handler parses it.

use std::cell::Cell;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use lambda_runtime::LambdaInvocation;
use lambda_runtime::tower::{Layer, Service};

/// What the runtime gets to parse.
const NULL: Bytes = Bytes::from_static(b"null");

/// Payload of the invocation that begins. As a layer of the runtime it takes the payload out of each invocation.
#[derive(Clone, Default)]
pub(crate) struct Payload(Rc<Cell<Bytes>>);

impl Payload {
    /// Returns the payload, once: the handler is called within the call of the layer.
    pub(crate) fn take(&self) -> Bytes {
        self.0.take()
    }
}

impl<S> Layer<S> for Payload {
    type Service = Taking<S>;

    fn layer(&self, inner: S) -> Taking<S> {
        Taking { inner, payload: self.clone() }
    }
}

/// Service that takes the payload out of an invocation.
pub(crate) struct Taking<S> {
    inner: S,
    payload: Payload,
}

impl<S: Service<LambdaInvocation>> Service<LambdaInvocation> for Taking<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut invocation: LambdaInvocation) -> S::Future {
        self.payload.0.set(std::mem::replace(&mut invocation.body, NULL));
        self.inner.call(invocation)
    }
}
