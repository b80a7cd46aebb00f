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
    let url = receiver.url("/");
    room.configure("default", std::slice::from_ref(&url)).await;
    let (workspace, caller, store) = (workspace_id("default"), Actor::service(), room.fanout.secrets.clone());
    let first = store.get_or_create(&workspace, author(&caller)).await.unwrap();
    let mut secrets = vec![room.secrets(&url).await];
    let records = room.inserts(5);
    assert!(room.batch(&records, PLENTY).await.is_empty());

    let now = Timestamp::now();
    let rotated = first.keys.rotated(store.generate().unwrap(), now + Duration::from_secs(60), now).unwrap();
    store.replace(&workspace, &first, rotated, Action::SigningSecretRotated, author(&caller)).await.unwrap();
    secrets.push(room.secrets(&url).await);
    let records = room.inserts(5);
    assert!(room.batch(&records, PLENTY).await.is_empty());

    rotate_the_endpoints_own(&room, &url).await;
    secrets.push(room.secrets(&url).await);
    let records = room.inserts(5);
    assert!(room.batch(&records, PLENTY).await.is_empty());

    let requests = receiver.requests();
    assert_eq!(requests.len(), 15);
    for (index, request) in requests.iter().enumerate() {
        let (secrets, signatures) = (&secrets[index / 5], [1, 2, 4][index / 5]);
        let signature = request.header("webhook-signature");
        assert_eq!(secrets.sign(request.id(), request.signed_at(), request.target()), signature, "{index}");
        assert_eq!(signature.split(' ').count(), signatures);
    }
}

/// Rotates the secret of one endpoint with a minute of overlap.
async fn rotate_the_endpoints_own(room: &Harness, url: &str) {
    let (store, workspace, caller) = (&room.fanout.endpoints, workspace_id("default"), Actor::service());
    let (endpoint, now) = (endpoint(url), Timestamp::now());
    let (seen, before) = (room.endpoint(url).await, room.secrets(url).await);
    let fresh = store.fresh_secret(&workspace, &endpoint.id, now).await.unwrap().sources.current;
    let sources = seen.secret_of(&endpoint.id).sources.rotated(fresh, now + Duration::from_secs(60), now).unwrap();
    let secret = EndpointSecret { sources, changed_at: now };
    let entry = Entry::endpoint_secret(author(&caller), Action::SigningSecretRotated, &endpoint, (&before, &before));
    store.replace_secret(&workspace, &endpoint, &seen, secret, &entry).await.unwrap();
}

/// One receiver cannot sign a request to another.
#[tokio::test]
async fn each_endpoint_is_signed_with_a_secret_of_its_own() {
    let mut room = Harness::new().await;
    let (a, b) = (Receiver::healthy().await, Receiver::healthy().await);
    let urls = [a.url("/"), b.url("/")];
    room.configure("default", &urls).await;
    let records = room.inserts(3);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    for (receiver, own, others) in [(&a, &urls[0], &urls[1]), (&b, &urls[1], &urls[0])] {
        let (own, others) = (room.secrets(own).await, room.secrets(others).await);
        assert_eq!(receiver.count(), 3);
        for request in receiver.requests() {
            let signed = |secrets: &SigningSecrets| secrets.sign(request.id(), request.signed_at(), request.target());
            assert_eq!(signed(&own), request.header("webhook-signature"));
            assert_ne!(signed(&others), request.header("webhook-signature"));
        }
    }
}
