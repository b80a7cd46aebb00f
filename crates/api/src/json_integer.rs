//! Integers in JSON: `10` and `10.0` are the same number (RFC 8259, section 6; JSON Schema calls both an integer), and
//! some clients send the latter.

use std::fmt;

use serde::de::{Deserializer, Error, Unexpected, Visitor};

/// Converts a floating-point number to an integer from 0 to 2^53. Larger integers are not all representable.
pub(crate) fn from_f64(number: f64) -> Option<u64> {
    const LAST: f64 = 9_007_199_254_740_992.0;
    let whole = number.fract() == 0.0 && (0.0..=LAST).contains(&number);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is within range, and whole")]
    whole.then_some(number as u64)
}

/// Deserializes an optional or null integer, for `#[serde(default, deserialize_with = …)]`.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    struct Whole;
    impl<'de> Visitor<'de> for Whole {
        type Value = Option<u64>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a whole number, 0 or more")
        }

        fn visit_none<E>(self) -> Result<Option<u64>, E> {
            Ok(None)
        }

        fn visit_unit<E>(self) -> Result<Option<u64>, E> {
            Ok(None)
        }

        fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<u64>, D::Error> {
            deserializer.deserialize_any(self)
        }

        fn visit_u64<E>(self, number: u64) -> Result<Option<u64>, E> {
            Ok(Some(number))
        }

        fn visit_i64<E: Error>(self, number: i64) -> Result<Option<u64>, E> {
            Err(E::invalid_value(Unexpected::Signed(number), &self))
        }

        fn visit_f64<E: Error>(self, number: f64) -> Result<Option<u64>, E> {
            from_f64(number).map(Some).ok_or_else(|| E::invalid_type(Unexpected::Float(number), &self))
        }
    }
    deserializer.deserialize_option(Whole)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    struct Body {
        #[serde(default, deserialize_with = "super::deserialize")]
        number: Option<u64>,
    }

    #[test]
    fn ten_and_ten_point_zero_are_the_same_number() {
        let read = |json: &str| serde_json::from_str::<Body>(json).map(|body| body.number);
        for (json, number) in [("10", 10), ("10.0", 10), ("1e1", 10), ("0.0", 0), ("18446744073709551615", u64::MAX)] {
            assert_eq!(read(&format!(r#"{{"number": {json}}}"#)).unwrap(), Some(number), "{json}");
        }
        assert_eq!((read("{}").unwrap(), read(r#"{"number": null}"#).unwrap()), (None, None));
        for json in ["-1", "-1.0", "0.5", "1e300", "18446744073709551616", "\"1\"", "true", "[1]"] {
            assert!(read(&format!(r#"{{"number": {json}}}"#)).is_err(), "{json}");
        }
    }
}
