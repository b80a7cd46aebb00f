//! The stored attempts of a delivery.

use super::Attempt;

/// Number of latest attempts that are stored, in addition to the first.
const LAST: usize = 20;

/// Number of latest attempts whose response body and headers are stored.
const BODIES: usize = 3;

/// The attempts of a delivery: the first, the last 20, and the total count. Only the last three have bodies and
/// headers.
///
/// This keeps its item below a fifth of DynamoDB's 400 KB, however often it is attempted and whatever is returned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    kept: Vec<Attempt>,
    omitted: usize,
}

impl Attempts {
    /// Returns the attempts of a delivery with these stored ones, out of `count`.
    pub fn kept_of(kept: impl IntoIterator<Item = Attempt>, count: usize) -> Self {
        let mut attempts: Self = kept.into_iter().collect();
        attempts.omitted = count.saturating_sub(attempts.kept.len());
        attempts
    }

    /// Adds the latest attempt.
    pub fn push(&mut self, attempt: Attempt) {
        if self.kept.len() > LAST {
            self.kept.remove(1);
            self.omitted += 1;
        }
        let bodiless = (self.kept.len() + 1).saturating_sub(BODIES);
        self.kept[..bodiless].iter_mut().for_each(Attempt::forget_response);
        // Nearly always it is the only one, and a batch may have 50,000 deliveries.
        self.kept.reserve_exact(1);
        self.kept.push(attempt);
    }

    /// Returns the number of attempts, whether they are stored or not.
    pub fn count(&self) -> usize {
        self.kept.len() + self.omitted
    }

    /// Returns whether no attempt was made.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Returns the first attempt.
    pub fn first(&self) -> Option<&Attempt> {
        self.kept.first()
    }

    /// Returns the last attempt.
    pub fn last(&self) -> Option<&Attempt> {
        self.kept.last()
    }

    /// Returns the stored attempts, oldest first.
    pub fn kept(&self) -> &[Attempt] {
        &self.kept
    }

    /// Returns the stored attempts with their numbers, from 1: the receiver's `webhook-attempt`.
    pub fn numbered(self) -> impl Iterator<Item = (usize, Attempt)> {
        let omitted = self.omitted;
        (1..).zip(self.kept).map(move |(number, attempt)| (if number == 1 { 1 } else { number + omitted }, attempt))
    }
}

impl FromIterator<Attempt> for Attempts {
    fn from_iter<I: IntoIterator<Item = Attempt>>(all: I) -> Self {
        let mut attempts = Self::default();
        all.into_iter().for_each(|attempt| attempts.push(attempt));
        attempts
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::*;

    fn attempt(number: usize) -> Attempt {
        let at = Timestamp::from_second(i64::try_from(number).unwrap()).unwrap();
        let (body, headers) = (format!("body {number}"), format!("x-number: {number}\n"));
        Attempt { at, status: Some(503), latency: Duration::ZERO, failure: None, retry_after: None, body, headers }
    }

    fn attempts(count: usize) -> Attempts {
        (1..=count).map(attempt).collect()
    }

    #[test]
    fn the_first_and_the_last_twenty_are_kept_and_all_are_counted() {
        let numbers = |count| attempts(count).numbered().map(|(number, it)| (number, it.at.as_second()));
        let all: Vec<_> = numbers(21).map(|(number, _)| number).collect();
        assert_eq!(all, (1..=21).collect::<Vec<_>>());
        let kept: Vec<_> = numbers(1_000).collect();
        assert_eq!(kept.len(), 21);
        assert_eq!((kept[0], kept[1], kept[20]), ((1, 1), (981, 981), (1_000, 1_000)));
        assert_eq!(attempts(1_000).count(), 1_000);
        assert!(attempts(0).is_empty() && !attempts(1).is_empty());
        let (of_many, of_none) = (attempts(1_000), attempts(0));
        assert_eq!((of_many.first(), of_none.first()), (of_many.kept().first(), None));
        assert_eq!(of_many.last().map(|it| it.at.as_second()), Some(1_000));
    }

    #[test]
    fn the_last_three_keep_their_bodies_and_headers() {
        let attempts = attempts(30);
        let bodies: Vec<_> = attempts.kept().iter().map(|it| &*it.body).filter(|body| !body.is_empty()).collect();
        assert_eq!(bodies, ["body 28", "body 29", "body 30"]);
        let headers: Vec<_> = attempts.kept().iter().flat_map(Attempt::headers).collect();
        assert_eq!(headers, [("x-number", "28"), ("x-number", "29"), ("x-number", "30")]);
    }

    #[test]
    fn what_was_kept_is_counted_again_as_it_was() {
        let before = attempts(50);
        let mut after = Attempts::kept_of(before.kept().to_vec(), before.count());
        assert_eq!(after, before);
        after.push(attempt(51));
        assert_eq!(after, attempts(51));
    }
}
