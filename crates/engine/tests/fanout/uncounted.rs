//! Appends to a failing endpoint without a record of each.

use super::*;

/// Delay of the first probe.
const PROBE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn what_comes_before_a_probe_is_kept_by_one_write_and_delivered_in_order() {
    let mut room = Harness::new().await;
    (room.fanout.health.steps, room.retry.health.steps) = (vec![PROBE], vec![PROBE]);
    let receiver = Receiver::new(Behaviour::Close).await;
    let url = receiver.url("/");
    room.configure("default", std::slice::from_ref(&url)).await;
    let now = Timestamp::now();
    room.at(now);
    let records = room.inserts(5);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    let failed = room.endpoint(&url).await;
    let Health::Failing { probe_at, .. } = failed.health else { panic!("{failed:?}") };
    let until = failed.uncounted_until.expect("a time");
    assert!(until > now && until < probe_at, "{failed:?}");

    let proxy = FaultProxy::start(&room.address).await;
    room.through(proxy.client());
    for _ in 0..3 {
        let records = [room.record("MODIFY", "i-0", "default"), room.record("MODIFY", "i-1", "default")];
        assert!(room.batch(&records, PLENTY).await.is_empty());
    }
    let counted = || {
        let counted = proxy.counted();
        ["BatchWriteItem", "UpdateItem"].map(|operation| counted.get(operation).copied().unwrap_or_default())
    };
    assert_eq!(counted(), [3, 0]);
    assert_eq!(room.endpoint(&url).await.appends, failed.appends);

    room.at(until - Duration::from_secs(1));
    let record = room.record("MODIFY", "i-0", "default");
    assert!(room.batch(&[record], PLENTY).await.is_empty());
    let recorded = room.endpoint(&url).await;
    assert_eq!(counted(), [1, 1], "clocks differ: it may be too late");
    assert_eq!(recorded.appends.total, failed.appends.total + 1);
    assert!(recorded.uncounted_until.is_some_and(|later| later > until), "{recorded:?}");

    receiver.reset_to(Behaviour::status(200));
    room.at(probe_at);
    room.wake(&url).await;
    assert_eq!(room.statuses().await, HashMap::from([("delivered".to_owned(), 12)]));
    let arrived = by_instance(&receiver.targets());
    assert_eq!(arrived["i-0"], ["000001", "000006", "000008", "000010", "000012"]);
    assert_eq!(arrived["i-1"], ["000002", "000007", "000009", "000011"]);
    assert!(!room.endpoint(&url).await.has_queued());
}
