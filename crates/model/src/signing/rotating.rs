//! A value that is rotated with overlap: the previous ones are valid for a while beside the current one. Pure.

use jiff::Timestamp;

/// Maximum number of values that are valid at the same time.
pub const MAX_SECRETS: usize = 4;

/// A value, and the previous ones that are still valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotating<T> {
    /// The latest value.
    pub current: T,
    /// Previous values that receivers may still use, newest first.
    pub previous: Vec<Retiring<T>>,
}

/// A previous value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retiring<T> {
    /// The value.
    pub value: T,
    /// Time from which it is no longer valid.
    pub expires_at: Timestamp,
}

/// Error for a rotation while the maximum number of values are valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManySecrets {
    /// Time at which the next of them expires.
    pub until: Timestamp,
}

impl<T> Rotating<T> {
    /// Returns the first value.
    pub fn new(current: T) -> Self {
        Self { current, previous: Vec::new() }
    }

    /// Returns the previous values that are still valid.
    pub fn valid(&self, now: Timestamp) -> impl Iterator<Item = &Retiring<T>> {
        self.previous.iter().filter(move |it| it.expires_at > now)
    }
}

impl<T: Clone + PartialEq> Rotating<T> {
    /// Returns the values with a new current one.
    ///
    /// The previous one is still valid until `overlap_until`. If that is not after `now`, only the new one is valid from
    /// now on. A previous value that becomes the current one again is no longer a previous one.
    ///
    /// # Errors
    /// [`TooManySecrets`] if [`MAX_SECRETS`] are valid already.
    pub fn rotated(&self, current: T, overlap_until: Timestamp, now: Timestamp) -> Result<Self, TooManySecrets> {
        if overlap_until <= now {
            return Ok(Self::new(current));
        }
        let mut previous = vec![Retiring { value: self.current.clone(), expires_at: overlap_until }];
        previous.extend(self.valid(now).cloned());
        previous.retain(|it| it.value != current);
        match previous.iter().map(|it| it.expires_at).min() {
            Some(until) if previous.len() >= MAX_SECRETS => Err(TooManySecrets { until }),
            _ => Ok(Self { current, previous }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn previous(of: &Rotating<char>) -> Vec<(char, i64)> {
        of.previous.iter().map(|it| (it.value, it.expires_at.as_second())).collect()
    }

    #[test]
    fn without_overlap_the_new_one_alone_is_valid() {
        let rotated = Rotating::new('a').rotated('b', at(100), at(0)).unwrap();
        assert_eq!(rotated.rotated('c', at(5), at(5)).unwrap(), Rotating::new('c'));
    }

    #[test]
    fn an_earlier_overlap_goes_on_and_no_more_than_four_are_valid() {
        let mut rotating = Rotating::new('a');
        for (n, value) in (1..).zip(['b', 'c', 'd']) {
            rotating = rotating.rotated(value, at(100 + n), at(0)).unwrap();
        }
        assert_eq!(rotating.rotated('e', at(200), at(0)), Err(TooManySecrets { until: at(101) }));
        let later = rotating.rotated('e', at(200), at(101)).unwrap();
        assert_eq!(previous(&later), [('d', 200), ('c', 103), ('b', 102)]);
    }

    #[test]
    fn one_that_is_set_back_to_an_earlier_value_has_it_once() {
        let there = Rotating::new('a').rotated('b', at(100), at(0)).unwrap();
        let back = there.rotated('a', at(200), at(0)).unwrap();
        assert_eq!((back.current, previous(&back)), ('a', vec![('b', 200)]));
    }
}
