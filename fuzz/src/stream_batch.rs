use jiff::Timestamp;
use serde_json::{Value, json};
use webhooks_engine::request;
use webhooks_model::callback_url::CallbackUrl;
use webhooks_model::endpoint::EndpointId;
use webhooks_model::event::{Event, EventSettings, EventType, MAX_VALUE_BYTES, Record, StreamBatch};

use webhooks_store::DeliveryId;

/// Parses the payload of a stream batch: each record has one outcome, whatever the other records are; an event has the
/// item's values, can be sent, and can be read back from the log.
pub fn stream_batch(input: &[u8]) {
    let Ok(batch) = StreamBatch::parse(input) else { return };
    let settings = EventSettings::default();
    let read: Vec<_> = batch.records(&settings).map(Outcome::from).collect();
    assert_eq!(read.len(), batch.len(), "an outcome a record");
    assert!(!read.contains(&Outcome::Expired), "expiry counts as deleted here");
    for event in read.iter().filter_map(Outcome::event) {
        can_be_told(event);
    }
    // From here on without repeated keys, which parsers may read in different ways.
    let Ok(mut json) = serde_json::from_slice::<Value>(input) else { return };
    let Some(records) = json.get_mut("Records").map(Value::take) else { return };
    let Value::Array(records) = records else { return };
    let together = outcomes(&records, &settings);
    let alone: Vec<_> = records.iter().flat_map(|record| outcomes(std::slice::from_ref(record), &settings)).collect();
    for ((record, together), alone) in records.iter().zip(&together).zip(&alone) {
        assert_eq!(together, alone, "a record's outcome depends on itself alone");
        if let Some(event) = together.event() {
            says_what_the_item_says(event, record, &settings);
        }
    }
    expiry_can_be_left_out(&records, &together);
}

/// What became of a record.
#[derive(PartialEq, Eq, Debug)]
enum Outcome {
    Event(Event),
    Expired,
    Unreadable,
}

impl From<Record<'_>> for Outcome {
    fn from(record: Record<'_>) -> Self {
        match record {
            Record::Event(it) => {
                it.images.parse();
                Self::Event(it.event)
            }
            Record::Expired => Self::Expired,
            Record::Unreadable(_) => Self::Unreadable,
        }
    }
}

impl Outcome {
    fn event(&self) -> Option<&Event> {
        if let Self::Event(event) = self { Some(event) } else { None }
    }
}

fn outcomes(records: &[Value], settings: &EventSettings) -> Vec<Outcome> {
    let payload = json!({ "Records": records }).to_string();
    let outcomes: Vec<_> =
        StreamBatch::parse(payload.as_bytes()).unwrap().records(settings).map(Outcome::from).collect();
    assert_eq!(outcomes.len(), records.len());
    outcomes
}

fn can_be_told(event: &Event) {
    assert!(event.instance_id.len() <= MAX_VALUE_BYTES && event.process_name.len() <= MAX_VALUE_BYTES);
    let url = CallbackUrl::try_from("https://example.com/hook?a=b".to_owned()).unwrap();
    request::build(&url, event, 1, Timestamp::UNIX_EPOCH, &crate::credentials()).unwrap();
    let id = DeliveryId::of(event, &EndpointId::of(&url));
    assert_eq!(id.to_string().parse(), Ok(id), "the log names its delivery");
}

fn says_what_the_item_says(event: &Event, record: &Value, settings: &EventSettings) {
    let image = match event.event_type {
        EventType::Created | EventType::Updated => "NewImage",
        EventType::Deleted => "OldImage",
    };
    let text = |attribute: &str| {
        // The first type counts; DynamoDB writes only one.
        let (_, value) = record["dynamodb"][image].get(attribute)?.as_object()?.iter().next()?;
        value.as_str()
    };
    assert_eq!(record["eventID"], *event.id);
    assert_eq!(record["dynamodb"]["SequenceNumber"], *event.sequence_number);
    assert_eq!(Some(&*event.instance_id), text(&settings.instance_id_attribute));
    assert_eq!(Some(&*event.process_name), text(&settings.process_name_attribute));
    assert_eq!(event.workspace.as_str(), text(&settings.workspace_id_attribute).unwrap_or("default"));
}

/// Checks that the setting leaves out expiries, and nothing else.
fn expiry_can_be_left_out(records: &[Value], told: &[Outcome]) {
    let left_out = EventSettings { ttl_expiry_is_deleted: false, ..EventSettings::default() };
    for ((record, told), now) in records.iter().zip(told).zip(outcomes(records, &left_out)) {
        if now == Outcome::Expired {
            assert_eq!(record["eventName"], "REMOVE");
            assert_eq!(record["userIdentity"]["principalId"], "dynamodb.amazonaws.com");
        } else {
            assert_eq!(*told, now);
        }
    }
}
