//! The places of connections: a bound on their number, and the choice of the one that is closed for another.

use std::time::Duration;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

/// Time that a new connection has for its first request: many callers may connect at once.
const FIRST_REQUEST: Duration = Duration::from_secs(1);

/// Places of a listener's connections.
pub(crate) struct Places {
    free: Arc<Semaphore>,
    idle: Mutex<Idle>,
    /// Signal that a connection has become idle.
    news: Notify,
}

/// Connections that wait for their caller: for a request's head or body, or until a response is read.
#[derive(Default)]
struct Idle {
    /// Idle connections in the order in which they became idle.
    connections: BTreeMap<u64, Waiting>,
    next: u64,
}

/// A connection that is idle.
struct Waiting {
    leave: CancellationToken,
    /// Time before which the connection is not closed for another.
    until: Instant,
}

impl Idle {
    /// Closes the connection that has been idle for longest, among those past their `until`; otherwise returns the next
    /// `until`, if there is one.
    fn make_room(&mut self, now: Instant) -> Result<(), Option<Instant>> {
        match self.connections.iter().find(|(_, waiting)| waiting.until <= now) {
            Some((&key, _)) => {
                self.let_leave(key);
                Ok(())
            }
            None => Err(self.connections.values().map(|waiting| waiting.until).min()),
        }
    }

    fn let_leave(&mut self, key: u64) {
        if let Some(waiting) = self.connections.remove(&key) {
            waiting.leave.cancel();
        }
    }
}

impl Places {
    pub(crate) fn new(connections: usize) -> Arc<Self> {
        Arc::new(Self { free: Arc::new(Semaphore::new(connections)), idle: Mutex::default(), news: Notify::new() })
    }

    /// Takes a place for a connection. If none is free, the connection that has been idle for longest is closed, but
    /// not within [`FIRST_REQUEST`] of its start; if all have requests, the first one that finishes.
    pub(super) async fn take(self: Arc<Self>) -> Arc<Place> {
        let free = Arc::clone(&self.free);
        let permit = loop {
            if let Ok(permit) = Arc::clone(&free).try_acquire_owned() {
                break permit;
            }
            let news = self.news.notified();
            let made = self.idle().make_room(Instant::now());
            let until = match made {
                Ok(()) => break acquire(free).await,
                Err(until) => until.unwrap_or_else(|| Instant::now() + FIRST_REQUEST),
            };
            tokio::select! {
                permit = acquire(Arc::clone(&free)) => break permit,
                () = news => {}
                () = sleep_until(until) => {}
            }
        };
        let place = Arc::new(Place { places: self, since: Mutex::new(None), leave: CancellationToken::new(), permit });
        place.set_idle_until(Instant::now() + FIRST_REQUEST);
        place
    }

    /// Closes the connection that has been idle for longest, at once.
    pub(super) fn make_room(&self) {
        let mut idle = self.idle();
        if let Some(longest) = idle.connections.keys().next().copied() {
            idle.let_leave(longest);
        }
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn acquire(free: Arc<Semaphore>) -> OwnedSemaphorePermit {
    free.acquire_owned().await.expect("it is never closed")
}

/// The place of one connection.
pub(super) struct Place {
    places: Arc<Places>,
    /// Key among the idle connections; `None` while there is a request.
    since: Mutex<Option<u64>>,
    leave: CancellationToken,
    #[expect(dead_code, reason = "held, never read")]
    permit: OwnedSemaphorePermit,
}

impl Place {
    /// Waits until another connection needs this place.
    pub(super) async fn needed(&self) {
        self.leave.cancelled().await;
    }

    pub(super) fn is_busy(&self) -> bool {
        self.since().is_none()
    }

    /// Begins a request. The connection is idle again when the response is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> Busy {
        self.set_busy();
        Busy(Arc::clone(self))
    }

    /// Marks the connection as not waiting for its caller.
    pub(super) fn set_busy(&self) {
        if let Some(since) = self.since().take() {
            self.places.idle().connections.remove(&since);
        }
    }

    /// Marks the connection as waiting for its caller, unless it already is.
    pub(super) fn set_idle(&self) {
        self.set_idle_until(Instant::now());
    }

    /// Marks the connection as idle, and not to be closed for another before `until`.
    fn set_idle_until(&self, until: Instant) {
        let mut since = self.since();
        if since.is_some() {
            return;
        }
        let mut idle = self.places.idle();
        let key = idle.next;
        idle.next += 1;
        idle.connections.insert(key, Waiting { leave: self.leave.clone(), until });
        drop(idle);
        *since = Some(key);
        drop(since);
        self.places.news.notify_waiters();
    }

    fn since(&self) -> MutexGuard<'_, Option<u64>> {
        self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.set_busy();
    }
}

/// A request in progress.
pub(super) struct Busy(Arc<Place>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.set_idle();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    fn left(place: &Place) -> bool {
        place.leave.is_cancelled()
    }

    #[tokio::test(start_paused = true)]
    async fn the_connection_that_is_idle_for_longest_makes_room() {
        let places = Places::new(2);
        let first = Arc::clone(&places).take().await;
        let second = Arc::clone(&places).take().await;
        drop(second.begin());
        drop(first.begin()); // idle since now
        let mut third = Box::pin(Arc::clone(&places).take());
        assert!(third.as_mut().now_or_never().is_none());
        assert_eq!((left(&first), left(&second)), (false, true));
        drop(second);
        third.await;
        assert!(!left(&first));
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_has_just_come_has_time_for_its_first_request() {
        let places = Places::new(1);
        let first = Arc::clone(&places).take().await;
        let mut second = Box::pin(Arc::clone(&places).take());
        assert!(second.as_mut().now_or_never().is_none());
        assert!(!left(&first));
        tokio::time::sleep(FIRST_REQUEST).await;
        assert!(second.as_mut().now_or_never().is_none());
        assert!(left(&first), "half of a head is no request");
        drop(first);
        second.await;
    }

    #[tokio::test]
    async fn a_connection_with_a_request_does_not() {
        let places = Places::new(1);
        let first = Arc::clone(&places).take().await;
        let request = first.begin();
        let mut second = Box::pin(Arc::clone(&places).take());
        assert!(second.as_mut().now_or_never().is_none());
        assert!(!left(&first));
        drop(request);
        assert!(second.as_mut().now_or_never().is_none());
        assert!(left(&first), "as soon as it is answered");
        drop(first);
        second.await;
    }
}
