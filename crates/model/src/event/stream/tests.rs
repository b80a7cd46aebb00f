use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn record(name: &str, image: &str, item: Value) -> Value {
    json!({
        "eventID": "c81e728d9d4c2f636f067f89cc14862c", "eventName": name, "eventVersion": "1.1",
        "eventSource": "aws:dynamodb", "awsRegion": "eu-central-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_479_499_740.0, "SequenceNumber": "4421584500000000017450439091",
            "Keys": {"instanceID": {"S": "i-1"}}, "SizeBytes": 59, "StreamViewType": "NEW_AND_OLD_IMAGES", image: item,
        },
        "eventSourceARN": "arn:aws:dynamodb:eu-central-1:123456789012:table/Instances/stream/2016-11-16T20:42:48.104",
    })
}

fn item() -> Value {
    json!({
        "instanceID": {"S": "i-1"}, "processName": {"S": "Order & Söhne"}, "workspaceID": {"S": "sales"},
        "steps": {"L": [{"M": {"a": {"NS": ["1", "2"]}}}, {"BOOL": true}, {"NULL": true}, {"B": "AAEC"}]},
    })
}

fn read_all(records: &[Value], settings: &EventSettings) -> Vec<Record<'static>> {
    let payload = json!({"Records": records}).to_string();
    StreamBatch::parse(payload.leak().as_bytes()).unwrap().records(settings).collect()
}

fn read_one(record: Value, settings: &EventSettings) -> Record<'static> {
    read_all(&[record], settings).pop().unwrap()
}

fn event(record: Value) -> Event {
    match read_one(record, &EventSettings::default()) {
        Record::Event(it) => it.event,
        other => panic!("not an event: {other:?}"),
    }
}

fn error(record: Value) -> String {
    match read_one(record, &EventSettings::default()) {
        Record::Unreadable(error) => error.to_string(),
        other => panic!("not an error: {other:?}"),
    }
}

#[test]
fn an_insert_is_created_a_modify_updated_and_a_remove_deleted_with_the_names_of_the_old_image() {
    let cases = [
        ("INSERT", "NewImage", EventType::Created),
        ("MODIFY", "NewImage", EventType::Updated),
        ("REMOVE", "OldImage", EventType::Deleted),
    ];
    for (name, image, event_type) in cases {
        let event = event(record(name, image, item()));
        assert_eq!(event.event_type, event_type);
        assert_eq!(event.instance_id, "i-1");
        assert_eq!(event.process_name, "Order & Söhne");
        assert_eq!(event.workspace.as_str(), "sales");
        assert_eq!(event.id, "c81e728d9d4c2f636f067f89cc14862c");
        assert_eq!(event.sequence_number, "4421584500000000017450439091");
        assert_eq!(event.changed_at.to_string(), "2016-11-18T20:09:00Z");
    }
}

#[test]
fn an_update_takes_its_names_from_the_new_image() {
    let mut update = record("MODIFY", "NewImage", item());
    update["dynamodb"]["OldImage"] = json!({"instanceID": {"S": "i-1"}, "processName": {"S": "old"}});
    assert_eq!(event(update).process_name, "Order & Söhne");
}

#[test]
fn an_event_has_the_images_of_its_record() {
    let mut update = record("MODIFY", "NewImage", item());
    update["dynamodb"]["OldImage"] = json!({"status": {"S": "old"}});
    let images = |record| match read_one(record, &EventSettings::default()) {
        Record::Event(it) => it.images.parse(),
        other => panic!("not an event: {other:?}"),
    };
    let both = images(update);
    assert_eq!((both.old, both.new), (Some(json!({"status": {"S": "old"}})), Some(item())));
    let only = |name, image| images(record(name, image, item()));
    assert_eq!(only("INSERT", "NewImage"), Images { old: None, new: Some(item()) });
    assert_eq!(only("REMOVE", "OldImage"), Images { old: Some(item()), new: None });
}

#[test]
fn a_number_is_an_instance_id_too() {
    let number = json!({"instanceID": {"N": "42"}, "processName": {"S": "p"}});
    assert_eq!(event(record("INSERT", "NewImage", number)).instance_id, "42");
}

#[test]
fn an_item_without_workspace_belongs_to_the_default_one() {
    let mut item = json!({"instanceID": {"S": "i"}, "processName": {"S": "p"}});
    assert_eq!(event(record("INSERT", "NewImage", item.clone())).workspace, WorkspaceId::default_workspace());
    for none in [json!({"NULL": true}), json!({"S": ""})] {
        item["workspaceID"] = none;
        assert_eq!(event(record("INSERT", "NewImage", item.clone())).workspace, WorkspaceId::default_workspace());
    }
}

#[test]
fn attribute_names_are_settings_and_one_attribute_may_serve_twice() {
    let settings = EventSettings {
        instance_id_attribute: "id".into(),
        process_name_attribute: "kind".into(),
        workspace_id_attribute: "kind".into(),
        ..EventSettings::default()
    };
    let item = json!({"id": {"S": "7"}, "kind": {"S": "invoice"}, "instanceID": {"S": "no"}});
    let Record::Event(StreamEvent { event, .. }) = read_one(record("INSERT", "NewImage", item), &settings) else {
        panic!()
    };
    assert_eq!((&*event.instance_id, &*event.process_name, event.workspace.as_str()), ("7", "invoice", "invoice"));
}

#[test]
fn expiry_by_ttl_is_deleted_unless_turned_off_and_other_deletions_are_not_expiry() {
    let mut expiry = record("REMOVE", "OldImage", item());
    expiry["userIdentity"] = json!({"type": "Service", "principalId": "dynamodb.amazonaws.com"});
    let off = EventSettings { ttl_expiry_is_deleted: false, ..EventSettings::default() };
    assert_eq!(event(expiry.clone()).event_type, EventType::Deleted);
    assert!(matches!(read_one(expiry.clone(), &off), Record::Expired));

    expiry["userIdentity"]["principalId"] = json!(null);
    assert!(matches!(read_one(expiry.clone(), &off), Record::Event(_)));
    expiry["userIdentity"]["principalId"] = json!("another-service");
    assert!(matches!(read_one(expiry, &off), Record::Event(_)));
    assert!(matches!(read_one(record("REMOVE", "OldImage", item()), &off), Record::Event(_)));
}

#[test]
fn an_error_names_the_record_and_the_attribute() {
    let without = |attribute: &str| {
        let mut item = item();
        item.as_object_mut().unwrap().remove(attribute);
        error(record("INSERT", "NewImage", item))
    };
    let with = |attribute: &str, value: Value| {
        let mut item = item();
        item[attribute] = value;
        error(record("INSERT", "NewImage", item))
    };
    insta::assert_snapshot!(without("instanceID"), @r#"record c81e728d9d4c2f636f067f89cc14862c: the item has no attribute "instanceID""#);
    insta::assert_snapshot!(without("processName"), @r#"record c81e728d9d4c2f636f067f89cc14862c: the item has no attribute "processName""#);
    insta::assert_snapshot!(with("processName", json!({"BOOL": true})), @r#"record c81e728d9d4c2f636f067f89cc14862c: attribute "processName" is of type BOOL, not a string (S) or a number (N)"#);
    insta::assert_snapshot!(with("processName", json!({"S": "x".repeat(8193)})), @r#"record c81e728d9d4c2f636f067f89cc14862c: attribute "processName" has 8193 bytes, more than 8192"#);
    insta::assert_snapshot!(with("instanceID", json!({"NULL": true})), @r#"record c81e728d9d4c2f636f067f89cc14862c: attribute "instanceID" is of type NULL, not a string (S) or a number (N)"#);
    insta::assert_snapshot!(with("workspaceID", json!({"S": "x".repeat(129)})), @r#"record c81e728d9d4c2f636f067f89cc14862c: attribute "workspaceID": a workspace id has 1 to 128 characters, without control characters and / ? %, and is neither . nor ..; this one has 129"#);
    insta::assert_snapshot!(with("workspaceID", json!({"S": "org/team"})), @r#"record c81e728d9d4c2f636f067f89cc14862c: attribute "workspaceID": a workspace id has 1 to 128 characters, without control characters and / ? %, and is neither . nor ..; this one has a / in it"#);
    insta::assert_snapshot!(error(record("REMOVE", "NewImage", item())), @"record c81e728d9d4c2f636f067f89cc14862c has no OldImage: the stream's view type must be NEW_AND_OLD_IMAGES");
    insta::assert_snapshot!(error(record("TRUNCATE", "NewImage", item())), @r#"record c81e728d9d4c2f636f067f89cc14862c has the unknown event name "TRUNCATE""#);
    insta::assert_snapshot!(error(json!({"eventID": "e-1"})), @"record e-1 is not a DynamoDB stream record: missing field `eventName` at line 1 column 17");
    insta::assert_snapshot!(error(json!({"eventID": ""})), @"record number 1 of the batch is not a DynamoDB stream record: missing field `eventName` at line 1 column 14");
    insta::assert_snapshot!(error(json!({"eventID": 1})), @"record number 1 of the batch is not a DynamoDB stream record: invalid type: integer `1`, expected a string at line 1 column 12");
}

#[test]
fn what_cannot_be_put_in_order_is_no_event_and_a_time_out_of_range_is_as_good_as_unknown() {
    let mut odd = record("INSERT", "NewImage", item());
    for sequence_number in ["", "4421a", "-1", &"1".repeat(41)] {
        odd["dynamodb"]["SequenceNumber"] = json!(sequence_number);
        insta::allow_duplicates! {
            insta::assert_snapshot!(error(odd.clone()), @"record c81e728d9d4c2f636f067f89cc14862c has no usable sequence number: one has 1 to 40 digits");
        }
    }
    odd["dynamodb"]["SequenceNumber"] = json!("1");
    for seconds in [-1.0, 1e10, 1e300] {
        odd["dynamodb"]["ApproximateCreationDateTime"] = json!(seconds);
        assert_eq!(event(odd.clone()).changed_at, Timestamp::UNIX_EPOCH, "{seconds}");
    }
    odd["dynamodb"].as_object_mut().unwrap().remove("ApproximateCreationDateTime");
    assert_eq!(event(odd.clone()).changed_at, Timestamp::UNIX_EPOCH, "it is optional");
    odd["dynamodb"]["ApproximateCreationDateTime"] = json!(1_479_499_740_123_u64);
    assert_eq!(event(odd).changed_at.to_string(), "2016-11-18T20:09:00.123Z", "milliseconds");
}

#[test]
fn a_record_that_makes_no_sense_leaves_the_ones_beside_it_alone() {
    let good = record("INSERT", "NewImage", item());
    let records = [good.clone(), json!({"Records": "?"}), json!(17), json!(null), good];
    let read = read_all(&records, &EventSettings::default());
    let events: Vec<bool> = read.iter().map(|record| matches!(record, Record::Event(_))).collect();
    assert_eq!(events, [true, false, false, false, true]);
}

#[test]
fn a_payload_that_is_no_batch_says_so() {
    let not_utf8 = b"{\"Records\": [\"\xff\"]}";
    for payload in [&b""[..], b"[]", b"{}", b"null", br#"{"Records": 1}"#, not_utf8] {
        assert!(
            StreamBatch::parse(payload)
                .unwrap_err()
                .to_string()
                .starts_with("the payload is not a DynamoDB stream batch")
        );
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let key = prop_oneof![
            any::<String>(),
            prop::sample::select(vec![
                "S",
                "N",
                "instanceID",
                "processName",
                "dynamodb",
                "NewImage",
                "eventID",
                "Records"
            ])
            .prop_map(str::to_owned),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..5).prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_json_a_record_is_reading_it_never_panics(junk in any_json()) {
        read_all(std::slice::from_ref(&junk), &EventSettings::default());
        read_all(&[record("INSERT", "NewImage", junk.clone())], &EventSettings::default());
        let payload = junk.to_string();
        if let Ok(batch) = StreamBatch::parse(payload.as_bytes()) {
            batch.records(&EventSettings::default()).for_each(drop);
        }
    }

    #[test]
    fn whatever_text_a_name_is_it_comes_through_exactly(name in any::<String>()) {
        let mut item = item();
        item["processName"] = json!({"S": name});
        prop_assert_eq!(event(record("INSERT", "NewImage", item)).process_name, name);
    }
}
