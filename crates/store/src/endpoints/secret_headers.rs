//! The attribute of an endpoint's secret headers.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::Deserialize;

use super::update::{milliseconds, text};
use webhooks_model::credentials::{InvalidHeader, SecretHeader, SecretHeaders, header_name, header_value};

/// Form of the attribute: values and times by name.
#[derive(Default, Deserialize)]
#[serde(try_from = "BTreeMap<String, HeaderItem>")]
pub(super) struct SecretHeadersItem(pub(super) SecretHeaders);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HeaderItem {
    value: String,
    changed_at: i64,
}

impl TryFrom<BTreeMap<String, HeaderItem>> for SecretHeadersItem {
    type Error = InvalidHeader;

    fn try_from(items: BTreeMap<String, HeaderItem>) -> Result<Self, InvalidHeader> {
        let header = |(name, item): (String, HeaderItem)| {
            let changed_at = Timestamp::from_millisecond(item.changed_at).unwrap_or_default();
            Ok(SecretHeader { name: header_name(&name)?, value: header_value(&item.value)?, changed_at })
        };
        items.into_iter().map(header).collect::<Result<_, _>>().map(Self)
    }
}

/// Converts secret headers to their attribute; `None` if there are none.
pub(super) fn to_attribute(headers: &SecretHeaders) -> Option<AttributeValue> {
    let entry = |it: &SecretHeader| {
        let value = text(String::from_utf8_lossy(it.value.as_bytes()));
        let item = [("value".to_owned(), value), ("changedAt".to_owned(), milliseconds(it.changed_at))];
        (it.name.as_str().to_owned(), AttributeValue::M(HashMap::from(item)))
    };
    (!headers.is_empty()).then(|| AttributeValue::M(headers.iter().map(entry).collect()))
}
