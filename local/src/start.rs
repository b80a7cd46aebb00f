//! The start of the program: its parts, in the order in which each needs the ones before it.

use crate::{
    Arguments, console,
    data::DataFolder,
    descriptors::{self, Connections},
    engine::{self, Embedded},
    follow::Follower,
    function::FanoutFunction,
    lifecycle::Parts,
    listen,
    serve::{Places, serve},
    sign_in::SignIn,
    tables,
    template::{FunctionDefinition, MappingDefinition, Template},
    try_it,
    wake_ups::Timer,
};
use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use axum::Router;
use console_assets::Origins;
use event_source_mapping::Checkpoints;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use webhooks_api::{ApiState, InstanceStream, StreamPlace};
use webhooks_engine::{
    endpoint_events::{Destination, EndpointEvents},
    fanout::Fanout,
    retry::Retry,
    sender::{Sender, SenderSettings},
    wake_up::WakeUps,
};
use webhooks_model::{address::Networks, event::EventSettings};
use webhooks_runtime::env::FromEnv as _;

/// What the parts are started from, and what runs them.
pub(crate) struct Start<'a> {
    pub(crate) arguments: &'a Arguments,
    pub(crate) folder: &'a DataFolder,
    pub(crate) engine: &'a mut Parts,
    pub(crate) service: &'a mut Parts,
    /// Stops the service.
    pub(crate) stop: &'a CancellationToken,
    /// Stops the engine, after the service.
    pub(crate) stop_engine: &'a CancellationToken,
}

/// The DynamoDB that the program works on.
struct Database {
    /// Its address, as users write it.
    endpoint: String,
    config: SdkConfig,
    client: Client,
    /// A client like those of other programs.
    caller: Client,
    /// Receiver that changes after a write, if the engine can signal it.
    writes: Option<watch::Receiver<()>>,
}

impl Start<'_> {
    /// Starts all parts; returns the line that reports them as ready.
    pub(crate) async fn all(mut self) -> anyhow::Result<String> {
        let connections = Connections::of(descriptors::raise());
        let console = console::settings(self.arguments, Origins::default());
        let sign_in = SignIn::of(self.arguments, &console.connect)?;
        let listener = listen::on(self.arguments.bind, self.arguments.port, "the API", "--port").await?;
        let address = listener.local_addr()?;
        let checkpoints = Arc::new(checkpoints(self.folder)?);
        let template = Template::deployed()?;

        let Database { endpoint, config, client, caller, writes } =
            self.database(Places::new(connections.engine), &checkpoints).await?;
        tables::prepare(&client, &endpoint, &template).await?;

        let table = tables::instances();
        let ready = format!(
            "Instance Webhooks is ready: console and API http://{address}, DynamoDB {endpoint} (table {table})"
        );
        let http = Arc::new(self.sender()?);
        let slice = template.resource::<FunctionDefinition>("RetryFunction")?.timeout();
        let wake_ups = self.timer(&client, address, slice)?;
        let function = FanoutFunction::new(
            Fanout::from_env(&client, wake_ups.clone(), Arc::clone(&http))?,
            template.resource::<FunctionDefinition>("FanoutFunction")?.timeout(),
        );
        let stream = InstanceStream {
            config: config.clone(),
            place: StreamPlace::OfTable { client: client.clone(), table: table.clone() },
            events: Arc::new(EventSettings::from_env()?),
        };
        let follower = Follower {
            table: table.clone(),
            client: client.clone(),
            config,
            writes,
            function,
            settings: template.resource::<MappingDefinition>("InstanceStreamMapping")?.into(),
            checkpoints,
            failures: self.folder.file("failed-batches.jsonl"),
        };
        self.stream_reader(follower).await?;

        let api = webhooks_api::router(ApiState::from_env(&client, stream, wake_ups, http)?);
        let try_it = match console.try_it {
            true => {
                let instances = try_it::Instances { client: caller, table, names: EventSettings::from_env()? };
                try_it::router(instances, connections.api / 2, self.stop.clone())
            }
            false => Router::new(),
        };
        console::warn_if_not_built();
        sign_in.prepare();
        let router = sign_in.before(api, console_assets::router(console).merge(try_it));
        let serving = serve(listener, router, Places::new(connections.api), self.stop.clone());
        self.service.start("the API", async move {
            serving.await;
            Ok(())
        });
        Ok(ready)
    }

    /// Returns the database that the arguments name; without one it starts the embedded engine.
    async fn database(&mut self, places: Arc<Places>, checkpoints: &Arc<Checkpoints>) -> anyhow::Result<Database> {
        let (url, config, callers, writes) = match &self.arguments.dynamodb_endpoint {
            Some(endpoint) => {
                let config = engine::external(endpoint).await?;
                (endpoint.clone(), config.clone(), config, None)
            }
            None => {
                let engine = Embedded::open(self.folder, self.arguments.dynamodb_port).await?;
                let (url, writes) = (engine.url().clone(), engine.writes());
                let checkpoints = Arc::clone(checkpoints);
                let housekeeping = engine.housekeeping(Box::new(move || checkpoints.consumed()));
                let upkeep = housekeeping.run(self.stop_engine.clone());
                self.engine.start("the upkeep of the embedded DynamoDB", upkeep);
                let (config, callers) = (engine::own(engine.own_url()).await, engine::loopback(&url).await);
                let serving = engine.serve(places, self.stop_engine.clone());
                self.engine.start("the embedded DynamoDB", serving);
                (url, config, callers, Some(writes))
            }
        };
        let endpoint = url.as_str().trim_end_matches('/').to_owned();
        let (client, caller) = (webhooks_runtime::aws::dynamodb(&config), webhooks_runtime::aws::dynamodb(&callers));
        Ok(Database { endpoint, config, client, caller, writes })
    }

    /// Starts the retry engine and its timer; returns where to send wake-ups.
    fn timer(&mut self, client: &Client, address: SocketAddr, slice: Duration) -> anyhow::Result<WakeUps> {
        let (sender, receiver) = mpsc::unbounded_channel();
        let wake_ups = WakeUps::Timer(sender);
        // Each function on AWS has its own sender, too: a drain of a slow endpoint leaves room for the stream's attempts.
        let drains = Arc::new(self.sender()?);
        let console = format!("http://{address}/").parse()?;
        let endpoint_events = EndpointEvents { console, destination: Destination::Log };
        let retry = Retry::from_env(client, wake_ups.clone(), drains, endpoint_events)?;
        let timer = Timer { retry: Arc::new(retry), slice, wake_ups: receiver };
        self.service.start("the timer of wake-ups", timer.run(self.stop.clone()));
        Ok(wake_ups)
    }

    /// Starts the reader of the instance table's stream, and the function that it invokes.
    async fn stream_reader(&mut self, follower: Follower<FanoutFunction>) -> anyhow::Result<()> {
        let function = follower.function.clone();
        let stream = follower.stream().await?;
        let follow = follower.run(stream, self.stop.clone());
        self.service.start("the reader of the stream", async move {
            let followed = follow.await;
            function.finished().await;
            followed
        });
        Ok(())
    }

    /// Returns a sender. Receivers on this machine are allowed, because first tests use them. Other addresses of its
    /// network need `--allow-network`.
    fn sender(&self) -> anyhow::Result<Sender> {
        let mut settings = SenderSettings::from_env()?;
        let Networks(loopback) = "127.0.0.0/8,::1/128".parse()?;
        settings.policy.allow(loopback);
        settings.policy.allow(self.arguments.allow_network.iter().copied());
        settings.policy.https_only |= self.arguments.https_only;
        Ok(Sender::new(settings)?)
    }
}

fn checkpoints(folder: &DataFolder) -> anyhow::Result<Checkpoints> {
    match folder.is_kept() {
        true => Ok(Checkpoints::open(&folder.file("checkpoints.json"))?),
        false => Ok(Checkpoints::in_memory()),
    }
}
