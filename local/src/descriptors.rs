//! File descriptors: as many as the system grants, most of them reserved for callbacks.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Number of descriptors that the program asks for. macOS grants no more, and the program needs no more.
const ENOUGH: u64 = 10_240;

/// Bounds on the number of callers' connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Connections {
    /// Connections at the port of console and API.
    pub(crate) api: usize,
    /// Connections at the port of the embedded engine. Each takes three descriptors: its own, and both ends of the one
    /// behind it.
    pub(crate) engine: usize,
}

impl Connections {
    /// Computes the bounds: at most five sixteenths of all descriptors, so that the rest is left for callbacks, tables
    /// and files.
    pub(crate) fn of(descriptors: u64) -> Self {
        let part = |of: u64| usize::try_from((descriptors / of).clamp(8, 512)).unwrap_or(512);
        Self { api: part(8), engine: part(16) }
    }
}

/// Raises this process's limit as far as it may, up to [`ENOUGH`]; returns the limit after that.
pub(crate) fn raise() -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.unwrap_or(ENOUGH).min(ENOUGH);
    match current {
        Some(current) if current < wanted => {
            match setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }) {
                Ok(()) => wanted,
                Err(error) => {
                    tracing::warn!(current, wanted, "the limit of open files cannot be raised: {error}");
                    current
                }
            }
        }
        current => current.unwrap_or(ENOUGH),
    }
}

#[cfg(test)]
mod tests {
    use super::Connections;

    #[test]
    fn callers_leave_most_descriptors_to_callbacks() {
        for (descriptors, api, engine) in
            [(256, 32, 16), (1_024, 128, 64), (4_096, 512, 256), (10_240, 512, 512), (1 << 40, 512, 512)]
        {
            let connections = Connections::of(descriptors);
            assert_eq!(connections, Connections { api, engine }, "{descriptors}");
            assert!((api + 3 * engine) as u64 * 16 <= descriptors * 5, "{descriptors}");
        }
    }
}
