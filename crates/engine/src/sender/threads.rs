//! The threads that serve connections.
//!
//! A receiver can keep its connection's task busy without a pause, for instance by endless interim responses (1xx),
//! which the client reads one after the other without limit. Everything else on that task's thread waits for it,
//! including deadlines. Therefore connections are served on threads of their own, those of a workspace on one: the
//! kernel divides the processor fairly among threads, whatever they do. Deadlines are kept by the thread that makes the
//! attempt.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use foldhash::HashMap;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use webhooks_model::workspace::WorkspaceId;

/// Maximum number of threads. They are started on demand.
const THREADS: usize = 16;

/// Stack size of a thread, in bytes. Its work is on the heap; unoptimised builds need most of it.
const STACK_BYTES: usize = 1 << 20;

/// Threads, each with its own `T`, such as a pool of the connections that it serves.
pub(super) struct Threads<T> {
    make: Box<dyn Fn() -> io::Result<T> + Send + Sync>,
    state: Mutex<State<T>>,
}

/// A thread in use by an attempt. Until it is dropped, others of the same workspace get the same thread.
pub(super) struct Taken<T> {
    threads: Arc<Threads<T>>,
    workspace: WorkspaceId,
}

struct State<T> {
    started: [Option<Thread<T>>; THREADS],
    use_of: Use,
}

struct Thread<T> {
    runtime: Handle,
    own: Arc<T>,
    /// Dropping it ends the thread, and with it its connections.
    _until: oneshot::Sender<()>,
}

/// Use of the threads: workspaces, and number of attempts. Pure.
#[derive(Default)]
struct Use {
    workspaces: HashMap<WorkspaceId, (usize, usize)>,
    attempts: [usize; THREADS],
}

impl<T> Threads<T> {
    /// Creates the set without any thread; `make` is called for each thread that is started.
    pub(super) fn new(make: impl Fn() -> io::Result<T> + Send + Sync + 'static) -> Arc<Self> {
        let started = std::array::from_fn(|_| None);
        Arc::new(Self { make: Box::new(make), state: Mutex::new(State { started, use_of: Use::default() }) })
    }

    /// Returns the workspace's thread, and its `T`.
    ///
    /// # Errors
    /// [`io::Error`] if the system has no further thread, or if `make` fails for it.
    pub(super) fn take(self: &Arc<Self>, workspace: &WorkspaceId) -> io::Result<(Handle, Arc<T>, Taken<T>)> {
        let mut state = self.lock();
        let number = state.use_of.take(workspace);
        let thread = match &state.started[number] {
            Some(thread) => Ok(thread.shared()),
            None => (self.make)().and_then(Thread::start).map(|thread| state.started[number].insert(thread).shared()),
        };
        if thread.is_err() {
            state.use_of.give_back(workspace);
        }
        let (runtime, own) = thread?;
        Ok((runtime, own, Taken { threads: Arc::clone(self), workspace: workspace.clone() }))
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Drop for Taken<T> {
    fn drop(&mut self) {
        self.threads.lock().use_of.give_back(&self.workspace);
    }
}

impl<T> std::fmt::Debug for Threads<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Threads").finish_non_exhaustive()
    }
}

impl<T> Thread<T> {
    fn start(own: T) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (until, ended) = oneshot::channel::<()>();
        let serve = move || _ = runtime.block_on(ended);
        thread::Builder::new().name("connections".to_owned()).stack_size(STACK_BYTES).spawn(serve)?;
        Ok(Self { runtime: handle, own: Arc::new(own), _until: until })
    }

    fn shared(&self) -> (Handle, Arc<T>) {
        (self.runtime.clone(), Arc::clone(&self.own))
    }
}

impl Use {
    /// Takes the thread that the workspace already uses.
    ///
    /// Otherwise it is the first unused one from the usual one on, or the least used one if all are in use.
    fn take(&mut self, workspace: &WorkspaceId) -> usize {
        let thread = match self.workspaces.get_mut(workspace) {
            Some((thread, attempts)) => {
                *attempts += 1;
                *thread
            }
            None => {
                let usual = usual(workspace);
                let from_usual_on = (0..THREADS).map(|next| (usual + next) % THREADS);
                let thread = from_usual_on.min_by_key(|thread| self.attempts[*thread]).unwrap_or(usual);
                self.workspaces.insert(workspace.clone(), (thread, 1));
                thread
            }
        };
        self.attempts[thread] += 1;
        thread
    }

    fn give_back(&mut self, workspace: &WorkspaceId) {
        let Some((thread, attempts)) = self.workspaces.get_mut(workspace) else { return };
        self.attempts[*thread] -= 1;
        *attempts -= 1;
        if *attempts == 0 {
            self.workspaces.remove(workspace);
        }
    }
}

/// Returns the workspace's usual thread, which may still have its open connections.
fn usual(workspace: &WorkspaceId) -> usize {
    let mut hasher = DefaultHasher::new();
    workspace.hash(&mut hasher);
    hasher.finish() as usize % THREADS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace(number: usize) -> WorkspaceId {
        WorkspaceId::try_from(format!("w{number}")).unwrap()
    }

    #[test]
    fn workspaces_share_no_thread_until_there_are_more_of_them_than_threads() {
        let mut uses = Use::default();
        let mut threads: Vec<_> = (0..THREADS).map(|number| uses.take(&workspace(number))).collect();
        threads.sort_unstable();
        assert_eq!(threads, (0..THREADS).collect::<Vec<_>>());
        for number in 1..THREADS {
            uses.take(&workspace(number)); // all but the first have two attempts
        }
        let first = uses.take(&workspace(0));
        uses.give_back(&workspace(0));
        assert_eq!(uses.take(&workspace(THREADS)), first, "the least used one");
    }

    #[test]
    fn a_workspace_stays_on_its_thread_and_comes_back_to_it() {
        let mut uses = Use::default();
        let thread = uses.take(&workspace(0));
        assert_eq!(uses.take(&workspace(0)), thread);
        uses.give_back(&workspace(0));
        uses.give_back(&workspace(0));
        assert!(uses.workspaces.is_empty() && uses.attempts == [0; THREADS], "what is given back is forgotten");
        assert_eq!(uses.take(&workspace(0)), thread);
    }

    #[test]
    fn a_thread_that_never_pauses_holds_up_no_other() {
        let threads = Threads::new(|| Ok(()));
        let (busy, _, _taken) = threads.take(&workspace(0)).unwrap();
        let (free, ..) = threads.take(&workspace(1)).unwrap();
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        busy.spawn(async move { while stopped.try_recv() != Err(std::sync::mpsc::TryRecvError::Disconnected) {} });
        let (done, seen) = std::sync::mpsc::channel();
        free.spawn(async move { done.send(()).unwrap() });
        seen.recv().unwrap();
        drop(stop);
    }
}
