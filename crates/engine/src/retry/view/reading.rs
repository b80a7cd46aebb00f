//! What a drain's view takes in: which pages it reads, and what it does with each delivery of a page. Pure.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::{Completed, KEPT_FOR, Position, Row, View, is_configured, is_same_row};
use crate::dispatch::Queue;
use webhooks_model::attempt::Attempts;
use webhooks_model::callbacks::Callbacks;
use webhooks_model::delivery::{GiveUpReason, Status};
use webhooks_model::endpoint::Health;
use webhooks_model::event::{InstanceKey, PARTITIONS};
use webhooks_runtime::invariant::Invariant;
use webhooks_store::{DeliveryId, PendingPage, StorageState, StoredDelivery, Turn};

/// Maximum number of deliveries in memory.
const MOST_LOADED: usize = 2_000;

impl View {
    /// Returns whether to read more: few deliveries can be started, and there is room.
    fn wants_more(&self, now: Instant) -> bool {
        self.calls.ready() < self.calls.window().limit(now) && self.rows.len() < MOST_LOADED
    }

    /// Returns the pages that have to be read now. Before a probe they are for one delivery.
    pub(in crate::retry) fn pages_to_read(&mut self, now: Instant, probe: Option<usize>) -> Vec<Position> {
        let has_probe = probe.is_some() && self.calls.ready() + self.calls.in_flight() > 0;
        if self.halted || has_probe || !self.wants_more(now) {
            return Vec::new();
        }
        let mut pages = Vec::new();
        for partition in self.partitions_to_read(probe) {
            let index = usize::from(partition);
            let appends = self.record.appends.by_partition[index];
            if self.partitions[index].is_over(appends) {
                if self.failing.keys().any(|instance| instance.partition() == partition) {
                    continue;
                }
                self.drop_unstarted(partition);
                self.partitions[index].begin(appends);
            }
            pages.extend(self.partitions[index].next().map(|after| Position { partition, after }));
        }
        pages
    }

    /// Returns the partitions to read now: before a probe one of them, and all once that has nothing to send.
    ///
    /// Each probe begins with another one, so that a delivery that is always rejected does not keep the endpoint failing.
    fn partitions_to_read(&self, probe: Option<usize>) -> Range<u8> {
        let index = probe.map(|number| number % self.partitions.len());
        let unread = index.filter(|it| self.partitions[*it].is_over(self.record.appends.by_partition[*it]));
        let one = unread.and_then(|index| u8::try_from(index).ok());
        one.map_or(0..PARTITIONS, |one| one..one + 1)
    }

    /// Returns whether everything that was appended by the time of the record has been read.
    pub(in crate::retry) fn has_read_all(&self) -> bool {
        let all = self.partitions.iter().zip(&self.record.appends.by_partition);
        all.into_iter().all(|(walk, appends)| walk.has_all(*appends))
    }

    /// Returns whether a drain that must not send anything has looked for deliveries that must not be sent any more.
    pub(in crate::retry) fn has_looked(&self, now: Instant) -> bool {
        self.has_looked || self.has_read_all() || !self.wants_more(now)
    }

    /// Drops the deliveries of a partition that are not started, before it is read from its start.
    fn drop_unstarted(&mut self, partition: u8) {
        let of = |queue| matches!(queue, Queue::Instance(instance) if instance.partition() == partition);
        for no in self.calls.take_unstarted(of) {
            self.rows.remove(&no);
        }
        self.parked.retain(|instance, _| instance.partition() != partition);
        self.drained.retain(|instance, _| instance.partition() != partition);
        self.completed.retain(|id, it| id.partition() != partition || !it.written);
    }

    /// Adds a page of a partition.
    pub(in crate::retry) fn load(
        &mut self,
        (position, page): (Position, PendingPage),
        callbacks: &Callbacks,
        (now, clock): (Instant, Timestamp),
    ) {
        let index = usize::from(position.partition);
        if self.halted || !self.partitions[index].expects(&position) {
            return;
        }
        self.has_looked = true;
        let ascend = page.deliveries.is_sorted_by_key(|it| (it.event.sequence_number.len(), &it.event.sequence_number));
        Invariant::BacklogInOrder.check(ascend, || format!("partition {index}"));
        let count = page.deliveries.len();
        for delivery in page.deliveries {
            let delivery = self.newest(delivery);
            let instance = InstanceKey::new(&delivery.event.instance_id);
            let queue = Queue::Instance(instance);
            if self.is_started(queue, &delivery.id) {
                continue;
            }
            if let Some(completed) = self.completed.get(&delivery.id).copied() {
                self.remove_copy(delivery, completed);
                continue;
            }
            self.drained.remove(&instance);
            if let Some(why) = self.undeliverable(&delivery, callbacks) {
                match delivery.storage {
                    // It belongs to its environment until the claim ends, because that may still write its result.
                    StorageState::Pending(Turn::InFlight(until)) if until > clock => {
                        _ = self.parked.insert(instance, until)
                    }
                    _ => {
                        self.failing.insert(instance, delivery.id.clone());
                        self.fail(delivery, why);
                    }
                }
                continue;
            }
            if self.failing.contains_key(&instance) {
                self.partitions[index].leave(&delivery.id, instance);
                continue;
            }
            if self.parked.contains_key(&instance) || !self.partitions[index].takes(&delivery.id, instance) {
                continue;
            }
            // What others are before takes its turn, unless it is being attempted elsewhere: it was replayed, or they were.
            let claimed = matches!(delivery.storage, StorageState::Pending(Turn::InFlight(_)));
            let waits = if self.calls.has(queue) && !claimed { None } else { self.waits_until(&delivery) };
            let Some(until) = waits.filter(|until| *until > clock) else {
                self.push(queue, delivery);
                continue;
            };
            let pause = Duration::try_from(until.duration_since(clock)).unwrap_or_default();
            if pause <= KEPT_FOR && !claimed {
                self.rows.insert(self.next_no, Arc::new(delivery));
                self.calls.push_resting(queue, self.next_no, now + pause);
                self.next_no += 1;
            } else {
                self.parked.insert(instance, until);
            }
        }
        self.partitions[index].turn(count, page.next);
    }

    /// Adds deferred deliveries.
    pub(in crate::retry) fn load_deferred(&mut self, deliveries: Vec<StoredDelivery>, callbacks: &Callbacks) {
        if self.halted {
            return;
        }
        self.deferred_changed = true;
        for delivery in deliveries {
            if self.rows.values().any(|row| row.id == delivery.id) {
                continue;
            }
            if let Some(completed) = self.completed.get(&delivery.id).copied() {
                self.remove_copy(delivery, completed);
                continue;
            }
            match self.undeliverable(&delivery, callbacks) {
                Some(why) => self.fail(delivery, why),
                None => self.push(Queue::Deferred(self.next_no), delivery),
            }
        }
    }

    /// Returns a delivery with the attempts that this drain has made, which its row may not have yet.
    fn newest(&self, row: StoredDelivery) -> StoredDelivery {
        match self.retried.get(&row.id).filter(|it| it.delivery.attempts.count() > row.attempts.count()) {
            Some(retried) => StoredDelivery::clone(&retried.delivery),
            None => row,
        }
    }

    /// Returns the time of the delivery's own schedule. It does not apply when the endpoint is probed, nor when it
    /// recovers.
    fn waits_until(&self, delivery: &StoredDelivery) -> Option<Timestamp> {
        let retried = self.retried.get(&delivery.id).map(|it| it.due);
        match delivery.storage {
            StorageState::Pending(Turn::At(_)) if self.began_failing => retried,
            storage => storage.due().max(retried),
        }
    }

    fn is_started(&self, queue: Queue, id: &DeliveryId) -> bool {
        self.calls.first(queue).is_some_and(|no| self.rows.get(&no).is_some_and(|row| row.id == *id))
    }

    fn push(&mut self, queue: Queue, delivery: StoredDelivery) {
        self.rows.insert(self.next_no, Arc::new(delivery));
        self.calls.push(queue, self.next_no);
        self.next_no += 1;
    }

    /// Returns the reason why a delivery must not be attempted any more, if there is one.
    fn undeliverable(&self, delivery: &StoredDelivery, callbacks: &Callbacks) -> Option<GiveUpReason> {
        if matches!(self.record.health, Health::Disabled { .. }) {
            return Some(GiveUpReason::EndpointDisabled);
        }
        (!is_configured(delivery, callbacks)).then_some(GiveUpReason::NoLongerConfigured)
    }

    fn fail(&mut self, delivery: StoredDelivery, why: GiveUpReason) {
        self.has_looked = false;
        self.deferred_changed |= matches!(delivery.storage, StorageState::Deferred(_));
        let completed = Completed { was: delivery.storage, is: StorageState::Completed, written: false };
        self.completed.insert(delivery.id.clone(), completed);
        let (attempts, delivery) = (delivery.attempts.clone(), Arc::new(delivery));
        self.to_write.push(Row {
            delivery,
            attempts,
            status: Status::Failed,
            give_up_reason: Some(why),
            storage: StorageState::Completed,
        });
    }

    /// Removes a leftover row of a completed delivery.
    ///
    /// An interrupted move has left it, if it is neither the row that was read nor the one that was written.
    fn remove_copy(&mut self, delivery: StoredDelivery, completed: Completed) {
        if [completed.was, completed.is].into_iter().any(|storage| is_same_row(storage, delivery.storage)) {
            return;
        }
        self.deferred_changed |= matches!(delivery.storage, StorageState::Deferred(_));
        let (status, attempts, delivery) = (Status::Pending, Attempts::default(), Arc::new(delivery));
        self.to_write.push(Row { delivery, attempts, status, give_up_reason: None, storage: StorageState::Discarded });
    }
}
