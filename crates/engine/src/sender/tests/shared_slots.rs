//! Slots of a sender that handles one batch at a time, and of one that handles several.

use super::*;
use webhooks_model::callback_url::CallbackUrl;

#[tokio::test]
async fn a_functions_only_workspace_gets_more_slots_than_one_beside_others() {
    let endpoint = EndpointId::of(&CallbackUrl::try_from("https://receiver.example/".to_owned()).unwrap());
    for (one_batch_at_a_time, beside, count) in
        [(true, Beside::ItsOwn, 6), (true, Beside::Others, 4), (false, Beside::ItsOwn, 4)]
    {
        let sender = Sender::new(SenderSettings { max_in_flight: 9, one_batch_at_a_time, ..settings() }).unwrap();
        let mut slots = Vec::new();
        while let Some(slot) = sender.slot(acme(), beside, &endpoint, Instant::now()).await {
            slots.push(slot);
        }
        assert_eq!(slots.len(), count, "{beside:?}, one batch at a time: {one_batch_at_a_time}");
    }
}
