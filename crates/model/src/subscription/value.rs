//! Comparison of attribute values.

use serde_json::Value;

/// Returns whether two attribute values are the same. Maps and sets have no order.
///
/// Lists are the only arrays whose order counts. They are under `L`, sets under `SS`, `NS` and `BS` ("`AttributeValue`",
/// DynamoDB API reference); no attribute of a map is an array itself.
pub(super) fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, one)| {
                    other.get(name).is_some_and(|other| match (one, other) {
                        (Value::Array(one), Value::Array(other)) if name != "L" => is_same_set(one, other),
                        (one, other) => is_same(one, other),
                    })
                })
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (one, other) => one == other,
    }
}

fn is_same_set(one: &[Value], other: &[Value]) -> bool {
    let sorted = |set: &[Value]| {
        let mut texts: Vec<_> = set.iter().map(ToString::to_string).collect();
        texts.sort_unstable();
        texts
    };
    sorted(one) == sorted(other)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn maps_and_sets_have_no_order_and_lists_have_one() {
        let cases = [
            (r#"{"M": {"a": {"N": "1"}, "b": {"N": "2"}}}"#, r#"{"M": {"b": {"N": "2"}, "a": {"N": "1"}}}"#, true),
            (r#"{"M": {"a": {"N": "1"}}}"#, r#"{"M": {"a": {"N": "1"}, "b": {"N": "2"}}}"#, false),
            (r#"{"M": {"a": {"N": "1"}}}"#, r#"{"M": {"b": {"N": "1"}}}"#, false),
            (r#"{"SS": ["a", "b"]}"#, r#"{"SS": ["b", "a"]}"#, true),
            (r#"{"SS": ["a", "b"]}"#, r#"{"SS": ["b", "c"]}"#, false),
            (r#"{"SS": ["a"]}"#, r#"{"SS": ["a", "b"]}"#, false),
            (r#"{"L": [{"N": "1"}, {"N": "2"}]}"#, r#"{"L": [{"N": "2"}, {"N": "1"}]}"#, false),
            (r#"{"L": [{"NS": ["1", "2"]}]}"#, r#"{"L": [{"NS": ["2", "1"]}]}"#, true),
            (
                r#"{"M": {"SS": {"L": [{"S": "a"}, {"S": "b"}]}}}"#,
                r#"{"M": {"SS": {"L": [{"S": "b"}, {"S": "a"}]}}}"#,
                false,
            ),
            (r#"{"S": "1"}"#, r#"{"N": "1"}"#, false),
            (r#"{"BOOL": true}"#, r#"{"BOOL": true}"#, true),
        ];
        for (one, other, same) in cases {
            let read = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
            let is = json!([is_same(&read(one), &read(other)), is_same(&read(other), &read(one))]);
            assert_eq!(is, json!([same, same]), "{one}, {other}");
        }
    }
}
