//! The attributes of an instance's image in a stream record.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A string or a number as text, or the name of another type.
#[derive(Clone)]
pub(super) enum Scalar {
    Text(String),
    Null,
    Other(String),
}

/// A map key, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// Reads three attributes of an image and skips the rest without building any value.
pub(super) struct ImageSeed<'a>(pub(super) [&'a str; 3]);

impl<'de> DeserializeSeed<'de> for ImageSeed<'_> {
    type Value = [Option<Scalar>; 3];

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for ImageSeed<'_> {
    type Value = [Option<Scalar>; 3];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an item: a map of attribute names to attribute values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = [const { None }; 3];
        while let Some(Name(name)) = map.next_key()? {
            let mut wanted = self.0.iter().enumerate().filter(|(_, attribute)| **attribute == name).map(|(i, _)| i);
            let Some(first) = wanted.next() else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            // The same attribute may be configured twice, for instance a process's name as its workspace.
            let scalar: Scalar = map.next_value()?;
            for other in wanted {
                found[other] = Some(scalar.clone());
            }
            found[first] = Some(scalar);
        }
        Ok(found)
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AttributeValue;
        impl<'de> Visitor<'de> for AttributeValue {
            type Value = Scalar;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an attribute value such as {\"S\": \"text\"}")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar, A::Error> {
                let Some(Name(kind)) = map.next_key()? else {
                    return Err(serde::de::Error::custom("an attribute value without a type"));
                };
                let scalar = if kind == "S" || kind == "N" {
                    Scalar::Text(map.next_value()?)
                } else {
                    map.next_value::<IgnoredAny>()?;
                    if kind == "NULL" { Scalar::Null } else { Scalar::Other(kind.into_owned()) }
                };
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(scalar)
            }
        }
        deserializer.deserialize_map(AttributeValue)
    }
}
