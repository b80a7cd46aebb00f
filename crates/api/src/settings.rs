//! State of the API from environment variables.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use webhooks_engine::sender::Sender;
use webhooks_engine::wake_up::WakeUps;
use webhooks_model::access::AccessSettings;
use webhooks_runtime::env::{FromEnv as _, InvalidSetting, bounded_var_or, var_or};
use webhooks_runtime::machine::Machine;
use webhooks_store::{
    AuditStore, BulkReplaysStore, CallbacksStore, DeliveriesStore, EndpointsStore, FleetStore, SecretsStore, Tables,
    TestCallsStore,
};

use crate::{ApiState, EgressAddresses, InstanceStream};

impl ApiState {
    /// Creates the state from the environment, on the tables of this client and on this stream. `TEST_CALLS_PER_MINUTE`
    /// (1 to 1,000, default 30) applies to each workspace. `EGRESS_ADDRESSES` has IP addresses with commas between them,
    /// by default none.
    ///
    /// # Errors
    /// [`InvalidSetting`] if a variable is invalid.
    pub fn from_env(
        client: &Client,
        instance_stream: InstanceStream,
        wake_ups: WakeUps,
        sender: Arc<Sender>,
    ) -> Result<Self, InvalidSetting> {
        let tables = Tables::from_env()?;
        let test_calls_per_minute = bounded_var_or("TEST_CALLS_PER_MINUTE", 30, 1, 1_000)?;
        Ok(Self {
            callbacks: CallbacksStore::from_env(client.clone(), &*tables.webhooks)?,
            endpoints: EndpointsStore::from_env(client.clone(), &*tables.webhooks)?,
            fleet: FleetStore::new(client.clone(), &*tables.webhooks),
            secrets: SecretsStore::from_env(client.clone(), &*tables.webhooks)?,
            audit: AuditStore::from_env(client.clone(), &*tables.webhooks)?,
            bulk_replays: BulkReplaysStore::new(client.clone(), &*tables.webhooks),
            test_calls: TestCallsStore::new(client.clone(), tables.webhooks, test_calls_per_minute),
            deliveries: DeliveriesStore::from_env(client.clone(), tables.deliveries)?,
            instance_stream,
            wake_ups,
            sender,
            egress_addresses: var_or("EGRESS_ADDRESSES", EgressAddresses::default())?,
            access: Arc::new(AccessSettings::from_env()?),
            world: Arc::new(Machine),
        })
    }
}
