//! Fair shares of the slots for concurrent attempts. Pure.
//!
//! A workspace may use twice as many slots as are free, and an endpoint as many as its workspace may still take:
//! dynamic thresholds (A. K. Choudhury and E. L. Hahne, "Dynamic queue length thresholds for shared-memory packet
//! switches", IEEE/ACM Transactions on Networking 6(2), 1998). However many attempts of a workspace hang, others get
//! slots, and so does another endpoint of the same one, as long as fewer endpoints hang than a third of the slots. A
//! single endpoint gets at most half of all, a single workspace two thirds, and the last sixteenth is reserved for
//! workspaces without a slot.
//!
//! A workspace beside no other shares with none: its endpoints may use twice as many slots each as are free. One gets two
//! thirds of all, three get six sevenths.

use std::collections::VecDeque;
use std::hash::Hash;

use foldhash::{HashMap, HashMapExt as _};

use super::Beside;
use webhooks_model::endpoint::EndpointId;
use webhooks_model::workspace::WorkspaceId;

/// One slot in this many is reserved for workspaces without a slot.
const KEPT_BACK: usize = 16;

/// Owner of a slot.
pub(super) type Owner = (WorkspaceId, EndpointId);

/// Slots in use and waiting attempts `T`, by workspace and endpoint.
///
/// Waiting attempts are served in the order in which they came, as far as the shares allow. They lie with the count of their
/// endpoint, because a search for the next one that hashed the names of all waiting endpoints took a third of an attempt's time.
#[derive(Debug)]
pub(super) struct Shares<T> {
    free: usize,
    /// Number of free slots reserved for workspaces without a slot.
    kept_back: usize,
    workspaces: HashMap<WorkspaceId, OfWorkspace<T>>,
    waiting: usize,
    next: u64,
}

#[derive(Debug)]
struct OfWorkspace<T> {
    taken: Taken,
    endpoints: HashMap<EndpointId, OfEndpoint<T>>,
}

/// Slots in use by a workspace.
#[derive(Clone, Copy, Debug, Default)]
struct Taken {
    slots: usize,
    beside: Beside,
}

#[derive(Debug)]
struct OfEndpoint<T> {
    taken: usize,
    /// Waiting attempts with their numbers.
    waiting: VecDeque<(u64, T)>,
}

impl<T> Shares<T> {
    /// Creates this many slots.
    pub(super) fn new(free: usize) -> Self {
        Self { free, kept_back: free / KEPT_BACK, workspaces: HashMap::new(), waiting: 0, next: 0 }
    }

    /// Takes a slot if the owner's workspace and endpoint may take another one.
    pub(super) fn take(&mut self, owner: &Owner, beside: Beside) -> bool {
        let left = (self.free, self.kept_back);
        let takes = self.update(owner, |workspace, endpoint| {
            let takes = may_take(left, Taken { beside, ..*workspace }, endpoint.taken);
            if takes {
                *workspace = Taken { slots: workspace.slots + 1, beside };
                endpoint.taken += 1;
            }
            takes
        });
        self.free -= usize::from(takes);
        takes
    }

    /// Makes an attempt wait.
    pub(super) fn wait(&mut self, owner: &Owner, beside: Beside, attempt: T) {
        let number = self.next;
        self.next += 1;
        self.waiting += 1;
        self.update(owner, |workspace, endpoint| {
            workspace.beside = beside;
            endpoint.waiting.push_back((number, attempt));
        });
    }

    /// Frees a slot of the owner.
    pub(super) fn give_back(&mut self, owner: &Owner) {
        self.free += 1;
        self.update(owner, |workspace, endpoint| {
            workspace.slots -= 1;
            endpoint.taken -= 1;
        });
    }

    /// Takes a slot for the first waiting attempt that may have it, and returns that attempt. Those that have gone are
    /// dropped.
    pub(super) fn grant(&mut self, has_gone: impl Fn(&T) -> bool) -> Option<(Owner, T)> {
        loop {
            let owner = self.first_waiting()?;
            if let Some(attempt) = self.take_for_next(&owner, &has_gone) {
                return Some((owner, attempt));
            }
        }
    }

    /// Returns the owner of the first waiting attempt that may have a slot.
    fn first_waiting(&self) -> Option<Owner> {
        let left = (self.free, self.kept_back);
        // Mostly the only workspace has too many slots for any of its endpoints, of which a thousand may be waiting.
        if self.waiting == 0 || !self.workspaces.values().any(|of| may_take(left, of.taken, 0)) {
            return None;
        }
        let eligible = self.workspaces.iter().flat_map(|(workspace, of)| {
            let may_take = of.endpoints.iter().filter(move |(_, by)| may_take(left, of.taken, by.taken));
            may_take.filter_map(move |(endpoint, by)| Some((by.waiting.front()?.0, workspace, endpoint)))
        });
        let (_, workspace, endpoint) = eligible.min_by_key(|(number, ..)| *number)?;
        Some((workspace.clone(), endpoint.clone()))
    }

    /// Takes a slot for the owner's next attempt; `None` if all of them have gone.
    fn take_for_next(&mut self, owner: &Owner, has_gone: impl Fn(&T) -> bool) -> Option<T> {
        let of = self.workspaces.get_mut(&owner.0)?;
        let by = of.endpoints.get_mut(&owner.1)?;
        while let Some((_, attempt)) = by.waiting.pop_front() {
            self.waiting -= 1;
            if !has_gone(&attempt) {
                of.taken.slots += 1;
                by.taken += 1;
                self.free -= 1;
                return Some(attempt);
            }
        }
        self.update(owner, |_, _| ());
        None
    }

    /// Changes the number of slots of the workspace, and the endpoint, and forgets what is not used any more.
    fn update<R>(
        &mut self,
        (workspace, endpoint): &Owner,
        change: impl FnOnce(&mut Taken, &mut OfEndpoint<T>) -> R,
    ) -> R {
        update(&mut self.workspaces, workspace, |of| {
            let changed = update(&mut of.endpoints, endpoint, |by| {
                let changed = change(&mut of.taken, by);
                (changed, by.taken == 0 && by.waiting.is_empty())
            });
            (changed, of.endpoints.is_empty())
        })
    }
}

impl<T> Default for OfWorkspace<T> {
    fn default() -> Self {
        Self { taken: Taken::default(), endpoints: HashMap::new() }
    }
}

impl<T> Default for OfEndpoint<T> {
    fn default() -> Self {
        Self { taken: 0, waiting: VecDeque::new() }
    }
}

/// Returns whether a workspace and an endpoint with so many slots may take another one.
fn may_take((free, kept_back): (usize, usize), of_workspace: Taken, of_endpoint: usize) -> bool {
    let Taken { slots, beside } = of_workspace;
    let (left_to_workspace, spare) = match beside {
        Beside::ItsOwn => (2 * free, free),
        Beside::Others if slots == 0 => (2 * free, free),
        Beside::Others => ((2 * free).saturating_sub(slots), free.saturating_sub(kept_back)),
    };
    // A slot taken leaves the workspace three fewer: an endpoint that already has some must not take the last one.
    let enough = if of_endpoint == 0 { 1 } else { of_endpoint + 3 };
    spare > 0 && left_to_workspace >= enough
}

/// Changes the value of a key, and removes it if it is unused then: `change` returns its result and that. The key is only
/// copied for a new one.
fn update<K: Clone + Eq + Hash, V: Default, R>(
    map: &mut HashMap<K, V>,
    key: &K,
    change: impl FnOnce(&mut V) -> (R, bool),
) -> R {
    match map.get_mut(key) {
        Some(value) => {
            let (result, is_unused) = change(value);
            if is_unused {
                map.remove(key);
            }
            result
        }
        None => {
            let mut value = V::default();
            let (result, is_unused) = change(&mut value);
            if !is_unused {
                map.insert(key.clone(), value);
            }
            result
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use webhooks_model::callback_url::CallbackUrl;

    fn owner(workspace: &str, endpoint: usize) -> Owner {
        let url = CallbackUrl::try_from(format!("https://{endpoint}.example/")).unwrap();
        (WorkspaceId::try_from(workspace.to_owned()).unwrap(), EndpointId::of(&url))
    }

    /// Takes slots in turns until there are no more; returns the number of each owner.
    fn take_all(shares: &mut Shares<()>, owners: &[Owner], beside: Beside) -> Vec<usize> {
        let mut taken = vec![0; owners.len()];
        loop {
            let before: usize = taken.iter().sum();
            owners.iter().zip(&mut taken).for_each(|(owner, taken)| *taken += usize::from(shares.take(owner, beside)));
            if taken.iter().sum::<usize>() == before {
                return taken;
            }
        }
    }

    #[test]
    fn one_endpoint_gets_half_and_one_workspace_two_thirds() {
        assert_eq!(take_all(&mut Shares::new(512), &[owner("a", 0)], Beside::Others), [256]);
        let endpoints: Vec<_> = (0..150).map(|number| owner("a", number)).collect();
        let all: usize = take_all(&mut Shares::new(512), &endpoints, Beside::Others).iter().sum();
        assert!((338..=342).contains(&all), "{all}");
    }

    #[test]
    fn a_workspace_beside_no_other_leaves_slots_to_its_own_endpoints_only() {
        let taken_by = |count| {
            let mut shares = Shares::new(365);
            let endpoints: Vec<_> = (0..count).map(|number| owner("a", number)).collect();
            let taken = take_all(&mut shares, &endpoints, Beside::ItsOwn);
            assert!(shares.take(&owner("a", count), Beside::ItsOwn), "another endpoint, beside {count}");
            taken
        };
        assert_eq!(taken_by(1), [243], "two thirds");
        assert_eq!(taken_by(3), [104; 3], "a batch of 100 to three endpoints is in flight at once");
        assert!(taken_by(150).iter().all(|taken| *taken >= 2));
    }

    #[test]
    fn whatever_hangs_leaves_places_to_others() {
        for workspaces in [1, 10, 30] {
            let mut shares = Shares::new(512);
            let greedy: Vec<_> =
                (0..workspaces).flat_map(|it| (0..150).map(move |number| owner(&format!("w{it}"), number))).collect();
            take_all(&mut shares, &greedy, Beside::Others);
            assert!(shares.take(&owner("victim", 0), Beside::Others), "another workspace, beside {workspaces}");
        }
        let mut shares = Shares::new(512);
        take_all(&mut shares, &(0..150).map(|number| owner("a", number)).collect::<Vec<_>>(), Beside::Others);
        assert!(shares.take(&owner("a", 200), Beside::Others), "another endpoint of the same workspace");
    }

    #[test]
    fn a_single_place_serves_one_at_a_time() {
        let mut shares = Shares::<()>::new(1);
        assert!(shares.take(&owner("a", 0), Beside::Others) && !shares.take(&owner("b", 0), Beside::Others));
        shares.give_back(&owner("a", 0));
        assert!(shares.take(&owner("b", 0), Beside::Others));
        let endpoints: usize = shares.workspaces.values().map(|of| of.endpoints.len()).sum();
        assert_eq!((shares.workspaces.len(), endpoints), (1, 1), "what is given back is forgotten");
    }

    #[test]
    fn a_free_slot_goes_to_the_longest_waiting_attempt_that_may_have_it() {
        let mut shares = Shares::new(3);
        let [a, b, c, d, e] = ["a", "b", "c", "d", "e"].map(|workspace| owner(workspace, 0));
        assert!([&a, &b, &c].into_iter().all(|owner| shares.take(owner, Beside::Others)));
        for (owner, attempt) in [(&b, "has a slot"), (&d, "second"), (&e, "third")] {
            assert!(!shares.take(owner, Beside::Others));
            shares.wait(owner, Beside::Others, attempt);
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
}
