//! Slots for concurrent attempts, in fair shares.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use super::Beside;
use super::shares::{Owner, Shares};

/// The slots of all attempts.
#[derive(Debug)]
pub(super) struct Slots {
    shares: Mutex<Shares<oneshot::Sender<Slot>>>,
    closed: CancellationToken,
}

/// A slot. Dropping it frees it.
#[derive(Debug)]
pub struct Slot {
    slots: Arc<Slots>,
    owner: Owner,
}

impl Slots {
    /// Creates this many slots.
    pub(super) fn new(count: usize) -> Arc<Self> {
        Arc::new(Self { shares: Mutex::new(Shares::new(count)), closed: CancellationToken::new() })
    }

    /// Gives no more slots, to those that wait neither.
    pub(super) fn close(&self) {
        self.closed.cancel();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.is_cancelled()
    }

    /// Waits for a slot, at most `until`; `None` without one, and if there are no more.
    pub(super) async fn take(self: &Arc<Self>, owner: Owner, beside: Beside, until: Instant) -> Option<Slot> {
        if self.is_closed() {
            return None;
        }
        let given = {
            let mut shares = self.lock();
            if shares.take(&owner, beside) {
                return Some(Slot { slots: Arc::clone(self), owner });
            }
            let (give, given) = oneshot::channel();
            shares.wait(&owner, beside, give);
            given
        };
        self.closed.run_until_cancelled(timeout_at(until, given)).await?.ok()?.ok()
    }

    fn give_back(self: &Arc<Self>, owner: &Owner) {
        let granted: Vec<_> = {
            let mut shares = self.lock();
            shares.give_back(owner);
            std::iter::from_fn(|| shares.grant(oneshot::Sender::is_closed)).collect()
        };
        // A slot whose waiter has gone is freed when it is dropped.
        granted.into_iter().for_each(|(owner, give)| drop(give.send(Slot { slots: Arc::clone(self), owner })));
    }

    fn lock(&self) -> MutexGuard<'_, Shares<oneshot::Sender<Slot>>> {
        self.shares.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.slots.give_back(&self.owner);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use webhooks_model::callback_url::CallbackUrl;
    use webhooks_model::endpoint::EndpointId;
    use webhooks_model::workspace::WorkspaceId;

    fn owner(workspace: &str, endpoint: usize) -> Owner {
        let url = CallbackUrl::try_from(format!("https://{endpoint}.example/")).unwrap();
        (WorkspaceId::try_from(workspace.to_owned()).unwrap(), EndpointId::of(&url))
    }

    #[tokio::test(start_paused = true)]
    async fn a_slot_goes_to_the_first_that_may_have_it_and_waits_for_none_that_has_gone() {
        let slots = Slots::new(2);
        let until = Instant::now() + Duration::from_secs(1);
        let first = slots.take(owner("a", 0), Beside::Others, until).await.unwrap();
        let second = slots.take(owner("b", 0), Beside::Others, until).await.unwrap();
        let gone = slots.take(owner("c", 0), Beside::Others, Instant::now()).await;
        assert!(gone.is_none());
        let (third, ()) = tokio::join!(slots.take(owner("d", 0), Beside::Others, until), async { drop(first) });
        assert!(third.is_some());
        drop((second, third));
        let again = [
            slots.take(owner("a", 0), Beside::Others, Instant::now()).await,
            slots.take(owner("b", 0), Beside::Others, Instant::now()).await,
        ];
        assert!(again.iter().all(Option::is_some), "both are free again");
    }

    #[tokio::test(start_paused = true)]
    async fn those_that_wait_go_without_once_there_are_no_more() {
        let slots = Slots::new(1);
        let begun = Instant::now();
        let until = begun + Duration::from_secs(9);
        let first = slots.take(owner("a", 0), Beside::Others, until).await.unwrap();
        let (waiting, ()) = tokio::join!(slots.take(owner("b", 0), Beside::Others, until), async { slots.close() });
        assert!(waiting.is_none() && begun.elapsed().is_zero());
        drop(first);
        assert!(slots.take(owner("c", 0), Beside::Others, until).await.is_none(), "one is free");
    }
}
