use super::Record;
use aws_sdk_dynamodbstreams::{
    primitives::{Blob, DateTime},
    types::{AttributeValue, Identity, OperationType, Record as StreamRecord, StreamRecord as Change, StreamViewType},
};
use serde_json::{Value, json};
use std::collections::HashMap;

const ARN: &str = "arn:aws:dynamodb:us-east-1:123456789012:table/Instances/stream/2015-06-27T00:48:05.899";

fn item(attributes: &[(&str, AttributeValue)]) -> HashMap<String, AttributeValue> {
    attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn change() -> aws_sdk_dynamodbstreams::types::builders::StreamRecordBuilder {
    Change::builder()
        .approximate_creation_date_time(DateTime::from_secs(1_479_499_740))
        .set_keys(Some(item(&[("instanceID", text("i-1"))])))
        .sequence_number("13021600000000001596893679")
        .size_bytes(112)
        .stream_view_type(StreamViewType::NewAndOldImages)
}

fn record(event: OperationType, change: Change) -> StreamRecord {
    StreamRecord::builder()
        .event_id("c4ca4238a0b923820dcc509a6f75849b")
        .event_name(event)
        .event_version("1.1")
        .event_source("aws:dynamodb")
        .aws_region("us-east-1")
        .dynamodb(change)
        .build()
}

fn json_of(record: &StreamRecord) -> Value {
    serde_json::from_str(&Record::new(record, ARN).unwrap().json).unwrap()
}

#[test]
fn an_insert_looks_as_lambda_sends_it() {
    let inserted =
        change().set_new_image(Some(item(&[("instanceID", text("i-1")), ("n", AttributeValue::N("7".into()))])));
    assert_eq!(
        json_of(&record(OperationType::Insert, inserted.build())),
        json!({
            "eventID": "c4ca4238a0b923820dcc509a6f75849b",
            "eventName": "INSERT",
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": "us-east-1",
            "dynamodb": {
                "ApproximateCreationDateTime": 1_479_499_740,
                "Keys": {"instanceID": {"S": "i-1"}},
                "NewImage": {"instanceID": {"S": "i-1"}, "n": {"N": "7"}},
                "SequenceNumber": "13021600000000001596893679",
                "SizeBytes": 112,
                "StreamViewType": "NEW_AND_OLD_IMAGES"
            },
            "eventSourceARN": ARN
        })
    );
}

#[test]
fn a_deletion_by_the_service_says_so() {
    let identity = Identity::builder().r#type("Service").principal_id("dynamodb.amazonaws.com").build();
    let mut expired = record(OperationType::Remove, change().build());
    expired.user_identity = Some(identity);
    let json = json_of(&expired);
    assert_eq!(json["userIdentity"], json!({"type": "Service", "principalId": "dynamodb.amazonaws.com"}));
}

#[test]
fn every_type_of_attribute_is_dynamodb_json() {
    let blob = || Blob::new([0xff, 0x00]);
    let values = item(&[
        ("s", text("ä\"")),
        ("n", AttributeValue::N("1.50".into())),
        ("b", AttributeValue::B(blob())),
        ("bool", AttributeValue::Bool(false)),
        ("null", AttributeValue::Null(true)),
        ("ss", AttributeValue::Ss(vec!["a".into()])),
        ("ns", AttributeValue::Ns(vec!["1".into()])),
        ("bs", AttributeValue::Bs(vec![blob()])),
        ("l", AttributeValue::L(vec![text("x"), AttributeValue::Null(true)])),
        ("m", AttributeValue::M(item(&[("k", text("v"))]))),
    ]);
    assert_eq!(
        json_of(&record(OperationType::Insert, change().set_new_image(Some(values)).build()))["dynamodb"]["NewImage"],
        json!({
            "s": {"S": "ä\""},
            "n": {"N": "1.50"},
            "b": {"B": "/wA="},
            "bool": {"BOOL": false},
            "null": {"NULL": true},
            "ss": {"SS": ["a"]},
            "ns": {"NS": ["1"]},
            "bs": {"BS": ["/wA="]},
            "l": {"L": [{"S": "x"}, {"NULL": true}]},
            "m": {"M": {"k": {"S": "v"}}}
        })
    );
}

#[test]
fn records_of_one_item_are_recognised_whatever_the_order_of_its_keys() {
    let with_keys = |keys: &[(&str, AttributeValue)]| {
        let change = Change::builder().set_keys(Some(item(keys))).sequence_number("1").build();
        Record::new(&record(OperationType::Remove, change), ARN).unwrap().item
    };
    let (a, b) = (("a", text("1")), ("b", text("2")));
    assert_eq!(with_keys(&[a.clone(), b.clone()]), with_keys(&[b.clone(), a.clone()]));
    assert_ne!(with_keys(&[a.clone(), b]), with_keys(&[a, ("b", text("3"))]));
}

fn changes_nothing(event: OperationType, old: &[(&str, AttributeValue)], new: &[(&str, AttributeValue)]) -> bool {
    let change = change().set_old_image(Some(item(old))).set_new_image(Some(item(new))).build();
    Record::new(&record(event, change), ARN).unwrap().changes_nothing
}

/// "If you perform a `PutItem` or `UpdateItem` operation that does not change any data in an item, DynamoDB Streams does
/// not write a stream record for that operation."
#[test]
fn a_write_that_changes_nothing_is_told_from_one_that_does() {
    let one = [("a", text("1")), ("b", text("2"))];
    assert!(changes_nothing(OperationType::Modify, &one, &one));
    assert!(!changes_nothing(OperationType::Modify, &one, &[("a", text("1")), ("b", text("3"))]));
    assert!(!changes_nothing(OperationType::Modify, &one, &one[..1]));
    assert!(!changes_nothing(OperationType::Modify, &one[..1], &one));
}

#[test]
fn the_order_within_a_set_is_no_difference_and_within_a_list_it_is() {
    let set = |texts: [&str; 2]| [("a", AttributeValue::Ss(texts.map(str::to_owned).into()))];
    let list = |texts: [&str; 2]| [("a", AttributeValue::L(texts.map(text).into()))];
    assert!(changes_nothing(OperationType::Modify, &set(["x", "y"]), &set(["y", "x"])));
    assert!(!changes_nothing(OperationType::Modify, &set(["x", "y"]), &set(["x", "z"])));
    assert!(!changes_nothing(OperationType::Modify, &list(["x", "y"]), &list(["y", "x"])));
    let nested = |texts| [("m", AttributeValue::M(item(&set(texts))))];
    assert!(changes_nothing(OperationType::Modify, &nested(["x", "y"]), &nested(["y", "x"])));
}

#[test]
fn insertions_and_removals_always_change_something() {
    assert!(!changes_nothing(OperationType::Insert, &[], &[]));
    assert!(!changes_nothing(OperationType::Remove, &[], &[]));
}

#[test]
fn a_record_without_a_sequence_number_is_none() {
    let change = Change::builder().set_keys(Some(HashMap::new())).build();
    let error = Record::new(&record(OperationType::Insert, change), ARN).unwrap_err().to_string();
    assert!(error.contains("without a sequence number"), "{error}");
}
