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
pub(super) struct Slots(Mutex<Shares<oneshot::Sender<Slot>>>);

/// A slot. Dropping it frees it.
#[derive(Debug)]
pub struct Slot {
    slots: Arc<Slots>,
    owner: Owner,
}

/// Slots in use and waiting attempts `T`, by workspace and endpoint. Pure.
///
/// Waiting attempts are served in the order in which they came, as far as the shares allow. A free slot is offered to an
/// endpoint, not to each of its attempts, and finding the one that gets it looks nothing up by name.
#[derive(Debug)]
struct Shares<T> {
    free: usize,
    /// Number of free slots reserved for workspaces without a slot.
    kept_back: usize,
    workspaces: HashMap<WorkspaceId, OfWorkspace<T>>,
    waiting: usize,
    next: u64,
}

#[derive(Debug)]
struct OfWorkspace<T> {
    taken: usize,
    endpoints: HashMap<EndpointId, OfEndpoint<T>>,
}

#[derive(Debug)]
struct OfEndpoint<T> {
    taken: usize,
    /// Waiting attempts with their numbers.
    waiting: VecDeque<(u64, T)>,
}

impl Slots {
    /// Creates this many slots.
    pub(super) fn new(places: usize) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Shares::new(places))))
    }

    /// Waits for a slot, at most `until`.
    pub(super) async fn take(self: &Arc<Self>, owner: Owner, until: Instant) -> Option<Slot> {
        let place = {
            let mut shares = self.lock();
            if shares.take(&owner) {
                return Some(Slot { slots: Arc::clone(self), owner });
            }
            let (give, place) = oneshot::channel();
            shares.wait(&owner, give);
            place
        };
        timeout_at(until, place).await.ok()?.ok()
    }

    fn give_back(self: &Arc<Self>, owner: &Owner) {
        let granted: Vec<_> = {
            let mut shares = self.lock();
            shares.give_back(owner);
            std::iter::from_fn(|| shares.grant(oneshot::Sender::is_closed)).collect()
        };
        // A slot whose waiter has gone is freed when it is dropped.
        granted.into_iter().for_each(|(owner, place)| drop(place.send(Slot { slots: Arc::clone(self), owner })));
    }

    fn lock(&self) -> MutexGuard<'_, Shares<oneshot::Sender<Slot>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.slots.give_back(&self.owner);
    }
}

impl<T> Shares<T> {
    fn new(free: usize) -> Self {
        Self { free, kept_back: free / KEPT_BACK, workspaces: HashMap::new(), waiting: 0, next: 0 }
    }

    /// Takes a slot if the owner's workspace and endpoint may take another one.
    fn take(&mut self, owner: &Owner) -> bool {
        let of = self.workspaces.get(&owner.0);
        let of_endpoint = of.and_then(|of| of.endpoints.get(&owner.1)).map_or(0, |by| by.taken);
        let may_take = may_take(self.left(), of.map_or(0, |of| of.taken), of_endpoint);
        if may_take {
            self.free -= 1;
            self.update(owner, |workspace, endpoint| {
                *workspace += 1;
                endpoint.taken += 1;
            });
        }
        may_take
    }

    /// Makes an attempt wait.
    fn wait(&mut self, owner: &Owner, attempt: T) {
        let number = self.next;
        self.next += 1;
        self.waiting += 1;
        self.update(owner, |_, endpoint| endpoint.waiting.push_back((number, attempt)));
    }

    fn give_back(&mut self, owner: &Owner) {
        self.free += 1;
        let mut is_unused = false;
        self.update(owner, |workspace, endpoint| {
            *workspace -= 1;
            endpoint.taken -= 1;
            is_unused = endpoint.is_unused();
        });
        if is_unused {
            self.forget(owner);
        }
    }

    /// Takes a slot for the first waiting attempt that may have it, and returns that attempt. Those that have gone are
    /// dropped.
    fn grant(&mut self, has_gone: impl Fn(&T) -> bool) -> Option<(Owner, T)> {
        if self.free == 0 || self.waiting == 0 {
            return None;
        }
        let (left, mut gone) = (self.left(), 0);
        let mut first: Option<(u64, &WorkspaceId, &EndpointId)> = None;
        for (workspace, of) in &mut self.workspaces {
            for (endpoint, by) in &mut of.endpoints {
                while by.waiting.pop_front_if(|(_, attempt)| has_gone(attempt)).is_some() {
                    gone += 1;
                }
                let Some((number, _)) = by.waiting.front() else { continue };
                let is_earlier = first.is_none_or(|(earliest, ..)| *number < earliest);
                if is_earlier && may_take(left, of.taken, by.taken) {
                    first = Some((*number, workspace, endpoint));
                }
            }
        }
        let owner = first.map(|(_, workspace, endpoint)| (workspace.clone(), endpoint.clone()));
        self.waiting -= gone;
        if gone > 0 {
            self.forget_unused();
        }
        let (owner, mut granted) = (owner?, None);
        self.update(&owner, |workspace, endpoint| {
            granted = endpoint.waiting.pop_front();
            *workspace += 1;
            endpoint.taken += 1;
        });
        self.free -= 1;
        self.waiting -= 1;
        granted.map(|(_, attempt)| (owner, attempt))
    }

    /// Returns the number of free slots, and how many of them are reserved.
    fn left(&self) -> (usize, usize) {
        (self.free, self.kept_back)
    }

    /// Changes the number of slots of the workspace, and the endpoint.
    fn update(&mut self, (workspace, endpoint): &Owner, change: impl FnOnce(&mut usize, &mut OfEndpoint<T>)) {
        update(&mut self.workspaces, workspace, |of| {
            update(&mut of.endpoints, endpoint, |by| change(&mut of.taken, by));
        });
    }

    fn forget(&mut self, (workspace, endpoint): &Owner) {
        let Some(of) = self.workspaces.get_mut(workspace) else { return };
        of.endpoints.remove(endpoint);
        if of.endpoints.is_empty() {
            self.workspaces.remove(workspace);
        }
    }

    fn forget_unused(&mut self) {
        self.workspaces.retain(|_, of| {
            of.endpoints.retain(|_, by| !by.is_unused());
            !of.endpoints.is_empty()
        });
    }
}

impl<T> OfEndpoint<T> {
    fn is_unused(&self) -> bool {
        self.taken == 0 && self.waiting.is_empty()
    }
}

impl<T> Default for OfWorkspace<T> {
    fn default() -> Self {
        Self { taken: 0, endpoints: HashMap::new() }
    }
}

impl<T> Default for OfEndpoint<T> {
    fn default() -> Self {
        Self { taken: 0, waiting: VecDeque::new() }
    }
}

/// Returns whether a workspace and an endpoint with so many slots may take another one.
fn may_take((free, kept_back): (usize, usize), of_workspace: usize, of_endpoint: usize) -> bool {
    let left_to_workspace = (2 * free).saturating_sub(of_workspace);
    // A slot taken leaves the workspace three fewer: an endpoint that already has some must not take the last one.
    let enough = if of_endpoint == 0 { 1 } else { of_endpoint + 3 };
    let spare = if of_workspace == 0 { free } else { free.saturating_sub(kept_back) };
    spare > 0 && left_to_workspace >= enough
}

/// Changes the value of a key. The key is only copied for a new one.
fn update<K: Clone + Eq + Hash, V: Default>(map: &mut HashMap<K, V>, key: &K, change: impl FnOnce(&mut V)) {
    match map.get_mut(key) {
        Some(value) => change(value),
        None => {
            let mut value = V::default();
            change(&mut value);
            map.insert(key.clone(), value);
        }
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
    fn take_all(shares: &mut Shares<()>, owners: &[Owner]) -> Vec<usize> {
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
        let mut shares = Shares::<()>::new(1);
        assert!(shares.take(&owner("a", 0)) && !shares.take(&owner("b", 0)));
        shares.give_back(&owner("a", 0));
        assert!(shares.take(&owner("b", 0)));
        let endpoints: usize = shares.workspaces.values().map(|of| of.endpoints.len()).sum();
        assert_eq!((shares.workspaces.len(), endpoints), (1, 1), "what is given back is forgotten");
    }

    #[test]
    fn a_free_slot_goes_to_the_longest_waiting_attempt_that_may_have_it() {
        let mut shares = Shares::new(3);
        let [a, b, c, d, e] = ["a", "b", "c", "d", "e"].map(|workspace| owner(workspace, 0));
        assert!([&a, &b, &c].into_iter().all(|owner| shares.take(owner)));
        for (owner, attempt) in [(&b, "has a slot"), (&d, "second"), (&e, "third")] {
            assert!(!shares.take(owner));
            shares.wait(owner, attempt);
        }
        shares.give_back(&a);
        assert_eq!(shares.grant(|_| false), Some((d, "second")), "one more of three is too many for the first");
        assert_eq!(shares.grant(|_| false), None, "none is free");
        shares.give_back(&c);
        assert_eq!(shares.grant(|attempt| *attempt == "third"), None, "it has gone");
        assert_eq!((shares.free, shares.waiting), (1, 1));
        shares.give_back(&b);
        assert_eq!(shares.grant(|attempt| *attempt == "has a slot"), None);
        assert_eq!((shares.free, shares.waiting, shares.workspaces.len()), (2, 0, 1), "what is not used is forgotten");
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
        let shares = slots.lock();
        assert_eq!((shares.free, shares.waiting, shares.workspaces.len()), (2, 0, 0));
    }
}
