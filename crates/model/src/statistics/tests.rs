use proptest::prelude::*;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn sample(changed_at: &str, status: Status, latency_ms: Option<u64>) -> Sample {
    Sample { changed_at: at(changed_at), status, latency: latency_ms.map(Duration::from_millis) }
}

fn range(since: &str, until: &str) -> Range {
    Range::new(Some(at(since)), Some(at(until)), Timestamp::UNIX_EPOCH).unwrap()
}

fn latency(milliseconds: impl IntoIterator<Item = u64>) -> Option<[u128; 3]> {
    let latency = Percentiles::of(milliseconds.into_iter().map(Duration::from_millis).collect())?;
    Some([latency.p50, latency.p95, latency.p99].map(|it| it.as_millis()))
}

#[test]
fn a_percentile_is_the_nearest_rank() {
    assert_eq!(latency([]), None);
    assert_eq!(latency([7]), Some([7, 7, 7]));
    assert_eq!(latency([20, 10]), Some([10, 20, 20]));
    assert_eq!(latency(1..=100), Some([50, 95, 99]));
    assert_eq!(latency((1..=200).rev()), Some([100, 190, 198]));
    assert_eq!(latency([15, 20, 35, 40, 50]), Some([35, 50, 50]), "the textbook's");
}

#[test]
fn a_delivery_counts_where_its_instance_changed() {
    let samples = vec![
        sample("2026-01-31T12:00:00Z", Status::Delivered, Some(10)),
        sample("2026-01-31T12:00:59.999Z", Status::Delivered, Some(30)),
        sample("2026-01-31T12:01:00Z", Status::Failed, Some(900)),
        sample("2026-01-31T12:03:00Z", Status::Pending, None),
        sample("2026-01-31T12:03:30Z", Status::Pending, Some(5)),
        // Beyond the range, but within its last bucket.
        sample("2026-01-31T12:03:45Z", Status::Failed, Some(5)),
        sample("2026-01-31T11:59:59.999Z", Status::Failed, Some(5)),
    ];
    let statistics = Statistics::of(&range("2026-01-31T12:00:00Z", "2026-01-31T12:03:45Z"), samples);
    let show = |count: &Count| {
        let latency =
            count.latency.map(|it| format!("{:?} {:?} {:?}", it.p50, it.p95, it.p99)).unwrap_or("none".to_owned());
        format!("{} {} {} {latency}", count.delivered, count.failed, count.pending)
    };
    let buckets = statistics.buckets.iter().map(|bucket| format!("{} {}", bucket.at, show(&bucket.count)));
    insta::assert_snapshot!(buckets.chain([show(&statistics.total)]).collect::<Vec<_>>().join("\n"), @r#"
    2026-01-31T12:00:00Z 2 0 0 10ms 30ms 30ms
    2026-01-31T12:01:00Z 0 1 0 900ms 900ms 900ms
    2026-01-31T12:02:00Z 0 0 0 none
    2026-01-31T12:03:00Z 0 0 2 5ms 5ms 5ms
    2 1 2 10ms 900ms 900ms
    "#);
}

#[test]
fn without_parameters_the_range_is_the_last_hour_in_minutes() {
    let now = at("2026-01-31T12:34:56.789123Z");
    let range = Range::new(None, None, now).unwrap();
    assert_eq!(range.since(), at("2026-01-31T11:34:56.789Z"));
    assert_eq!(range.until(), at("2026-01-31T12:34:56.789Z"));
    assert_eq!((range.bucket_seconds(), range.buckets().count()), (60, 61), "one more, for it begins within a minute");
    let range = Range::new(None, Some(at("2026-01-31T12:00:00Z")), now).unwrap();
    assert_eq!((range.since(), range.buckets().count()), (at("2026-01-31T11:00:00Z"), 60));
}

#[test]
fn a_range_keeps_its_width_until_its_start_moves_on() {
    let shape = |since, until| {
        let range = range(since, until);
        (range.bucket_seconds(), range.buckets().count())
    };
    assert_eq!(shape("2026-01-31T11:00:00Z", "2026-01-31T12:00:00Z"), (60, 60));
    assert_eq!(shape("2026-01-31T11:00:00Z", "2026-01-31T12:00:00.001Z"), (60, 61));
    assert_eq!(shape("2026-01-31T11:00:00Z", "2026-01-31T12:01:00Z"), (60, 61));
    assert_eq!(shape("2026-01-31T11:00:00Z", "2026-01-31T12:01:00.001Z"), (120, 31));
    assert_eq!(shape("2026-01-31T10:59:59.999Z", "2026-01-31T12:00:00Z"), (60, 61));
    assert_eq!(shape("2026-01-31T10:59:59.999Z", "2026-01-31T12:00:00.001Z"), (120, 32));
    assert_eq!(shape("2026-01-31T09:05:00Z", "2026-01-31T12:05:10Z"), (180, 61));
}

#[test]
fn an_empty_range_and_one_of_more_than_a_week_are_none() {
    let now = at("2026-01-31T12:00:00Z");
    let new = |since: &str, until: &str| Range::new(Some(at(since)), Some(at(until)), now);
    for since in ["2026-01-31T12:00:00Z", "2026-01-31T12:00:01Z"] {
        assert_eq!(new(since, "2026-01-31T12:00:00Z"), Err(InvalidRange::Empty));
        assert_eq!(Range::new(Some(at(since)), None, now), Err(InvalidRange::Empty));
    }
    assert!(new("2026-01-24T12:00:00Z", "2026-01-31T12:00:00Z").is_ok());
    assert_eq!(new("2026-01-24T11:59:59.999Z", "2026-01-31T12:00:00Z"), Err(InvalidRange::TooLong));
    assert_eq!(Range::new(Some(Timestamp::MIN), Some(Timestamp::MAX), now), Err(InvalidRange::TooLong));
}

#[test]
fn what_is_complete_from_a_later_time_on_keeps_its_buckets() {
    let whole = range("2026-01-31T00:00:00Z", "2026-02-01T00:00:00Z");
    let part = whole.from(at("2026-01-31T10:10:00Z"));
    assert_eq!(part.since(), at("2026-01-31T10:10:00Z"));
    let kept: Vec<_> = whole.buckets().filter(|(_, end)| *end > part.since()).collect();
    assert_eq!(part.buckets().collect::<Vec<_>>(), kept);
    assert_eq!(whole.from(at("2026-01-30T00:00:00Z")), whole);
}

prop_compose! {
    /// Generates any valid range.
    fn any_range()(length in 1..=7 * 24 * 60 * 60 * 1_000_i64, until in -377_000_000_000_000..=253_402_207_200_000_i64) -> Range {
        let time = |ms| Timestamp::from_millisecond(ms).unwrap();
        Range::new(Some(time(until - length)), Some(time(until)), Timestamp::UNIX_EPOCH).unwrap()
    }
}

prop_compose! {
    fn any_figure()(offset in -100_000..100_000_000_i64, status in 0..3_usize, latency in proptest::option::of(0..20_000_u64))
        -> (i64, Status, Option<Duration>) {
        let status = [Status::Pending, Status::Delivered, Status::Failed][status];
        (offset, status, latency.map(Duration::from_millis))
    }
}

proptest! {
    #[test]
    fn buckets_are_aligned_have_no_gap_and_cover_the_range(range in any_range()) {
        let buckets: Vec<_> = range.buckets().collect();
        let width = range.bucket_seconds();
        prop_assert!(buckets[0].0 <= range.since() && range.since() < buckets[0].1);
        let last = buckets[buckets.len() - 1];
        prop_assert!(last.0 < range.until() && range.until() <= last.1);
        prop_assert!(buckets.windows(2).all(|two| two[0].1 == two[1].0));
        prop_assert!(buckets.iter().all(|(at, _)| at.as_second().rem_euclid(width) == 0 && at.subsec_nanosecond() == 0));
        prop_assert_eq!(86_400 % width, 0, "so that they begin with each day");
        let seconds = (range.until().as_millisecond() - range.since().as_millisecond()) / 1_000;
        prop_assert!(buckets.len() <= 61, "{}", buckets.len());
        prop_assert!(seconds < 1_800 || buckets.len() >= 30, "{} in {} s", buckets.len(), seconds);
    }

    #[test]
    fn every_delivery_of_the_range_counts_in_its_bucket_and_no_other_does(
        range in any_range(), samples in proptest::collection::vec(any_figure(), 0..60),
    ) {
        let time = |offset: i64| Timestamp::from_millisecond(range.since().as_millisecond() + offset);
        let samples: Vec<_> = samples
            .into_iter()
            .filter_map(|(offset, status, latency)| Some(Sample { changed_at: time(offset).ok()?, status, latency }))
            .collect();
        let statistics = Statistics::of(&range, samples.clone());
        let within: Vec<_> = samples.iter().filter(|it| it.changed_at >= range.since() && it.changed_at < range.until()).collect();
        prop_assert_eq!(statistics.total.deliveries(), within.len());
        prop_assert_eq!(statistics.buckets.len(), range.buckets().count(), "the empty ones too");
        for ((at, end), bucket) in range.buckets().zip(&statistics.buckets) {
            let mine: Vec<_> = within.iter().filter(|it| it.changed_at >= at && it.changed_at < end).collect();
            let count = |status| mine.iter().filter(|it| it.status == status).count();
            prop_assert_eq!(bucket.at, at);
            prop_assert_eq!(bucket.count.delivered, count(Status::Delivered));
            prop_assert_eq!(bucket.count.failed, count(Status::Failed));
            prop_assert_eq!(bucket.count.pending, count(Status::Pending));
            prop_assert_eq!(bucket.count.latency, Percentiles::of(mine.iter().filter_map(|it| it.latency).collect()));
        }
    }

    /// Tests the definition: at least so many percent are not above it, and for any smaller value that is not true.
    #[test]
    fn a_percentile_is_the_least_latency_that_so_many_percent_did_not_exceed(latencies in proptest::collection::vec(0..500_u64, 1..300)) {
        let percentiles = latency(latencies.clone()).unwrap();
        for (percent, percentile) in [50, 95, 99].into_iter().zip(percentiles) {
            let enough = |bound: u128| latencies.iter().filter(|it| u128::from(**it) <= bound).count() * 100 >= latencies.len() * percent;
            prop_assert!(latencies.iter().any(|it| u128::from(*it) == percentile));
            prop_assert!(enough(percentile) && (percentile == 0 || !enough(percentile - 1)), "{percent}: {percentile}");
        }
    }
}
