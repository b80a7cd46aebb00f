//! The concurrency window of one endpoint. Pure.
//!
//! It grows with the endpoint's responses, and shrinks when the endpoint misses, throttles or slows down.

use std::time::Duration;

use tokio::time::Instant;

/// Initial number of concurrent attempts to an unknown endpoint.
pub const INITIAL_WINDOW: usize = 8;

/// Maximum number of concurrent attempts to an endpoint before its first response, however long that takes.
const MOST_UNANSWERED: usize = 128;

/// Growth of the window of a slow endpoint before its first response, in attempts per second.
const RAMP_PER_S: f64 = 32.0;

/// Factor of the window after a miss, and after the endpoint has slowed down.
const KEPT_AFTER_A_MISS: f64 = 0.9;

/// Factor of the window after a throttle (429).
const KEPT_AFTER_A_THROTTLE: f64 = 0.5;

/// Minimum time between two reductions of the window: attempts in flight together fail together.
const ONE_CUT_IN: Duration = Duration::from_secs(1);

/// Latency above twice the shortest one that does not yet reduce the window.
const LATENCY_SLACK: Duration = Duration::from_millis(100);

/// Maximum number of concurrent attempts to a quick endpoint: a connection costs more than the wait for one that is in use.
const MOST_TO_A_QUICK_ENDPOINT: usize = 32;

/// Shortest latency below which an endpoint is quick, if its typical one is below [`QUICK_TYPICAL`].
///
/// By its typical latency alone one that is called too often would not be: attempts wait for each other. By the shortest alone
/// one that was quick once would be.
const QUICK_SHORTEST: Duration = Duration::from_millis(5);
const QUICK_TYPICAL: Duration = Duration::from_millis(25);

/// The limit of attempts in flight to one endpoint.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    limit: f64,
    /// Below it each response grows the window by one, which doubles it per round trip; above it, each round trip does.
    threshold: f64,
    max: usize,
    /// Time since which the window grows by itself, until the first response.
    ramping_since: Option<Instant>,
    /// The typical latency, and the shortest one.
    latency: Option<(Duration, Duration)>,
    last_cut: Option<Instant>,
}

impl Window {
    /// Creates a window of `first` attempts that grows up to `max`.
    pub fn new(first: usize, max: usize) -> Self {
        let first = first.clamp(1, max);
        let (limit, threshold) = (as_f64(first), as_f64(max));
        Self { limit, threshold, max, ramping_since: None, latency: None, last_cut: None }
    }

    /// Turns it into the window of an endpoint known to be slow: before the first response it grows with time.
    #[must_use]
    pub fn ramping(self, now: Instant) -> Self {
        Self { ramping_since: Some(now), ..self }
    }

    /// Returns the maximum number of attempts in flight.
    pub fn limit(&self, now: Instant) -> usize {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 1 to max")]
        let limit = self.opened(now) as usize;
        limit.max(1)
    }

    fn opened(&self, now: Instant) -> f64 {
        let Some(since) = self.ramping_since else { return self.limit };
        let most = as_f64(self.max.min(MOST_UNANSWERED)).max(self.limit);
        (self.limit + RAMP_PER_S * now.saturating_duration_since(since).as_secs_f64()).min(most)
    }

    /// Returns the typical latency of responses; `None` before the first one.
    pub fn typical_latency(&self) -> Option<Duration> {
        self.latency.map(|(typical, _)| typical)
    }

    /// Handles a response.
    pub fn answered(&mut self, latency: Duration, now: Instant) {
        self.limit = self.opened(now);
        self.ramping_since = None;
        let (typical, shortest) = self.latency.unwrap_or((latency, latency));
        let typical = (typical * 7 + latency) / 8;
        self.latency = Some((typical, shortest.min(latency)));
        if typical > shortest * 2 + LATENCY_SLACK {
            self.cut(KEPT_AFTER_A_MISS, now);
            return;
        }
        self.limit += if self.limit < self.threshold { 1.0 } else { 1.0 / self.limit };
        self.limit = self.limit.min(as_f64(self.most()));
    }

    /// Returns the bound of the window.
    fn most(&self) -> usize {
        let quick = |(typical, shortest)| shortest < QUICK_SHORTEST && typical < QUICK_TYPICAL;
        let is_quick = self.latency.is_some_and(quick);
        if is_quick { self.max.min(MOST_TO_A_QUICK_ENDPOINT) } else { self.max }
    }

    /// Handles a missing response, or an error of the endpoint.
    pub fn missed(&mut self, now: Instant) {
        self.cut(KEPT_AFTER_A_MISS, now);
    }

    /// Handles a throttling response.
    pub fn throttled(&mut self, now: Instant) {
        self.cut(KEPT_AFTER_A_THROTTLE, now);
    }

    fn cut(&mut self, kept: f64, now: Instant) {
        if self.last_cut.is_some_and(|last| now.saturating_duration_since(last) < ONE_CUT_IN) {
            return;
        }
        self.limit = (self.opened(now) * kept).max(1.0);
        self.threshold = self.limit;
        (self.ramping_since, self.last_cut) = (None, Some(now));
    }
}

fn as_f64(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Duration = Duration::from_millis(20);

    #[tokio::test(start_paused = true)]
    async fn each_answer_opens_it_by_one_up_to_its_bound() {
        let now = Instant::now();
        let mut window = Window::new(INITIAL_WINDOW, 12);
        let limits: Vec<_> = (0..6)
            .map(|_| {
                window.answered(USUAL, now);
                window.limit(now)
            })
            .collect();
        assert_eq!(limits, [9, 10, 11, 12, 12, 12]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_quick_endpoint_gets_no_more_connections_than_it_needs() {
        let now = Instant::now();
        let after = |latencies: &[(usize, u64)]| {
            let mut window = Window::new(INITIAL_WINDOW, 128);
            for (count, latency_ms) in latencies {
                (0..*count).for_each(|_| window.answered(Duration::from_millis(*latency_ms), now));
            }
            window.limit(now)
        };
        assert_eq!(after(&[(200, 1)]), MOST_TO_A_QUICK_ENDPOINT);
        assert_eq!(after(&[(1, 4), (200, 15)]), MOST_TO_A_QUICK_ENDPOINT, "attempts wait for each other");
        assert_eq!(after(&[(200, 15), (1, 4)]), MOST_TO_A_QUICK_ENDPOINT, "it can be quick after all");
        assert_eq!(after(&[(200, 5)]), 128);
        assert_eq!(after(&[(1, 1), (200, 50)]), 128, "it was quick once");
    }

    #[tokio::test(start_paused = true)]
    async fn misses_close_it_by_a_tenth_a_second_and_it_opens_slowly_again() {
        let start = Instant::now();
        let mut window = Window::new(100, 200);
        (0..50).for_each(|_| window.missed(start));
        assert_eq!(window.limit(start), 90, "what was in flight together fails together");
        window.missed(start + Duration::from_secs(1));
        assert_eq!(window.limit(start), 81);
        (0..81).for_each(|_| window.answered(USUAL, start));
        assert_eq!(window.limit(start), 81, "one more a round trip");
        (0..3).for_each(|_| window.answered(USUAL, start));
        assert_eq!(window.limit(start), 82);
    }

    #[tokio::test(start_paused = true)]
    async fn a_throttle_halves_it_and_it_is_never_below_one() {
        let start = Instant::now();
        let mut window = Window::new(INITIAL_WINDOW, 64);
        for (second, limit) in [(0, 4), (1, 2), (2, 1), (3, 1), (4, 1)] {
            window.throttled(start + Duration::from_secs(second));
            assert_eq!(window.limit(start), limit);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn latency_that_grows_closes_it() {
        let start = Instant::now();
        let mut window = Window::new(64, 64);
        (0..8).for_each(|_| window.answered(Duration::from_millis(50), start));
        assert_eq!(window.limit(start), 64);
        (0..64).for_each(|n| window.answered(Duration::from_millis(400), start + Duration::from_millis(100) * n));
        assert!(window.limit(start) < 50, "{}", window.limit(start));
        assert!(window.typical_latency() > Some(Duration::from_millis(390)));
    }

    #[tokio::test(start_paused = true)]
    async fn the_window_of_a_slow_endpoint_opens_with_time_until_it_answers() {
        let start = Instant::now();
        let mut window = Window::new(INITIAL_WINDOW, 256).ramping(start);
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!([0, 1, 2, 60].map(|second| window.limit(at(second))), [8, 40, 72, MOST_UNANSWERED]);
        window.answered(Duration::from_secs(3), at(3));
        assert_eq!([3, 60].map(|second| window.limit(at(second))), [105, 105]);

        let mut hanging = Window::new(INITIAL_WINDOW, 256).ramping(start);
        hanging.missed(at(10));
        assert_eq!([10, 60].map(|second| hanging.limit(at(second))), [115, 115], "a miss ends it");
    }
}
