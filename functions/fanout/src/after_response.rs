//! Work that continues after an invocation's response. Lambda sends the next invocation only when the environment asks
//! for one, and freezes the environment from then on, not from the response on (docs/adr/0017).

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use lambda_runtime::tower::{Layer, Service};
use tokio::task::{JoinHandle, spawn_local};

/// Tasks that the handler leaves running. As the outermost layer of the runtime it waits for them between sending a
/// response and asking for the next invocation.
#[derive(Clone, Default)]
pub(crate) struct AfterResponse(Rc<RefCell<Vec<JoinHandle<()>>>>);

impl AfterResponse {
    /// Starts a task that may outlive its invocation.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        self.0.borrow_mut().push(spawn_local(task));
    }
}

impl<S> Layer<S> for AfterResponse {
    type Service = Finishing<S>;

    fn layer(&self, inner: S) -> Finishing<S> {
        Finishing { inner, tasks: self.clone() }
    }
}

/// Service that sends responses and then waits for the tasks.
pub(crate) struct Finishing<S> {
    inner: S,
    tasks: AfterResponse,
}

impl<S, Invocation> Service<Invocation> for Finishing<S>
where
    S: Service<Invocation, Response = ()>,
    S::Future: 'static,
{
    type Response = ();
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<(), S::Error>>>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, invocation: Invocation) -> Self::Future {
        let (posted, tasks) = (self.inner.call(invocation), self.tasks.clone());
        Box::pin(async move {
            let posted = posted.await;
            let left = std::mem::take(&mut *tasks.0.borrow_mut());
            for task in left {
                if let Err(error) = task.await {
                    tracing::error!(%error, "what was to be done after the response broke off");
                }
            }
            posted
        })
    }
}
