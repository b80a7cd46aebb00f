//! When the log of a batch is written: after its response.

use std::sync::Mutex;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::BeforeSerializationInterceptorContextRef as Call;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::operation::batch_write_item::BatchWriteItemInput;
use tokio::sync::oneshot;

use super::*;

type Order = Arc<Mutex<Vec<&'static str>>>;

/// Notes each request that writes several items.
#[derive(Debug)]
struct Writes(Order);

impl Intercept for Writes {
    fn name(&self) -> &'static str {
        "Writes"
    }

    fn read_before_serialization(
        &self,
        call: &Call<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if call.input().downcast_ref::<BatchWriteItemInput>().is_some() {
            self.0.lock().unwrap().push("log");
        }
        Ok(())
    }
}

/// Building the items of a large batch takes long, and the stream would wait for it.
#[tokio::test]
async fn a_batch_is_responded_to_before_its_log_is_built() {
    let mut room = Harness::new().await;
    let receiver = Receiver::healthy().await;
    room.configure("default", &[receiver.url("/")]).await;
    let first = room.inserts(1); // of which the endpoint's last success is recorded, before the log
    assert!(room.batch(&first, PLENTY).await.is_empty());
    let order = Order::default();
    let config = room.client.config().to_builder().interceptor(Writes(Arc::clone(&order)));
    room.through(Client::from_conf(config.build()));
    let records = room.inserts(3);

    let (respond, response) = oneshot::channel();
    let seen = Arc::clone(&order);
    let responding = tokio::spawn(async move {
        response.await.unwrap();
        seen.lock().unwrap().push("response");
    });
    room.acknowledge(&records, PLENTY, |_| respond.send(()).unwrap()).await;
    responding.await.unwrap();

    assert_eq!(*order.lock().unwrap(), ["response", "log"]);
    assert_eq!(room.statuses().await, HashMap::from([("delivered".to_owned(), 4)]));
}
