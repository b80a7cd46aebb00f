//! The signature of each request.

use super::*;

#[tokio::test]
async fn the_first_event_makes_the_signing_secret_and_nothing_is_sent_unsigned() {
    let mut room = Harness::new().await;
    let receiver = Receiver::healthy().await;
    room.configure("default", &[receiver.url("/")]).await;
    let records = [room.record("INSERT", "a", "default")];
    let proxy = FaultProxy::start(&room.address).await;
    room.fanout.secrets = SecretsStore::new(proxy.client(), "Webhooks");
    proxy.inject("TransactWriteItems", Fault::InternalError);
    assert_eq!(room.batch(&records, PLENTY).await, ["1001"], "without a secret the record comes again");
    assert_eq!(receiver.count(), 0);
    proxy.heal();
    assert!(room.batch(&records, PLENTY).await.is_empty());
    let more = room.inserts(3);
    assert!(room.batch(&more, PLENTY).await.is_empty());

    let audit = AuditStore::new(room.client.clone(), "Webhooks");
    let entries = audit.page(&workspace_id("default"), &Filter::default(), None, 10).await.unwrap().entries;
    let made: Vec<_> = entries.iter().filter(|it| it.action == Action::SigningSecretCreated).collect();
    assert_eq!(made.len(), 1, "once");
    assert_eq!(made[0].actor, Actor::service());
}

/// `webhook-signature` of each request, verified against what was sent.
#[tokio::test]
async fn every_request_is_signed_and_a_rotation_counts_from_the_next_batch_on() {
    let mut room = Harness::new().await;
    let receiver = Receiver::healthy().await;
    room.configure("default", &[receiver.url("/")]).await;
    let (workspace, caller) = (workspace_id("default"), Actor::service());
    let first = room.fanout.secrets.get_or_create(&workspace, author(&caller)).await.unwrap();
    let records = room.inserts(5);
    assert!(room.batch(&records, PLENTY).await.is_empty());

    let now = Timestamp::now();
    let second = room.fanout.secrets.generate().unwrap();
    let rotated = first.secrets.rotated(second, now + Duration::from_secs(60), now).unwrap();
    let action = Action::SigningSecretRotated;
    room.fanout.secrets.replace(&workspace, &first, rotated.clone(), action, author(&caller)).await.unwrap();
    let records = room.inserts(5);
    assert!(room.batch(&records, PLENTY).await.is_empty());

    let requests = receiver.requests();
    assert_eq!(requests.len(), 10);
    for (index, request) in requests.iter().enumerate() {
        let secrets = if index < 5 { &first.secrets } else { &rotated };
        let signature = request.header("webhook-signature");
        assert_eq!(secrets.sign(request.id(), request.signed_at(), request.target()).unwrap(), signature, "{index}");
        assert_eq!(signature.split(' ').count(), if index < 5 { 1 } else { 2 });
    }
}
