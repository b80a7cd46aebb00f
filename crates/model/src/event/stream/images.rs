//! The images of a stream record: an item before and after a change. They are read only if an endpoint asks for it.

use serde_json::Value;
use serde_json::value::RawValue;

/// The unparsed images of a stream record.
#[derive(Clone, Copy, Debug, Default)]
pub struct RawImages<'a> {
    pub(super) old: Option<&'a RawValue>,
    pub(super) new: Option<&'a RawValue>,
}

/// The images of a stream record, as objects of attribute values such as `{"S": "text"}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Images {
    /// The item before the change; `None` if there was none, or the record lacks it.
    pub old: Option<Value>,
    /// The item after the change; `None` if there is none, or the record lacks it.
    pub new: Option<Value>,
}

impl RawImages<'_> {
    /// Parses the images. One that is nested too deeply to be parsed, which DynamoDB's own limit excludes, is missing.
    pub fn parse(self) -> Images {
        let parse = |image: Option<&RawValue>| image.and_then(|image| serde_json::from_str(image.get()).ok());
        Images { old: parse(self.old), new: parse(self.new) }
    }
}
