use super::*;
use webhooks_model::attempt::{Failure, Reason};
use webhooks_model::callback_url::CallbackUrl;
use webhooks_model::callbacks::Callback;
use webhooks_model::endpoint::{DisabledReason, Endpoint};
use webhooks_model::event::{Event, EventType};
use webhooks_model::workspace::WorkspaceId;
use webhooks_store::PendingPage;

const URL: &str = "http://h/";

fn clock(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

fn stored(instance: &str, number: u32, turn: Turn) -> StoredDelivery {
    let endpoint = Endpoint::from(CallbackUrl::try_from(URL.to_owned()).unwrap());
    let event = Event {
        id: format!("event-{number}"),
        sequence_number: number.to_string(),
        event_type: EventType::Updated,
        workspace: WorkspaceId::default_workspace(),
        instance_id: instance.to_owned(),
        process_name: "p".to_owned(),
        changed_at: clock(0),
    };
    StoredDelivery {
        id: DeliveryId::of(&event, &endpoint.id),
        pk: String::new(),
        storage: StorageState::Pending(turn),
        event,
        endpoint,
        status: Status::Pending,
        last_reason: None,
        last_status: None,
        attempts: Attempts::default(),
        give_up_reason: None,
    }
}

fn callbacks() -> Callbacks {
    let urls = vec![CallbackUrl::try_from(URL.to_owned()).unwrap()];
    Callbacks { updated: Callback { enabled: true, urls }, ..Callbacks::default() }
}

fn attempt(status: u16) -> Attempt {
    let failure = Failure { reason: Reason::Status, detail: String::new() };
    let failure = (status != 200).then_some(failure);
    Attempt {
        at: clock(0),
        status: Some(status),
        latency: Duration::ZERO,
        failure,
        retry_after: None,
        body: String::new(),
        headers: String::new(),
    }
}

/// A drain of one partition, whose pages arrive as soon as it requests them.
struct Room {
    view: View,
    now: Instant,
    schedule: RetrySchedule,
    health: HealthSettings,
}

impl Room {
    fn new(record: EndpointRecord) -> Self {
        let now = Instant::now();
        let (schedule, health) = (RetrySchedule::default(), HealthSettings::default());
        Self { view: View::new(record, 64, now), now, schedule, health }
    }

    /// Reads the next page of every partition, and finds these deliveries there and nothing after them.
    fn read(&mut self, deliveries: &[StoredDelivery]) {
        self.read_pages(deliveries, None);
    }

    /// Reads the next page of every partition that has one of these deliveries, and all of the others.
    fn read_pages(&mut self, deliveries: &[StoredDelivery], next: Option<&str>) {
        for position in self.view.pages_to_read(self.now, None) {
            let of = |it: &&StoredDelivery| InstanceKey::new(&it.event.instance_id).partition() == position.partition;
            let deliveries: Vec<_> = deliveries.iter().filter(of).cloned().collect();
            let next = next.filter(|_| !deliveries.is_empty()).map(str::to_owned);
            let page = PendingPage { deliveries, next, ..PendingPage::default() };
            self.view.load((position, page), &callbacks(), (self.now, clock(0)));
        }
    }

    /// Records an append to every partition.
    fn appended(&mut self) {
        self.view.record.appends.by_partition.iter_mut().for_each(|appends| *appends += 1);
    }

    fn start(&mut self) -> Vec<(DeliveryNo, String)> {
        std::iter::from_fn(|| self.view.start(self.now).map(|(no, it)| (no, it.event.sequence_number.clone())))
            .collect()
    }

    fn land(&mut self, no: DeliveryNo, status: u16) {
        let Self { view, now, schedule, health } = self;
        let hold = Duration::from_millis(250);
        let rules = Rules { schedule, health, hold, delivered: StorageState::Completed };
        view.landed(no, Landed::Attempted(attempt(status)), rules, (*now, clock(0), 0.0));
    }
}

fn numbers(started: &[(DeliveryNo, String)]) -> Vec<&str> {
    started.iter().map(|(_, number)| number.as_str()).collect()
}

#[tokio::test(start_paused = true)]
async fn what_another_environment_attempts_holds_its_instance_and_no_other() {
    let mut room = Room::new(EndpointRecord::default());
    let claimed = Turn::InFlight(clock(13));
    room.read(&[stored("a", 1, claimed), stored("a", 2, Turn::Next), stored("b", 3, Turn::Next)]);
    assert_eq!(numbers(&room.start()), ["3"]);
    assert_eq!(room.view.held(), ([InstanceKey::new("a")].into(), Some(clock(13))));

    room.appended();
    room.read(&[stored("a", 2, Turn::Next), stored("b", 3, Turn::Next)]);
    assert_eq!(
        numbers(&room.start()),
        ["2"],
        "the other one has settled it; what is in flight here is not started again"
    );
}

#[tokio::test(start_paused = true)]
async fn a_page_that_was_read_before_a_write_starts_nothing_twice() {
    let mut room = Room::new(EndpointRecord::default());
    let both = [stored("a", 1, Turn::Next), stored("b", 2, Turn::Next)];
    room.read(&both);
    // Partitions have no order among each other.
    let mut started = room.start();
    started.sort_by(|(_, a), (_, b)| a.cmp(b));
    assert_eq!(numbers(&started), ["1", "2"]);
    room.land(started[0].0, 200);
    // Five seconds: the drain does not wait that long.
    for _ in 0..2 {
        room.land(started[1].0, 503);
        room.now += Duration::from_secs(1);
        assert_eq!(numbers(&room.start()), ["2"]);
    }
    room.land(started[1].0, 503);
    let ids: Vec<_> = room.view.to_write.drain(..).map(|row| (row.delivery.id.clone(), row.status)).collect();
    assert_eq!(ids.iter().filter(|(_, status)| *status == Status::Delivered).count(), 1);

    room.appended();
    room.read(&both);
    assert!(room.start().is_empty(), "both rows are as they were before the write");
    assert_eq!(room.view.held().0, [InstanceKey::new("b")].into());
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_fails_is_probed_with_what_was_attempted_least_whatever_is_due() {
    let record = EndpointRecord { health: Health::failing(clock(-60), clock(0)), ..EndpointRecord::default() };
    let mut room = Room::new(record);
    let mut tried = stored("a", 1, Turn::At(clock(3600)));
    tried.attempts = vec![attempt(503); 4].into_iter().collect();
    room.read(&[tried, stored("b", 2, Turn::Next)]);
    let probe = room.start();
    assert_eq!(numbers(&probe), ["2"], "one probe");
    room.land(probe[0].0, 200);
    assert_eq!(room.view.record.health, Health::default());
    assert_eq!(numbers(&room.start()), ["1"], "it has recovered: nothing waits for its own schedule");
}

#[tokio::test(start_paused = true)]
async fn a_row_that_was_read_before_its_retry_was_written_has_the_attempts_made_here() {
    let mut room = Room::new(EndpointRecord::default());
    let row = stored("a", 1, Turn::Next);
    room.read(std::slice::from_ref(&row));
    let (no, _) = room.start()[0];
    room.land(no, 503);
    // Batches count misses, and then an acknowledgement.
    room.view.calls.set_health(Health::failing(clock(0), clock(5)));
    room.appended();
    room.read(std::slice::from_ref(&row));
    room.view.calls.set_health(Health::default());
    assert!(room.start().is_empty(), "its pause is not over");
    room.now += Duration::from_secs(2);
    let (_, again) = room.view.start(room.now).unwrap();
    assert_eq!((again.id.clone(), again.attempts.count()), (row.id, 1));
}

#[tokio::test(start_paused = true)]
async fn a_probe_reads_one_partition_and_the_others_only_if_that_has_nothing() {
    let failing = || {
        let health = Health::failing(clock(0), clock(0));
        Room::new(EndpointRecord { health, ..EndpointRecord::default() })
    };
    let next = |room: &mut Room, probe| -> Vec<u8> {
        room.view.pages_to_read(room.now, probe).iter().map(|position| position.partition).collect()
    };
    let firsts = [0, 1, 15, 16].map(|number| next(&mut failing(), Some(number)));
    assert_eq!(firsts, [[0], [1], [15], [0]], "each begins with another one");

    let partition = InstanceKey::new("a").partition();
    let load = |room: &mut Room, partition_read: u8| {
        let deliveries = if partition_read == partition { vec![stored("a", 1, Turn::Next)] } else { Vec::default() };
        let page = PendingPage { deliveries, ..PendingPage::default() };
        room.view.load((Position { partition: partition_read, after: None }, page), &callbacks(), (room.now, clock(0)));
    };
    let mut room = failing();
    let probe = Some(usize::from(partition));
    assert_eq!(next(&mut room, probe), [partition]);
    load(&mut room, partition);
    let [(no, _)] = room.start()[..] else { panic!("not one probe") };
    assert!(next(&mut room, probe).is_empty(), "nothing more while it is in flight");
    room.land(no, 200);
    let others: Vec<u8> = (0..PARTITIONS).filter(|it| *it != partition).collect();
    assert_eq!(next(&mut room, None), others, "the endpoint has recovered: all of it is read");

    let mut room = failing();
    let empty = (partition + 1) % PARTITIONS;
    let probe = Some(usize::from(empty));
    assert_eq!(next(&mut room, probe), [empty]);
    load(&mut room, empty);
    let others: Vec<u8> = (0..PARTITIONS).filter(|it| *it != empty).collect();
    assert_eq!(next(&mut room, probe), others);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_configured_any_more_fails_without_an_attempt() {
    let mut room = Room::new(EndpointRecord::default());
    for position in room.view.pages_to_read(room.now, None) {
        let page = PendingPage { deliveries: vec![stored("a", 1, Turn::Next)], ..PendingPage::default() };
        if position.partition == InstanceKey::new("a").partition() {
            room.view.load((position, page), &Callbacks::default(), (room.now, clock(0)));
        }
    }
    assert!(room.start().is_empty());
    let [row] = &room.view.to_write[..] else { panic!("{:?}", room.view.to_write) };
    assert_eq!((row.status, row.give_up_reason), (Status::Failed, Some(GiveUpReason::NoLongerConfigured)));
}

#[tokio::test(start_paused = true)]
async fn twenty_answers_in_time_end_slowness_and_one_late_one_begins_the_count_again() {
    let mut room = Room::new(EndpointRecord { late: 3, ..EndpointRecord::default() });
    let deliveries: Vec<_> = (0..41).map(|number| stored(&format!("i-{number}"), number, Turn::Next)).collect();
    room.read(&deliveries);
    let mut slow = Vec::new();
    while let Some((no, delivery)) = room.view.start(room.now) {
        let mut answer = attempt(200);
        answer.latency = Duration::from_millis(if slow.len() == 10 { 200 } else { 5 });
        let (schedule, health, hold) = (&room.schedule, &room.health, Duration::from_millis(250));
        let rules = Rules { schedule, health, hold, delivered: StorageState::Completed };
        room.view.landed(no, Landed::Attempted(answer), rules, (room.now, clock(0), 0.0));
        slow.push(room.view.record.is_slow());
        drop(delivery);
    }
    assert_eq!(slow.len(), 41);
    assert_eq!(slow.iter().position(|slow| !slow), Some(10 + 20));
}

#[tokio::test(start_paused = true)]
async fn an_instance_is_let_go_once_its_last_delivery_is_written_and_nothing_came_later() {
    let held = EndpointRecord { held: [InstanceKey::new("a")].into(), ..EndpointRecord::default() };
    let (first, later) = (stored("a", 1, Turn::Next), stored("a", 2, Turn::InFlight(clock(13))));
    let mut room = Room::new(held);
    room.read_pages(std::slice::from_ref(&first), Some("more"));
    let (no, _) = room.start()[0];
    room.land(no, 200);
    room.view.written(&[(first.id, StorageState::Completed)]);
    room.read(std::slice::from_ref(&later));
    assert!(!room.view.has_read_all(), "what is found on a later page is looked for again");
    room.read(std::slice::from_ref(&later));
    assert!(room.view.has_read_all());
    assert!(room.view.take_drained().is_empty(), "a later one is pending");

    room.appended();
    room.read(&[stored("a", 2, Turn::Next)]);
    let (no, _) = room.start()[0];
    room.land(no, 200);
    assert!(room.view.take_drained().is_empty(), "its row stands in the table still");
    let written: Vec<_> = room.view.to_write.drain(..).map(|row| (row.delivery.id.clone(), row.storage)).collect();
    let rewritten = (written[0].0.clone(), StorageState::Pending(Turn::Next));
    room.view.written(&[rewritten]);
    assert!(room.view.take_drained().is_empty(), "that was an earlier write of it");
    room.view.written(&written);
    assert_eq!(room.view.take_drained(), [InstanceKey::new("a")].into());
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_an_interrupted_move_has_left_is_removed_and_the_row_itself_is_not() {
    let mut room = Room::new(EndpointRecord::default());
    let in_backlog = stored("i", 1, Turn::Next);
    let deferred = |second| StoredDelivery { storage: StorageState::Deferred(clock(second)), ..in_backlog.clone() };
    room.view.load_deferred(vec![deferred(1)], &Callbacks::default());
    room.read(std::slice::from_ref(&in_backlog));
    room.view.load_deferred(vec![deferred(1), deferred(2)], &Callbacks::default());
    let written: Vec<_> = room.view.to_write.iter().map(|row| (row.storage, row.delivery.storage)).collect();
    assert_eq!(
        written,
        [
            (StorageState::Completed, StorageState::Deferred(clock(1))),
            (StorageState::Discarded, StorageState::Pending(Turn::Next)),
            (StorageState::Discarded, StorageState::Deferred(clock(2))),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_another_environment_attempts_holds_what_comes_after_it_though_an_earlier_one_was_replayed() {
    let held = EndpointRecord { held: [InstanceKey::new("a")].into(), ..EndpointRecord::default() };
    let mut room = Room::new(held);
    let claimed = stored("a", 2, Turn::InFlight(clock(13)));
    room.read(&[stored("a", 1, Turn::Next), claimed, stored("a", 3, Turn::Next)]);
    let started = room.start();
    assert_eq!(numbers(&started), ["1"]);
    room.land(started[0].0, 200);
    assert!(room.start().is_empty(), "the next one is in flight elsewhere");
    let written: Vec<_> = room.view.to_write.drain(..).map(|row| (row.delivery.id.clone(), row.storage)).collect();
    room.view.written(&written);
    assert!(room.view.take_drained().is_empty(), "its instance is not let go");
    assert_eq!(room.view.held(), ([InstanceKey::new("a")].into(), Some(clock(13))));

    room.appended();
    room.read(&[stored("a", 3, Turn::Next)]);
    assert_eq!(numbers(&room.start()), ["3"], "the other one has settled it");
}

#[tokio::test(start_paused = true)]
async fn a_delivery_older_than_a_day_begins_an_outage_once_and_does_not_go_on_beginning_it() {
    let old = stored("a", 1, Turn::Next);
    let day = 24 * 60 * 60;
    let probed = |health: Health, at: i64| {
        let record = EndpointRecord { health, ..EndpointRecord::default() };
        let mut room = Room::new(record);
        let mut delivery = old.clone();
        delivery.attempts = [attempt(503)].into_iter().collect();
        room.read(&[delivery]);
        let (no, _) = room.start()[0];
        let Room { view, now, schedule, health } = &mut room;
        let rules = Rules { schedule, health, hold: Duration::from_millis(250), delivered: StorageState::Completed };
        view.landed(no, Landed::Attempted(attempt(503)), rules, (*now, clock(at), 0.0));
        view.record.health
    };
    let begun = probed(Health::default(), day);
    assert_eq!(begun, Health::failing(clock(0), clock(day + 5)));
    let again = probed(begun, day + 5);
    let failing = |failed_probes, probe_at| Health::Failing {
        since: clock(0),
        failed_probes,
        probe_at: clock(probe_at),
        warned: false,
    };
    assert_eq!(again, failing(1, day + 5 + 30));
    assert_eq!(probed(again, day + 35), failing(2, day + 35 + 120));
    let disabled = probed(again, 5 * day);
    assert!(matches!(disabled, Health::Disabled { .. }), "{disabled:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_superseded_is_written_and_the_next_one_of_its_instance_starts_whatever_the_health() {
    let failing = Health::failing(clock(-60), clock(0));
    for health in [Health::default(), failing] {
        let mut room = Room::new(EndpointRecord { health, ..EndpointRecord::default() });
        room.read(&[stored("a", 1, Turn::Next), stored("a", 2, Turn::Next)]);
        let started = room.start();
        assert_eq!(numbers(&started), ["1"]);
        let Room { view, now, schedule, health: settings } = &mut room;
        let rules = Rules { schedule, health: settings, hold: Duration::ZERO, delivered: StorageState::Completed };
        view.landed(started[0].0, Landed::Superseded, rules, (*now, clock(0), 0.0));
        let written = room.view.to_write.pop().unwrap();
        assert_eq!((written.status, written.storage), (Status::Superseded, StorageState::Completed));
        assert_eq!((written.attempts.count(), written.give_up_reason), (0, None));
        assert_eq!(room.view.record.health, health, "it says nothing about the endpoint");
        assert!(room.start().is_empty(), "not before that is written");
        room.view.written(&[(written.delivery.id.clone(), written.storage)]);
        assert_eq!(numbers(&room.start()), ["2"]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_fails_without_an_attempt_is_written_before_the_next_one_of_its_instance_starts() {
    let mut removed = stored("a", 1, Turn::Next);
    removed.event.event_type = EventType::Created;
    let next = stored("a", 2, Turn::Next);
    for page in [None, Some("2")] {
        let mut room = Room::new(EndpointRecord::default());
        room.read_pages(&[removed.clone(), next.clone()], page);
        assert!(room.start().is_empty(), "not before that is written");
        let [written] = std::mem::take(&mut room.view.to_write).try_into().unwrap();
        assert_eq!((written.status, written.give_up_reason), (Status::Failed, Some(GiveUpReason::NoLongerConfigured)));
        let partition = InstanceKey::new("a").partition();
        let reads =
            |room: &mut Room| room.view.pages_to_read(room.now, None).iter().any(|it| it.partition == partition);
        assert!(!reads(&mut room) && !room.view.has_read_all(), "the next one is there still");
        room.view.written(&[(written.delivery.id.clone(), written.storage)]);
        room.read(std::slice::from_ref(&next));
        assert_eq!(numbers(&room.start()), ["2"]);
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_change_of_the_callbacks_nothing_is_read_before_what_had_failed_by_then_is_written() {
    let disabled = Health::Disabled { since: clock(0), reason: DisabledReason::Gone };
    let mut room = Room::new(EndpointRecord { health: disabled, ..EndpointRecord::default() });
    room.read_pages(&[stored("a", 1, Turn::Next)], Some("2"));
    let [written] = std::mem::take(&mut room.view.to_write).try_into().unwrap();
    room.view.record.health = Health::default();
    room.view.start_over();
    room.read(&[stored("a", 1, Turn::Next), stored("a", 2, Turn::Next), stored("b", 3, Turn::Next)]);
    assert_eq!(numbers(&room.start()), ["3"], "another instance does not wait");
    room.view.written(&[(written.delivery.id.clone(), written.storage)]);
    room.read(&[stored("a", 2, Turn::Next)]);
    assert_eq!(numbers(&room.start()), ["2"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_loaded_of_an_endpoint_that_is_disabled_meanwhile_fails_at_once() {
    let loaded = [stored("a", 1, Turn::Next), stored("a", 2, Turn::Next), stored("b", 3, Turn::Next)];
    let mut room = Room::new(EndpointRecord::default());
    room.read(&loaded);
    let started: BTreeMap<_, _> = room.start().into_iter().map(|(no, number)| (number, no)).collect();
    room.land(started["1"], 410);
    assert!(matches!(room.view.record.health, Health::Disabled { .. }));
    room.read(&loaded);
    room.land(started["3"], 200);
    let written: BTreeMap<_, _> = std::mem::take(&mut room.view.to_write)
        .into_iter()
        .map(|row| (row.delivery.event.sequence_number.clone(), row.status))
        .collect();
    let expected = [("1", Status::Failed), ("2", Status::Failed), ("3", Status::Delivered)];
    assert_eq!(written, expected.map(|(number, status)| (number.to_owned(), status)).into());
    assert!(room.view.has_read_all() && room.view.is_drained(), "the drain ends");
}
