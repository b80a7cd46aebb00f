//! Fair shares of the concurrent attempts.
//!
//! A workspace may use twice as many slots as are free, and an endpoint as many as its workspace may still take:
//! dynamic thresholds (A. K. Choudhury and E. L. Hahne, "Dynamic queue length thresholds for shared-memory packet
//! switches", IEEE/ACM Transactions on Networking 6(2), 1998). However many attempts of a workspace hang, others get
//! slots, and so does another endpoint of the same one, as long as fewer endpoints hang than a third of the slots. A
//! single endpoint gets at most half of all, a single workspace two thirds, and the last sixteenth is reserved for
//! workspaces without a slot.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use webhooks_model::endpoint::EndpointId;
use webhooks_model::workspace::WorkspaceId;

/// One slot in this many is reserved for workspaces without a slot.
const KEPT_BACK: usize = 16;

/// Owner of a slot.
type Owner = (WorkspaceId, EndpointId);

/// The slots of all attempts.
#[derive(Debug)]
pub(super) struct Slots(Mutex<State>);

/// A slot. Dropping it frees it.
#[derive(Debug)]
pub struct Slot {
    slots: Arc<Slots>,
    owner: Owner,
}

#[derive(Debug)]
struct State {
    shares: Shares,
    waiting: Waiting,
}

/// Waiting attempts: first come, first served, as far as the shares allow. They are grouped by owner, so that a free
/// slot is not offered to each of them.
#[derive(Debug, Default)]
struct Waiting {
    by_owner: HashMap<Owner, VecDeque<(u64, oneshot::Sender<Slot>)>>,
    next: u64,
}

/// Slots in use, by workspace and endpoint. Pure.
#[derive(Debug)]
struct Shares {
    free: usize,
    /// Number of free slots reserved for workspaces without a slot.
    kept_back: usize,
    by_workspace: HashMap<WorkspaceId, usize>,
    by_endpoint: HashMap<Owner, usize>,
}

impl Slots {
    /// Creates this many slots.
    pub(super) fn new(places: usize) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State { shares: Shares::new(places), waiting: Waiting::default() })))
    }

    /// Waits for a slot, at most `until`.
    pub(super) async fn take(self: &Arc<Self>, owner: Owner, until: Instant) -> Option<Slot> {
        let place = {
            let mut state = self.lock();
            if state.shares.take(&owner) {
                return Some(Slot { slots: Arc::clone(self), owner });
            }
            let (give, place) = oneshot::channel();
            state.waiting.push(owner, give);
            place
        };
        timeout_at(until, place).await.ok()?.ok()
    }

    fn give_back(self: &Arc<Self>, owner: &Owner) {
        let granted: Vec<_> = {
            let mut state = self.lock();
            state.shares.give_back(owner);
            let State { shares, waiting } = &mut *state;
            std::iter::from_fn(|| waiting.pop(shares)).collect()
        };
        // A slot whose waiter has gone is freed when it is dropped.
        granted.into_iter().for_each(|(owner, place)| drop(place.send(Slot { slots: Arc::clone(self), owner })));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.slots.give_back(&self.owner);
    }
}

impl Waiting {
    fn push(&mut self, owner: Owner, place: oneshot::Sender<Slot>) {
        self.by_owner.entry(owner).or_default().push_back((self.next, place));
        self.next += 1;
    }

    /// Takes a slot for the first waiter that may have it.
    fn pop(&mut self, shares: &mut Shares) -> Option<(Owner, oneshot::Sender<Slot>)> {
        if shares.free == 0 {
            return None;
        }
        self.by_owner.retain(|_, queue| {
            while queue.front().is_some_and(|(_, place)| place.is_closed()) {
                queue.pop_front();
            }
            !queue.is_empty()
        });
        let first = |queue: &VecDeque<(u64, _)>| queue.front().map(|(number, _)| *number);
        let may_have_it = self.by_owner.iter().filter(|(owner, _)| shares.may_take(owner));
        let (owner, _) = may_have_it.min_by_key(|(_, queue)| first(queue))?;
        let owner = owner.clone();
        let (_, place) = self.by_owner.get_mut(&owner)?.pop_front()?;
        shares.take(&owner).then_some((owner, place))
    }
}

impl Shares {
    fn new(free: usize) -> Self {
        let kept_back = free / KEPT_BACK;
        Self { free, kept_back, by_workspace: HashMap::new(), by_endpoint: HashMap::new() }
    }

    /// Returns whether the owner's workspace and endpoint may take another slot.
    fn may_take(&self, owner: &Owner) -> bool {
        let of_workspace = self.by_workspace.get(&owner.0).copied().unwrap_or_default();
        let of_endpoint = self.by_endpoint.get(owner).copied().unwrap_or_default();
        let left_to_workspace = (2 * self.free).saturating_sub(of_workspace);
        // A slot taken leaves the workspace three fewer: an endpoint that already has some must not take the last one.
        let enough = if of_endpoint == 0 { 1 } else { of_endpoint + 3 };
        let spare = if of_workspace == 0 { self.free } else { self.free.saturating_sub(self.kept_back) };
        spare > 0 && left_to_workspace >= enough
    }

    /// Takes a slot if the owner's workspace and endpoint may take another one.
    fn take(&mut self, owner: &Owner) -> bool {
        if !self.may_take(owner) {
            return false;
        }
        self.free -= 1;
        count_up(&mut self.by_workspace, &owner.0);
        count_up(&mut self.by_endpoint, owner);
        true
    }

    fn give_back(&mut self, owner: &Owner) {
        self.free += 1;
        count_down(&mut self.by_workspace, &owner.0);
        count_down(&mut self.by_endpoint, owner);
    }
}

/// Increments a count; the key is only copied for the first one.
fn count_up<K: Clone + Eq + Hash>(taken: &mut HashMap<K, usize>, of: &K) {
    match taken.get_mut(of) {
        Some(some) => *some += 1,
        None => _ = taken.insert(of.clone(), 1),
    }
}

/// Decrements a count, and removes it at zero.
fn count_down<K: Eq + Hash>(taken: &mut HashMap<K, usize>, of: &K) {
    match taken.get_mut(of) {
        Some(1) => drop(taken.remove(of)),
        Some(more) => *more -= 1,
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use webhooks_model::callback_url::CallbackUrl;

    fn owner(workspace: &str, endpoint: usize) -> Owner {
        let url = CallbackUrl::try_from(format!("https://{endpoint}.example/")).unwrap();
        (WorkspaceId::try_from(workspace.to_owned()).unwrap(), EndpointId::of(&url))
    }

    /// Takes slots in turns until there are no more; returns the number of each owner.
    fn take_all(shares: &mut Shares, owners: &[Owner]) -> Vec<usize> {
        let mut taken = vec![0; owners.len()];
        loop {
            let before: usize = taken.iter().sum();
            owners.iter().zip(&mut taken).for_each(|(owner, taken)| *taken += usize::from(shares.take(owner)));
            if taken.iter().sum::<usize>() == before {
                return taken;
            }
        }
    }

    #[test]
    fn one_endpoint_gets_half_and_one_workspace_two_thirds() {
        assert_eq!(take_all(&mut Shares::new(512), &[owner("a", 0)]), [256]);
        let endpoints: Vec<_> = (0..150).map(|number| owner("a", number)).collect();
        let all: usize = take_all(&mut Shares::new(512), &endpoints).iter().sum();
        assert!((338..=342).contains(&all), "{all}");
    }

    #[test]
    fn whatever_hangs_leaves_places_to_others() {
        for workspaces in [1, 10, 30] {
            let mut shares = Shares::new(512);
            let greedy: Vec<_> =
                (0..workspaces).flat_map(|it| (0..150).map(move |number| owner(&format!("w{it}"), number))).collect();
            take_all(&mut shares, &greedy);
            assert!(shares.take(&owner("victim", 0)), "another workspace, beside {workspaces}");
        }
        let mut shares = Shares::new(512);
        take_all(&mut shares, &(0..150).map(|number| owner("a", number)).collect::<Vec<_>>());
        assert!(shares.take(&owner("a", 200)), "another endpoint of the same workspace");
    }

    #[test]
    fn a_single_place_serves_one_at_a_time() {
        let mut shares = Shares::new(1);
        assert!(shares.take(&owner("a", 0)) && !shares.take(&owner("b", 0)));
        shares.give_back(&owner("a", 0));
        assert!(shares.take(&owner("b", 0)));
        assert_eq!((shares.by_workspace.len(), shares.by_endpoint.len()), (1, 1), "what is given back is forgotten");
    }

    #[tokio::test(start_paused = true)]
    async fn a_place_goes_to_the_first_that_may_have_it_and_waits_for_none_that_has_gone() {
        let slots = Slots::new(2);
        let until = Instant::now() + Duration::from_secs(1);
        let first = slots.take(owner("a", 0), until).await.unwrap();
        let second = slots.take(owner("b", 0), until).await.unwrap();
        let gone = slots.take(owner("c", 0), Instant::now()).await;
        assert!(gone.is_none());
        let (third, ()) = tokio::join!(slots.take(owner("d", 0), until), async { drop(first) });
        assert!(third.is_some());
        drop((second, third));
        assert_eq!(slots.lock().shares.free, 2);
    }
}
