//! What the stores read of golden files.

use super::*;

/// What the stores read of one workspace.
#[derive(Debug, PartialEq)]
pub(super) struct Readings {
    pub(super) callbacks: StoredCallbacks,
    pub(super) endpoints: BTreeMap<String, EndpointRecord>,
    pub(super) keys: Option<StoredKeys>,
    pub(super) damage: Vec<String>,
    /// The newest first.
    pub(super) audit: Vec<Entry>,
    /// The newest first.
    pub(super) log: Vec<StoredDelivery>,
    /// Those of the log, with their attempts.
    pub(super) deliveries: Vec<StoredDelivery>,
    /// The instances of what is pending and deferred, in no order.
    pub(super) waiting: BTreeSet<String>,
    /// Number of pending items that cannot be read.
    pub(super) damaged: usize,
    pub(super) counted: usize,
}

impl Readings {
    pub(super) async fn of(room: &Harness) -> Self {
        let (workspace, store, to) = (workspace_id("default"), &room.fanout.deliveries, endpoint(URL).id);
        let state = room.fanout.endpoints.workspace(&workspace).await.unwrap();
        let log =
            store.log(&workspace, &LogFilter::default(), None, 50, &mut support::plenty()).await.unwrap().deliveries;
        let mut deliveries = Vec::new();
        for delivery in &log {
            deliveries.push(store.get(&workspace, &delivery.id).await.unwrap().unwrap());
        }
        let mut waiting = store.deferred(&workspace, &to, at(600), 50).await.unwrap();
        let mut damaged = 0;
        for partition in 0..16 {
            let page = store.pending(&workspace, &to, partition, None, 50).await.unwrap();
            waiting.extend(page.deliveries);
            damaged += page.damaged;
        }
        let audit = AuditStore::new(room.client.clone(), "Webhooks");
        let until = Instant::now() + PLENTY;
        let counted = store.samples(&workspace, &LogFilter::default(), 1_000, until).await.unwrap().samples.len();
        Self {
            damage: state.damage(),
            callbacks: state.callbacks,
            endpoints: state.endpoints.into_iter().map(|(id, record)| (id.to_string(), record)).collect(),
            keys: state.keys,
            audit: audit.page(&workspace, &Filter::default(), None, 50).await.unwrap().entries,
            log,
            deliveries,
            waiting: waiting.into_iter().map(|it| it.event.instance_id).collect(),
            damaged,
            counted,
        }
    }

    /// Checks that everything is there, and says what the scenario says.
    pub(super) fn are_right(&self, version: &str) {
        assert_eq!((&self.damage, self.damaged), (&Vec::new(), 0), "{version}");
        let stored = &self.callbacks;
        assert_eq!((stored.version, &stored.callbacks), (1, &callbacks()), "{version}");
        assert_eq!(stored.replaced, [Replaced { from: url(OLD), to: url(URL), at: at(0) }], "{version}");
        assert_eq!(self.endpoints[endpoint(URL).id.as_str()], failing(), "{version}");
        let health = Health::Disabled { since: at(60), reason: DisabledReason::Gone };
        assert_eq!(self.endpoints[endpoint(GONE).id.as_str()], EndpointRecord { health, ..EndpointRecord::default() });
        let stored = self.keys.as_ref().unwrap();
        assert_eq!((stored.version, &stored.keys), (2, &keys()), "{version}");
        let actions: Vec<_> = self.audit.iter().map(|it| (it.action, &*it.actor.id)).collect();
        assert_eq!(actions, [(Action::EndpointChanged, "subject"), (Action::CallbacksSet, "local")], "{version}");

        let all = deliveries();
        assert_eq!((self.log.len(), self.counted), (all.len(), all.len()), "{version}");
        for (stored, (event, storage, attempts, give_up_reason)) in self.deliveries.iter().rev().zip(all) {
            assert_eq!((&stored.event, stored.storage), (&event, storage), "{version}");
            assert_eq!((stored.attempts.kept(), stored.give_up_reason), (&*attempts, give_up_reason), "{version}");
            assert_eq!(stored.endpoint, endpoint(URL), "{version}");
        }
        let waiting = ["at", "deferred", "in-flight", "next"].map(str::to_owned);
        assert_eq!(self.waiting, BTreeSet::from(waiting), "{version}");
    }
}

/// The first line in which two texts for debugging differ: the whole texts are long.
pub(super) fn first_difference(is: &Readings, expected: &Readings) -> Option<(String, String)> {
    let (is, expected) = (format!("{is:#?}"), format!("{expected:#?}"));
    let (is, expected) = is.lines().zip(expected.lines()).find(|(is, expected)| is != expected)?;
    Some((is.to_owned(), expected.to_owned()))
}
