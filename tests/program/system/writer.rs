//! A writer to the instance table.

use super::*;

/// Writer of instances, as the platform is one.
#[derive(Clone)]
pub(crate) struct Writer {
    pub(super) db: Client,
    pub(super) table: String,
    pub(super) recorder: Recorder,
}

impl Writer {
    /// Creates or updates an instance in the default workspace.
    pub(crate) async fn put(&self, instance: &str, process: &str) {
        self.put_item(&[("instanceID", instance), ("processName", process)]).await;
    }

    pub(crate) async fn put_in(&self, workspace: &str, instance: &str, process: &str) {
        self.put_item(&[("instanceID", instance), ("processName", process), ("workspaceID", workspace)]).await;
    }

    pub(crate) async fn put_item(&self, attributes: &[(&str, &str)]) {
        let item: HashMap<_, _> =
            attributes.iter().map(|(name, value)| (name.to_string(), AttributeValue::S(value.to_string()))).collect();
        let write = self.recorder.put(attributes);
        self.db.put_item().table_name(&self.table).set_item(Some(item)).send().await.expect("the item is written");
        self.recorder.acknowledged(&write);
    }

    /// Creates or updates an instance while the table has no stream.
    pub(crate) async fn put_unstreamed(&self, instance: &str, process: &str) {
        let put = self.db.put_item().table_name(&self.table);
        let put = put.item("instanceID", AttributeValue::S(instance.into()));
        let put = put.item("processName", AttributeValue::S(process.into()));
        put.send().await.expect("the item is written");
        self.recorder.put_unstreamed(&[("instanceID", instance), ("processName", process)]);
    }

    /// Enables or disables the stream of the table; returns the ARN of the stream that it has afterwards.
    pub(crate) async fn turn_stream(&self, on: bool) -> Option<String> {
        let stream = StreamSpecification::builder().stream_enabled(on);
        let stream = stream.set_stream_view_type(on.then_some(StreamViewType::NewAndOldImages)).build();
        let update = self.db.update_table().table_name(&self.table).stream_specification(stream.expect("complete"));
        update.send().await.expect("the stream is turned on or off");
        let table = self.db.describe_table().table_name(&self.table).send().await.expect("the table is described");
        table.table.and_then(|table| table.latest_stream_arn)
    }

    /// Enables the expiry of items by this attribute.
    pub(crate) async fn expire_by(&self, attribute: &str) {
        let by = TimeToLiveSpecification::builder().attribute_name(attribute).enabled(true).build().expect("complete");
        let update = self.db.update_time_to_live().table_name(&self.table).time_to_live_specification(by);
        update.send().await.expect("the time to live is set");
    }

    /// Creates an instance that has expired.
    pub(crate) async fn put_expired(&self, instance: &str, process: &str, attribute: &str) {
        let put = self.db.put_item().table_name(&self.table);
        let put = put.item("instanceID", AttributeValue::S(instance.into()));
        let put = put.item("processName", AttributeValue::S(process.into()));
        let long_ago = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs() - 3600;
        put.item(attribute, AttributeValue::N(long_ago.to_string())).send().await.expect("the item is written");
    }

    /// Creates or updates an instance while the program may be killed; returns whether it was acknowledged.
    pub(crate) async fn try_put(&self, instance: &str, process: &str) -> bool {
        let put = self.db.put_item().table_name(&self.table);
        let put = put.item("instanceID", AttributeValue::S(instance.into()));
        let write = self.recorder.put(&[("instanceID", instance), ("processName", process)]);
        let written = put.item("processName", AttributeValue::S(process.into())).send().await.is_ok();
        if written {
            self.recorder.acknowledged(&write);
        }
        written
    }

    /// Returns whether the instance exists, with this process.
    pub(crate) async fn has(&self, instance: &str, process: &str) -> bool {
        let key = AttributeValue::S(instance.into());
        let get = self.db.get_item().table_name(&self.table).key("instanceID", key).consistent_read(true);
        let item = get.send().await.expect("the item can be read").item;
        item.is_some_and(|item| item["processName"] == AttributeValue::S(process.into()))
    }

    pub(crate) async fn until_gone(&self, instance: &str) {
        let started = Instant::now();
        let key = || AttributeValue::S(instance.into());
        let get = || self.db.get_item().table_name(&self.table).key("instanceID", key()).consistent_read(true).send();
        while get().await.expect("the item can be read").item.is_some() {
            assert!(started.elapsed() < PATIENCE, "{instance} is still there");
            sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) async fn delete(&self, instance: &str) {
        let key = AttributeValue::S(instance.into());
        let write = self.recorder.delete(instance);
        let deleted = self.db.delete_item().table_name(&self.table).key("instanceID", key);
        let old = deleted.return_values(ReturnValue::AllOld).send().await.expect("the item is deleted");
        assert!(old.attributes().is_some_and(|item| !item.is_empty()), "{instance} was there");
        self.recorder.acknowledged(&write);
    }
}
