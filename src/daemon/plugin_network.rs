//! The way out for plugins that were granted a host.

use std::{net::IpAddr, sync::mpsc, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use tokio::runtime::Handle;

use crate::{egress, plugin::host::Fetch};

/// Time for an answer to get from the runtime to the thread that waits, beyond the request's own limit.
const HANDOVER: Duration = Duration::from_secs(1);

/// Sends plugins' requests through the daemon's one HTTP client.
pub struct PluginNetwork {
    pub client: egress::Client,
    pub runtime: Handle,
}

impl Fetch for PluginNetwork {
    fn fetch(&self, request: Request<Bytes>, timeout: Duration) -> Result<Response<Bytes>, String> {
        // Names are resolved and checked; only a loopback address that was granted literally may be private.
        let host = request.uri().host().unwrap_or_default().trim_matches(['[', ']']);
        let allow_private = host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        let (done, answer) = mpsc::sync_channel(1);
        let client = self.client.clone();
        self.runtime.spawn(async move {
            let _ = done.send(client.send(request, allow_private, timeout).await);
        });
        match answer.recv_timeout(timeout + HANDOVER) {
            Ok(result) => result.map_err(|error| error.to_string()),
            Err(_) => Err("the daemon is too busy or stopping".to_owned()),
        }
    }
}
